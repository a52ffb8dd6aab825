//! The sizes of a convolution along one axis, plain or transposed.

use crate::model::flatbuffer::Table;
use crate::model::import::kernel::Padding;
use crate::model::import::pool::Pool;
use crate::model::import::transposed::Transposed;
use anyhow::{Context, Result, bail, ensure};

/// The frames, channels, filters, kernel, stride and dilation of a CONV_2D or TRANSPOSE_CONV along one
/// axis.
pub(super) struct Along {
    pub(super) frames: usize,
    pub(super) channels: usize,
    pub(super) filters: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
    same: bool,
    /// Whether frames lie along the width.
    wide: bool,
}

impl Along {
    /// Input batch x height x width x channels, weights filters x height x width x channels.
    fn axis(input: &[usize], weights: &[usize], options: &Table<'_>) -> Result<Self> {
        let (frames, channels, filters, kernel, wide) = match (input, weights) {
            (&[1, 1, t, c], &[m, 1, k, own]) if own == c => (t, c, m, k, true),
            (&[1, t, 1, c], &[m, k, 1, own]) if own == c => (t, c, m, k, false),
            (x, w) => bail!(
                "input {x:?} and weights {w:?}; read are a batch of 1, one axis, and the same \
                 channels"
            ),
        };
        let stride = options.int(if wide { 1 } else { 2 }, 1, "a stride")?;
        Ok(Self {
            frames,
            channels,
            filters,
            kernel,
            stride: usize::try_from(stride)?,
            dilation: 1,
            same: match options.byte(0, 0, "a padding")? {
                0 => true,
                1 => false,
                other => bail!("padding {other}"),
            },
            wide,
        })
    }

    /// Of a CONV_2D.
    pub(super) fn of(
        input: &[usize],
        weights: &[usize],
        options: Option<Table<'_>>,
    ) -> Result<Self> {
        let options = options.context("no options")?;
        let along = Self::axis(input, weights, &options)?;
        let dilation = options.int(if along.wide { 4 } else { 5 }, 1, "a dilation")?;
        Ok(Self {
            dilation: usize::try_from(dilation)?,
            ..along
        })
    }

    /// Of a TRANSPOSE_CONV whose output has a shape; a shape that does not fit, as converters write for one
    /// that is computed, stands for the usual number of frames.
    pub(super) fn transposed(
        input: &[usize],
        weights: &[usize],
        output: &[usize],
        options: Option<Table<'_>>,
    ) -> Result<Transposed> {
        let options = options.context("no options")?;
        let Self {
            frames,
            channels,
            filters,
            kernel,
            stride,
            same,
            wide,
            ..
        } = Self::axis(input, weights, &options)?;
        let out_of_reach = "a kernel or stride out of reach";
        let last = frames.saturating_sub(1).checked_mul(stride);
        let reached = last.and_then(|last| last.checked_add(kernel));
        let reached = reached.context(out_of_reach)?;
        let usual = if same {
            frames.checked_mul(stride).context(out_of_reach)?
        } else {
            reached
        };
        let said = match *output {
            [1, 1, t, _] if wide => Some(t),
            [1, t, 1, _] if !wide => Some(t),
            _ => None,
        };
        let fits = |given: &usize| {
            if same {
                given.checked_add(stride.saturating_sub(1)) >= Some(usual) && *given <= usual
            } else {
                *given >= reached && given - reached < stride
            }
        };
        let given = said.filter(fits).unwrap_or(usual);
        Ok(Transposed {
            frames,
            channels,
            filters,
            kernel,
            stride,
            before: reached.saturating_sub(given) / 2,
            given,
        })
    }

    /// The frames before and behind.
    pub(super) fn padding(&self) -> Result<Padding> {
        if !self.same {
            return Ok(Padding::NONE);
        }
        Padding::same(self.frames, self.kernel, self.stride, self.dilation, false)
    }
}

/// The axis of the frames, the frames and the channels of an activation.
fn frames_of(shape: &[usize]) -> Result<(bool, usize, usize)> {
    match *shape {
        [1, 1, t, c] => Ok((true, t, c)),
        [1, t, 1, c] => Ok((false, t, c)),
        _ => bail!("input {shape:?}; read are a batch of 1 and one axis"),
    }
}

/// The sizes of an AVERAGE_POOL_2D or MAX_POOL_2D along one axis.
pub(super) fn pool(input: &[usize], options: Option<Table<'_>>) -> Result<Pool> {
    let options = options.context("no options")?;
    let (wide, frames, channels) = frames_of(input)?;
    let number = |across: usize, down: usize| -> Result<usize> {
        let found = options.int(if wide { across } else { down }, 0, "a size")?;
        Ok(usize::try_from(found)?)
    };
    let (stride, kernel) = (number(1, 2)?, number(3, 4)?);
    let across = options.int(if wide { 4 } else { 3 }, 0, "a size")?;
    ensure!(across == 1, "it pools along two axes");
    let padding = match options.byte(0, 0, "a padding")? {
        0 => Padding::same(frames, kernel, stride, 1, false)?,
        _ => Padding::NONE,
    };
    Ok(Pool {
        frames,
        channels,
        kernel,
        stride,
        padding,
    })
}

/// How often RESIZE_NEAREST_NEIGHBOR gives each frame; then the frames and channels it takes.
pub(super) fn enlarged(
    input: &[usize],
    output: &[usize],
    options: Option<Table<'_>>,
) -> Result<(usize, (usize, usize))> {
    let (wide, frames, channels) = frames_of(input)?;
    let flag = |field| options.map_or(Ok(0), |o| o.byte(field, 0, "a flag"));
    ensure!(flag(0)? == 0, "it aligns corners, which is not read");
    let given = match *output {
        [1, 1, t, c] if wide && c == channels => t,
        [1, t, 1, c] if !wide && c == channels => t,
        _ => bail!("output {output:?} from {input:?}; read is one axis"),
    };
    ensure!(
        frames > 0 && given > 0 && given.is_multiple_of(frames),
        "{given} frames from {frames}, no whole factor"
    );
    Ok((given / frames, (frames, channels)))
}
