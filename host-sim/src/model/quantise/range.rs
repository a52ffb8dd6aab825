//! The ranges that values reach, and the grids made of them.

use crate::model::float::{FloatLayer, FloatNet, Function};
use bellwether::model::QuantParams;

/// Smallest and largest value, 0 always included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// Smallest.
    pub low: f32,
    /// Largest.
    pub high: f32,
}

impl Range {
    /// Takes values in. What is not finite is left out.
    pub fn add(&mut self, values: &[f32]) {
        for &x in values.iter().filter(|x| x.is_finite()) {
            self.low = self.low.min(x);
            self.high = self.high.max(x);
        }
    }

    /// So many times as far on both sides.
    pub(super) fn times(self, factor: f32) -> Self {
        Self {
            low: factor * self.low,
            high: factor * self.high,
        }
    }

    /// Largest absolute value.
    pub const fn peak(&self) -> f32 {
        (-self.low).max(self.high)
    }
}

/// The ranges of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerRange {
    /// Of its outputs.
    pub outputs: Range,
    /// Of its sums, before the function that follows them; of all that sigmoid, tanh and the
    /// cell take in recurrent layers.
    pub sums: Range,
}

/// Largest number of stored rows. At twice as many, every second one is dropped.
const KEPT: usize = 2_048;

/// Ranges of all layers over the calibration rows, and some of the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranges {
    layers: Vec<LayerRange>,
    /// Of every output of every layer.
    outputs: Vec<Vec<Range>>,
    rows: Vec<Vec<f32>>,
}

impl Ranges {
    /// Runs the network over rows of scaled inputs.
    pub fn observe<'a>(net: &FloatNet, rows: impl Iterator<Item = &'a [f32]>) -> Self {
        // A layer whose sums go through a table is looked at twice: with and without it.
        let bare = net.layers.iter().map(without_function);
        let bare: Vec<Option<FloatNet>> = bare.collect();
        let mut all = vec![LayerRange::default(); net.layers.len()];
        let each = net
            .layers
            .iter()
            .map(|layer| vec![Range::default(); layer.outputs()]);
        let mut each: Vec<Vec<Range>> = each.collect();
        let (mut kept, mut every) = (Vec::new(), 1);
        for (number, row) in rows.enumerate() {
            if number.is_multiple_of(every) {
                if kept.len() == KEPT {
                    kept = kept.into_iter().step_by(2).collect();
                    every *= 2;
                }
                if number.is_multiple_of(every) {
                    kept.push(row.to_vec());
                }
            }
            let mut before = row.to_vec();
            net.run_layers(row, |k, outputs| {
                let range = &mut all[k];
                range.outputs.add(outputs);
                for (range, output) in each[k].iter_mut().zip(outputs) {
                    range.add(&[*output]);
                }
                match (&net.layers[k], &bare[k]) {
                    (_, Some(net)) => range.sums.add(&net.forward(&before)),
                    (FloatLayer::Lstm(cell), _) => {
                        cell.lstm(&before, |x| range.sums.add(&[x as f32]));
                    }
                    (FloatLayer::Gru(cell), _) => {
                        cell.gru(&before, |x| range.sums.add(&[x as f32]));
                    }
                    _ => range.sums.add(outputs),
                }
                before = outputs.to_vec();
            });
        }
        Self {
            layers: all,
            outputs: each,
            rows: kept,
        }
    }

    /// The inputs of each layer for the stored rows.
    pub(super) fn inputs(&self, net: &FloatNet) -> Vec<Vec<Vec<f32>>> {
        let mut all = vec![Vec::new(); net.layers.len()];
        for row in &self.rows {
            let mut before = row.clone();
            net.run_layers(row, |k, outputs| {
                all[k].push(std::mem::replace(&mut before, outputs.to_vec()));
            });
        }
        all
    }

    /// Outputs of a layer without a table are multiplied by factors.
    pub(super) fn scale(&mut self, layer: usize, factors: &[f32]) {
        let each = self.outputs.get_mut(layer).zip(self.layers.get_mut(layer));
        let Some((outputs, whole)) = each else { return };
        let mut all = Range::default();
        for (range, factor) in outputs.iter_mut().zip(factors) {
            *range = range.times(*factor);
            all.add(&[range.low, range.high]);
        }
        *whole = LayerRange {
            outputs: all,
            sums: all,
        };
    }

    pub(super) fn of(&self, layer: usize) -> LayerRange {
        self.layers.get(layer).copied().unwrap_or_default()
    }
}

/// A layer by itself without the function behind its sums, where that is not a clamp.
fn without_function(layer: &FloatLayer) -> Option<FloatNet> {
    let mut layer = layer.clone();
    let inputs = layer.inputs();
    let function = match &mut layer {
        FloatLayer::Dense(dense) => &mut dense.function,
        FloatLayer::Conv1d(conv) => &mut conv.function,
        _ => return None,
    };
    if function.is_clamp() {
        return None;
    }
    *function = Function::Linear;
    Some(FloatNet {
        inputs,
        layers: vec![layer],
    })
}

/// The grid of 8 bits from `low` to `high`, 0 among its points.
pub(super) fn grid8(low: f32, high: f32) -> QuantParams {
    let (low, high) = (low.min(0.0), high.max(0.0));
    let scale = positive((high - low) / 255.0);
    let zero_point = (-128.0 - low / scale).round().clamp(-128.0, 127.0) as i16;
    QuantParams {
        scale,
        zero_point,
        wide: false,
    }
}

/// The grid of 16 bits up to `peak` on either side.
pub(super) fn grid16(peak: f32) -> QuantParams {
    QuantParams {
        scale: positive(peak / 32767.0),
        zero_point: 0,
        wide: true,
    }
}

/// The quantisation for a range whose scale must be at least `least`: sums coarser than that would
/// not gain from a finer scale, and the integers can only apply a factor below 1.
pub(super) fn grid(range: Range, wide: bool, least: f64) -> QuantParams {
    let grid = if wide {
        grid16(range.peak())
    } else {
        grid8(range.low, range.high)
    };
    let least = (least * 1.0001) as f32;
    if grid.scale > least {
        grid
    } else if wide {
        grid16(least * 32767.0)
    } else {
        let grown = least / grid.scale;
        grid8(range.low * grown, range.high * grown)
    }
}

/// A scale that can divide, also where all values are 0.
const fn positive(scale: f32) -> f32 {
    if scale.is_normal() {
        scale
    } else {
        1.0 / 255.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 6 over 255 steps, and -2 at -128.
    #[test]
    fn a_grid_spans_its_range_and_holds_zero() {
        let grid = grid8(-2.0, 4.0);
        assert_eq!(grid.zero_point, -43);
        assert!((grid.scale - 6.0 / 255.0).abs() < 1e-9);
        assert!((grid.real(-128) + 2.0).abs() < grid.scale / 2.0 + 1e-6);
        assert_eq!(grid8(0.0, 5.0).zero_point, -128);
        assert_eq!(grid8(1.0, 5.0), grid8(0.0, 5.0), "0 is always a point");
        assert!((grid16(32.767).scale - 0.001).abs() < 1e-9);
        assert!(grid8(0.0, 0.0).scale > 0.0);
    }

    #[test]
    fn a_grid_is_no_finer_than_the_sums() {
        let range = Range {
            low: -0.5,
            high: 0.5,
        };
        for wide in [false, true] {
            let grid = grid(range, wide, 0.25);
            assert!(grid.scale > 0.25 && grid.scale < 0.2502, "{grid:?}");
        }
    }
}
