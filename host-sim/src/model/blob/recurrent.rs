//! An LSTM or a GRU in a model.

use super::put;
use super::record::Record;
use bellwether::model::{Cell, QuantParams};

/// Units whose weights lie together.
const UNITS: usize = 4;

/// A recurrent layer. Weights and biases lie gate by gate, unit by unit here; the writer puts
/// four units together.
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentLayer {
    /// How the state is carried on.
    pub cell: Cell,
    /// Frames it takes.
    pub frames: usize,
    /// Values of a frame.
    pub channels: usize,
    /// Values of its state.
    pub units: usize,
    /// Whether it gives the state after every frame.
    pub sequence: bool,
    /// Whether its inputs take 16 bits.
    pub wide_inputs: bool,
    /// Fractional bits of the inputs of sigmoid and tanh, at most 12.
    pub bits: u8,
    /// From a frame to the gates.
    pub input: GateWeights,
    /// From the state to the gates.
    pub state: GateWeights,
    /// 513 entries.
    pub sigmoid: Vec<i16>,
    /// 513 entries.
    pub tanh: Vec<i16>,
}

/// Weights and biases of all gates for a frame, or for the state.
#[derive(Clone, Debug, PartialEq)]
pub struct GateWeights {
    /// Gates times units rows.
    pub weights: Vec<i8>,
    /// Gates times units; a frame's zero point is folded in.
    pub biases: Vec<i32>,
    /// (31-bit multiplier, shift) to the bits that sigmoid and tanh take.
    pub multiplier: (i32, i32),
}

impl RecurrentLayer {
    /// The grid of its outputs.
    pub const OUTPUT: QuantParams = QuantParams {
        scale: 1.0 / 32_768.0,
        zero_point: 0,
        wide: true,
    };

    pub(super) fn outputs(&self) -> usize {
        self.units * if self.sequence { self.frames } else { 1 }
    }

    pub(super) fn spare(&self) -> usize {
        self.channels.next_multiple_of(2) + 3 * self.units.next_multiple_of(2)
    }

    /// Rows in their stored order: four units of a gate, then of the next gate; `None` where
    /// there is no such unit.
    fn rows(&self) -> impl Iterator<Item = Option<usize>> {
        let (units, gates) = (self.units, self.cell.gates());
        (0..units).step_by(UNITS).flat_map(move |first| {
            (0..gates).flat_map(move |gate| {
                (first..first + UNITS).map(move |unit| (unit < units).then(|| gate * units + unit))
            })
        })
    }

    pub(super) fn block(&self, out: &mut Vec<u8>) {
        let parts = [(&self.input, self.channels), (&self.state, self.units)];
        for (part, _) in parts {
            for row in self.rows() {
                put(out, row.map_or(0, |row| part.biases[row]).to_le_bytes());
            }
        }
        for (part, _) in parts {
            put(out, part.multiplier.0.to_le_bytes());
            put(out, part.multiplier.1.to_le_bytes());
        }
        for entry in self.sigmoid.iter().chain(&self.tanh) {
            put(out, entry.to_le_bytes());
        }
        for (part, inputs) in parts {
            for row in self.rows() {
                let weights = row.map(|row| &part.weights[row * inputs..(row + 1) * inputs]);
                match weights {
                    Some(weights) => out.extend(weights.iter().map(|w| w.cast_unsigned())),
                    None => out.resize(out.len() + inputs, 0),
                }
            }
        }
    }

    pub(super) fn record(&self) -> Record {
        let mut own = Vec::new();
        own.extend((self.channels as u16).to_le_bytes());
        own.extend((self.units as u16).to_le_bytes());
        own.extend([
            self.bits,
            self.sequence.into(),
            Record::bits(self.wide_inputs),
        ]);
        Record {
            kind: match self.cell {
                Cell::Lstm => 4,
                Cell::Gru => 5,
            },
            activation: 0,
            multipliers: 0,
            order: 0,
            inputs: self.frames * self.channels,
            outputs: self.outputs(),
            output: Self::OUTPUT,
            rounding: None,
            range: (Self::OUTPUT.low(), Self::OUTPUT.high()),
            own,
        }
    }
}
