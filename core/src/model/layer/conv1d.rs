//! Convolutions along the frames.

use super::record::Record;
use super::{Arriving, Dense, Shape};
use crate::model::ModelError;
use crate::model::bytes::require;

/// The code in a record.
pub(super) const KIND: u8 = 3;

/// A dense layer over `kernel` neighbouring frames, repeated every `stride` frames. A kernel of 1
/// is a dense layer on each single frame.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Conv1d<'m> {
    /// The dense layer from the values of `kernel` frames to those of one, oldest frame first.
    pub dense: Dense<'m>,
    /// Number of input frames.
    pub frames: usize,
    /// Number of values in an input frame.
    pub channels: usize,
    /// Number of frames from one output to the next.
    pub stride: usize,
    /// Number of zero frames before the first.
    pub before: usize,
    /// Number of zero frames after the last.
    pub after: usize,
    /// The integer that stands for 0 among its inputs.
    pub(crate) zero: i16,
}

impl<'m> Conv1d<'m> {
    /// Number of frames behind one output.
    pub const fn kernel(&self) -> usize {
        match self.dense.inputs.checked_div(self.channels) {
            Some(kernel) => kernel,
            None => 0,
        }
    }

    /// Number of output frames.
    pub const fn frames_out(&self) -> usize {
        let padded = self.frames.saturating_add(self.before + self.after);
        match padded.checked_sub(self.kernel()) {
            Some(room) => match room.checked_div(self.stride) {
                Some(steps) => steps.saturating_add(1),
                None => 0,
            },
            None => 0,
        }
    }

    pub(super) const fn shape(&self) -> Shape {
        let frames = self.frames_out();
        Shape {
            inputs: self.frames.saturating_mul(self.channels),
            outputs: frames.saturating_mul(self.dense.outputs),
            output: self.dense.output,
            range: (self.dense.low, self.dense.high),
            macs: frames as u64 * self.dense.shape().macs,
            // The values under the kernel, in one place.
            spare: self.dense.inputs,
        }
    }

    #[inline(never)]
    pub(super) fn get(bytes: &'m [u8], record: &Record) -> Self {
        let [
            c0,
            c1,
            f0,
            f1,
            kernel,
            stride,
            before,
            after,
            bits,
            z0,
            z1,
            _,
        ] = record.own;
        let channels = usize::from(u16::from_le_bytes([c0, c1]));
        let filters = usize::from(u16::from_le_bytes([f0, f1]));
        let inputs = channels.saturating_mul(kernel.into());
        Self {
            dense: Dense::of_shape(bytes, record, (inputs, filters), bits == 16),
            frames: record.inputs.checked_div(channels).unwrap_or(0),
            channels,
            stride: stride.into(),
            before: before.into(),
            after: after.into(),
            zero: i16::from_le_bytes([z0, z1]),
        }
    }

    /// Checks the fields of the record at `at`; returns the bytes of the block.
    pub(super) fn check(
        &self,
        record: &Record,
        at: usize,
        arriving: &Arriving,
    ) -> Result<usize, ModelError> {
        let shape = self.shape();
        require(self.channels > 0, at + 28)?;
        require(self.dense.outputs > 0, at + 30)?;
        require(self.dense.inputs > 0, at + 32)?;
        require(self.stride > 0, at + 33)?;
        require(shape.inputs == record.inputs, at + 4)?;
        require(shape.outputs == record.outputs, at + 6)?;
        let [.., bits, _, _, last] = record.own;
        require(bits == arriving.grid.bits(), at + 36)?;
        require(self.zero == arriving.grid.zero_point, at + 37)?;
        require(last == 0, at + 39)?;
        self.dense.check_sums(record, at, arriving)
    }
}
