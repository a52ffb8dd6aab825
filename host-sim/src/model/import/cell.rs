//! A recurrent layer whose gates lie in another order.

use crate::model::float::FloatRecurrent;
use anyhow::{Result, ensure};

/// As [`FloatRecurrent`], gates in the order of a framework.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Frames it takes.
    pub frames: usize,
    /// Values of a frame.
    pub channels: usize,
    /// Values of its state.
    pub units: usize,
    /// Gates times `units` rows of `channels` weights.
    pub kernel: Vec<f32>,
    /// Gates times `units` rows of `units` weights.
    pub recurrent: Vec<f32>,
    /// Beside the kernel.
    pub biases: Vec<f32>,
    /// Beside the recurrent weights.
    pub recurrent_biases: Vec<f32>,
    /// Whether it gives the state after every frame.
    pub sequence: bool,
}

impl Cell {
    /// The layer. Its gate `k` is the framework's gate `gates[k]`.
    ///
    /// # Errors
    /// There are not as many numbers as the shape needs.
    pub fn in_order<const G: usize>(self, gates: [usize; G]) -> Result<FloatRecurrent> {
        let pick = |what: &str, all: &[f32], row: usize| -> Result<Vec<f32>> {
            let block = self.units.saturating_mul(row);
            ensure!(
                block > 0 && block.checked_mul(G) == Some(all.len()),
                "{} {what} for {G} gates of {} units with {row}",
                all.len(),
                self.units
            );
            let blocks: Vec<&[f32]> = all.chunks(block).collect();
            Ok(gates.iter().flat_map(|k| blocks[*k]).copied().collect())
        };
        Ok(FloatRecurrent {
            frames: self.frames,
            channels: self.channels,
            units: self.units,
            kernel: pick("weights", &self.kernel, self.channels)?,
            recurrent: pick("recurrent weights", &self.recurrent, self.units)?,
            biases: pick("biases", &self.biases, 1)?,
            recurrent_biases: pick("recurrent biases", &self.recurrent_biases, 1)?,
            sequence: self.sequence,
        })
    }
}
