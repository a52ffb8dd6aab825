//! The call of an assembly loop over all blocks of a layer in tiles of inputs of 8 bits.

use crate::model::Order;
use crate::model::layer::dense::TILE;
use crate::network::dense::{Blocks, Quad};

/// Whether words can be loaded in pairs. Always true: blocks of a checked model begin at multiples
/// of 4, and activations are aligned and split at even places.
pub(super) fn is_aligned<T>(values: &[T]) -> bool {
    values.as_ptr().addr().is_multiple_of(align_of::<u32>())
}

/// The operands of the loop, which knows their places, and moves the biases and outputs on.
#[repr(C)]
pub(super) struct Call {
    tiles: *const u8,
    quads: *const Quad,
    /// Tiles of a block, and quads.
    count: usize,
    biases: *const [[u8; 4]; TILE],
    offset: i32,
    outputs: *mut [i16; TILE],
    end: *mut [i16; TILE],
    /// The same twice.
    low: u32,
    multiplier: i32,
    addend: i32,
    shift: u32,
    /// The same twice.
    high: u32,
}

impl Call {
    /// The call, with tiles, biases and outputs of at least one block, at least one quad, and all at
    /// multiples of 4. `None` if that is not so, or for layers of another kind.
    pub(super) fn new(all: &Blocks<'_>, outputs: &mut [[i16; TILE]]) -> Option<Self> {
        let (blocks, tiles) = (outputs.len(), all.quads.len());
        let enough = all.weights.len() / (TILE * TILE) >= tiles.saturating_mul(blocks)
            && all.biases.len() >= blocks
            && blocks > 0
            && tiles > 0;
        let aligned = is_aligned(all.weights)
            && is_aligned(all.biases)
            && is_aligned(all.quads)
            && is_aligned(outputs);
        if !enough || !aligned || all.order == Order::Rows || all.wide {
            return None;
        }
        let twice = |limit: i16| u32::from(limit.cast_unsigned()) * 0x1_0001;
        let outputs = outputs.as_mut_ptr_range();
        Some(Self {
            tiles: all.weights.as_ptr(),
            quads: all.quads.as_ptr(),
            count: tiles,
            biases: all.biases.as_ptr(),
            offset: all.offset,
            outputs: outputs.start,
            end: outputs.end,
            low: twice(all.range.0),
            multiplier: all.multiplier.q31,
            addend: all.addend()?,
            shift: all.multiplier.right,
            high: twice(all.range.1),
        })
    }
}
