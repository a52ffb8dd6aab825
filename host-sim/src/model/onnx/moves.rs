//! Operators that only move data: the same for constants and for computed values.

use super::node::Node;
use crate::model::WIDEST;
use crate::model::import::view::{View, sizes};
use anyhow::{Context, Result, bail, ensure};

/// The moved view; `None` if the operator is not one that only moves data.
///
/// # Errors
/// It does not fit the view.
pub fn moved(node: &Node<'_>, view: &View) -> Result<Option<View>> {
    Ok(Some(match node.op() {
        "Identity" => view.clone(),
        "Dropout" => {
            let training = node.optional(2)?.map(|t| t.ints().map(<[_]>::to_vec));
            let training = training.transpose()?.unwrap_or_default();
            ensure!(
                training.iter().all(|t| *t == 0),
                "it is in training mode; export for inference"
            );
            view.clone()
        }
        "Reshape" => {
            let wanted = node.ints_of(1, "shape")?.context("no shape")?;
            let copies = node.int("allowzero", 0) == 0;
            let size = |(k, wanted): (usize, &i64)| match view.shape().get(k) {
                Some(own) if *wanted == 0 && copies => i64::try_from(*own).unwrap_or(0),
                _ => *wanted,
            };
            let wanted: Vec<i64> = wanted.iter().enumerate().map(size).collect();
            view.reshaped(&wanted)?
        }
        "Flatten" => view.flattened(node.int("axis", 1))?,
        "Squeeze" => view.squeezed(node.ints_of(1, "axes")?.as_deref())?,
        "Unsqueeze" => view.unsqueezed(&node.ints_of(1, "axes")?.context("no axes")?)?,
        "Transpose" => view.transposed(node.ints("perm"))?,
        "Expand" => {
            let to = sizes(node.constant(1)?.ints()?)?;
            let rank = to.len().max(view.shape().len());
            let padded = |shape: &[usize]| {
                let mut all = vec![1; rank - shape.len()];
                all.extend_from_slice(shape);
                all
            };
            let pairs = padded(&to).into_iter().zip(padded(view.shape()));
            let to: Vec<usize> = pairs.map(|(a, b)| a.max(b)).collect();
            view.broadcast(&to, WIDEST)?
        }
        "Gather" => gathered(node, view)?,
        "Slice" => sliced(node, view)?,
        _ => return Ok(None),
    }))
}

/// One index removes its axis, several keep it.
fn gathered(node: &Node<'_>, view: &View) -> Result<View> {
    let (axis, indices) = (node.int("axis", 0), node.constant(1)?);
    let size = view.shape()[view.axis(axis)?];
    let positions = indices.ints()?.iter().map(|k| position(*k, size));
    let taken = view.taken(axis, &positions.collect::<Result<Vec<_>>>()?)?;
    match indices.shape.len() {
        0 => taken.squeezed(Some(&[axis])),
        1 => Ok(taken),
        rank => bail!("indices of {rank} axes"),
    }
}

/// Half-open ranges with a step along some axes.
fn sliced(node: &Node<'_>, view: &View) -> Result<View> {
    let starts = node.ints_of(1, "starts")?.context("no starts")?;
    let ends = node.ints_of(2, "ends")?.context("no ends")?;
    let axes = node.ints_of(3, "axes")?;
    let axes = axes.unwrap_or_else(|| (0..).take(starts.len()).collect());
    let steps = node.ints_of(4, "steps")?;
    let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
    ensure!(
        [ends.len(), axes.len(), steps.len()] == [starts.len(); 3],
        "starts, ends, axes and steps are not as many"
    );
    let mut view = view.clone();
    for (((start, end), axis), step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let size = i64::try_from(view.shape()[view.axis(*axis)?])?;
        ensure!(*step > 0, "step {step}; only steps above 0 are read");
        let at = |k: i64| if k < 0 { k.saturating_add(size) } else { k };
        let (start, end) = (at(*start).clamp(0, size), at(*end).clamp(0, size));
        let step = usize::try_from(*step)?;
        let positions = (usize::try_from(start)?..usize::try_from(end)?).step_by(step);
        view = view.taken(*axis, &positions.collect::<Vec<_>>())?;
    }
    Ok(view)
}

/// A position; negative ones count from the end.
fn position(k: i64, size: usize) -> Result<usize> {
    let from_front = if k < 0 {
        k.saturating_add(i64::try_from(size)?)
    } else {
        k
    };
    usize::try_from(from_front).with_context(|| format!("position {k} of {size}"))
}
