//! Strides and padding along the axis that an operator slides along.

use crate::model::import::kernel::Padding;
use crate::model::onnx::node::Node;
use anyhow::{Context, Result, bail, ensure};

/// An operator over one axis, or two of which one has size 1.
pub struct Along<'a, 'g> {
    /// The operator.
    pub node: &'a Node<'g>,
    /// Axes besides batch and channels.
    pub axes: usize,
    /// The axis of the frames, among these.
    pub kept: usize,
}

impl Along<'_, '_> {
    /// A number for the axis, 1 if none is given.
    ///
    /// # Errors
    /// It does not fit the axes.
    pub fn number(&self, name: &str) -> Result<usize> {
        let all = self.node.ints(name);
        let all = all.map_or_else(|| vec![1; self.axes], <[_]>::to_vec);
        ensure!(all.len() == self.axes, "`{name}` has {} numbers", all.len());
        Ok(usize::try_from(all[self.kept])?)
    }

    /// Zeros around the frames; those of a Pad before are the axes' beginnings, then their ends.
    ///
    /// # Errors
    /// There are some along another axis, or the attributes do not fit.
    pub fn padding(
        &self,
        (frames, kernel): (usize, usize),
        stride: usize,
        dilation: usize,
        zeros: Option<&[i64]>,
    ) -> Result<Padding> {
        let Self { node, axes, kept } = *self;
        Ok(match &*node.text("auto_pad", "NOTSET") {
            "NOTSET" => {
                let pads = node.ints("pads");
                let pads = pads.map_or_else(|| vec![0; 2 * axes], <[_]>::to_vec);
                ensure!(pads.len() == 2 * axes, "`pads` has {} numbers", pads.len());
                let others = (0..2 * axes).filter(|k| k % axes != kept);
                ensure!(
                    others.into_iter().all(|k| pads[k] == 0),
                    "`pads` along the axis of size 1"
                );
                let zeros = zeros.unwrap_or_default();
                let along = |k: usize| zeros.get(k).copied().unwrap_or(0);
                let rank = axes + 2;
                ensure!(
                    (0..zeros.len()).all(|k| k % rank == 2 + kept || along(k) == 0),
                    "the Pad before it adds zeros along another axis"
                );
                let sum = |own: i64, more: i64| {
                    Ok::<_, anyhow::Error>(usize::try_from(own.checked_add(more).context("pads")?)?)
                };
                Padding {
                    before: sum(pads[kept], along(2 + kept))?,
                    after: sum(pads[axes + kept], along(rank + 2 + kept))?,
                }
            }
            _ if zeros.is_some() => bail!("auto_pad behind a Pad"),
            "VALID" => Padding::NONE,
            same @ ("SAME_UPPER" | "SAME_LOWER") => {
                Padding::same(frames, kernel, stride, dilation, same == "SAME_LOWER")?
            }
            other => bail!("auto_pad {other}"),
        })
    }
}

/// Zeros around a value: the axes' beginnings, then their ends.
pub fn pads(node: &Node<'_>) -> Result<Vec<i64>> {
    let mode = node.text("mode", "constant");
    ensure!(mode == "constant", "mode {mode}; only constant is read");
    let value = match node.optional(2)? {
        Some(tensor) => tensor.floats()?.first().copied().unwrap_or(0.0),
        None => node.float("value", 0.0),
    };
    ensure!(value == 0.0, "it pads with {value}; only zeros are read");
    let pads = node.ints_of(1, "pads")?.context("no pads")?;
    let rank = node.flow(0)?.shape().len();
    let Some(axes) = node.optional(3)? else {
        ensure!(
            pads.len() == 2 * rank,
            "{} pads for {rank} axes",
            pads.len()
        );
        return Ok(pads);
    };
    let axes = axes.ints()?;
    ensure!(
        pads.len() == 2 * axes.len(),
        "{} pads for {} axes",
        pads.len(),
        axes.len()
    );
    let mut all = vec![0; 2 * rank];
    for (k, axis) in axes.iter().enumerate() {
        let axis = node.flow(0)?.axis(*axis)?;
        (all[axis], all[rank + axis]) = (pads[k], pads[axes.len() + k]);
    }
    Ok(all)
}
