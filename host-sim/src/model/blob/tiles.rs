//! Weights in tiles of four outputs and four inputs (`docs/formats/model-blob.md`).

use super::DenseLayer;

/// Outputs and inputs of a tile.
const TILE: usize = 4;
const OFFSET: i32 = 128;

/// Biases and weights as they are stored.
pub(super) struct Stored {
    pub(super) biases: Vec<i32>,
    pub(super) weights: Vec<u8>,
}

/// Whether there is a tile, no weight is -128, and biases keep to 32 bits.
pub(super) fn can_hold(layer: &DenseLayer) -> bool {
    let room = i32::MAX - OFFSET * 127 * layer.inputs as i32;
    layer.inputs >= TILE
        && layer.outputs >= TILE
        && !layer.weights.contains(&i8::MIN)
        && layer
            .biases
            .iter()
            .all(|bias| (-room..=room).contains(bias))
}

/// Whole tiles, then the rest of each row of a block; rows that fill no block stay as they
/// are. A bias takes the offset of the inputs that its weights meet.
pub(super) fn store(layer: &DenseLayer) -> Stored {
    let inputs = layer.inputs.max(1);
    let columns = inputs & !(TILE - 1);
    let mut biases = layer.biases.clone();
    let mut weights = Vec::with_capacity(layer.weights.len());
    let block = |rows: &[i8], out: &mut Vec<u8>| {
        for column in (0..columns).step_by(TILE) {
            for row in rows.chunks(inputs) {
                let [a, b, c, d] = [0, 1, 2, 3].map(|k| row[column + k]);
                let even = |w: i8| w.cast_unsigned() ^ 0x80;
                let odd = |w: i8| w.wrapping_neg().cast_unsigned();
                out.extend([even(a), odd(b), even(c), odd(d)]);
            }
        }
        for row in rows.chunks(inputs) {
            out.extend(row[columns..].iter().map(|w| w.cast_unsigned()));
        }
    };
    let blocks = layer.weights.chunks_exact(TILE * inputs);
    for (k, rows) in blocks.clone().enumerate() {
        block(rows, &mut weights);
        for (bias, row) in biases[k * TILE..].iter_mut().zip(rows.chunks(inputs)) {
            let odd = row[..columns].iter().skip(1).step_by(2);
            let sum: i32 = odd.map(|w| i32::from(*w)).sum();
            if !layer.wide_inputs {
                *bias = bias.wrapping_sub(OFFSET * sum);
            }
        }
    }
    weights.extend(blocks.remainder().iter().map(|w| w.cast_unsigned()));
    Stored { biases, weights }
}
