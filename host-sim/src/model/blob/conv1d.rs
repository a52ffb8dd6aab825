//! A convolution along the frames in a model.

use super::DenseLayer;
use super::record::Record;

/// A dense layer that slides along the frames.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv1dLayer {
    /// From the values of the frames under the kernel to those of one, oldest frame first.
    pub dense: DenseLayer,
    /// Frames it takes.
    pub frames: usize,
    /// Values of a frame it takes.
    pub channels: usize,
    /// Frames from one output to the next.
    pub stride: usize,
    /// Frames of zeros put before the first.
    pub before: usize,
    /// Frames of zeros put behind the last.
    pub after: usize,
    /// The integer that represents zero among its inputs.
    pub zero: i16,
}

impl Conv1dLayer {
    fn kernel(&self) -> usize {
        self.dense.inputs / self.channels.max(1)
    }

    pub(super) fn inputs(&self) -> usize {
        self.frames * self.channels
    }

    pub(super) fn outputs(&self) -> usize {
        let padded = self.frames + self.before + self.after;
        let room = padded.saturating_sub(self.kernel());
        (room / self.stride.max(1) + 1) * self.dense.outputs
    }

    pub(super) fn record(&self) -> Record {
        let mut own = Vec::new();
        own.extend((self.channels as u16).to_le_bytes());
        own.extend((self.dense.outputs as u16).to_le_bytes());
        let counts = [self.kernel(), self.stride, self.before, self.after];
        own.extend(counts.map(|count| count as u8));
        own.push(Record::bits(self.dense.wide_inputs));
        own.extend(self.zero.to_le_bytes());
        Record {
            own,
            ..self.dense.sums(3, self.inputs(), self.outputs())
        }
    }
}
