//! A function of single values in a model.

use super::put;
use super::record::Record;
use bellwether::model::layer::lookup::{NARROW, WIDE};
use bellwether::model::{Function, QuantParams};

/// A function of each value by itself, as a table; or one for each channel in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct LookupLayer {
    /// Values it takes and gives.
    pub values: usize,
    /// Whether its inputs take 16 bits.
    pub wide_inputs: bool,
    /// The quantisation of its outputs.
    pub output: QuantParams,
    /// The tabulated function.
    pub function: Function,
    /// For each table 256 entries for inputs of 8 bits, 513 for 16.
    pub table: Vec<i16>,
}

impl LookupLayer {
    pub(super) fn block(&self, out: &mut Vec<u8>) {
        for entry in &self.table {
            put(out, entry.to_le_bytes());
        }
    }

    pub(super) fn record(&self) -> Record {
        let code = Function::ALL.iter().position(|f| *f == self.function);
        let each = if self.wide_inputs { WIDE } else { NARROW };
        let more = (self.table.len() / each).saturating_sub(1) as u16;
        let [low, high] = more.to_le_bytes();
        let least = self.table.iter().min().copied().unwrap_or(0);
        let most = self.table.iter().max().copied().unwrap_or(0);
        Record {
            kind: 2,
            activation: code.unwrap_or(0) as u8,
            multipliers: 0,
            order: 0,
            inputs: self.values,
            outputs: self.values,
            output: self.output,
            range: (least, most),
            rounding: None,
            own: vec![Record::bits(self.wide_inputs), 0, low, high],
        }
    }
}
