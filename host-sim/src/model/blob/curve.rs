//! Sigmoid or tanh of values of 16 bits in a model.

use super::put;
use super::record::Record;
use bellwether::model::{Curve, Function};

/// Sigmoid or tanh of each value by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct CurveLayer {
    /// Values it takes and gives.
    pub values: usize,
    /// Tanh or sigmoid.
    pub function: Function,
    /// Steps per input step, times `2^shift`: 1 to 32,767.
    pub multiplier: u16,
    /// 0 to 30.
    pub shift: u8,
    /// 256 entries: the sigmoid above 0, times 2^16.
    pub table: Vec<u16>,
}

impl CurveLayer {
    pub(super) fn block(&self, out: &mut Vec<u8>) {
        for entry in &self.table {
            put(out, entry.to_le_bytes());
        }
    }

    pub(super) fn record(&self) -> Record {
        let code = Function::ALL.iter().position(|f| *f == self.function);
        let [low, high] = self.multiplier.to_le_bytes();
        let output = Curve::OUTPUT;
        Record {
            kind: 6,
            activation: code.unwrap_or(0) as u8,
            multipliers: 0,
            order: 0,
            inputs: self.values,
            outputs: self.values,
            output,
            range: (output.low(), output.high()),
            rounding: None,
            own: vec![Record::bits(true), self.shift, low, high],
        }
    }
}
