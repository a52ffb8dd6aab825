//! The kernel for AArch64: `SMLAL` multiplies four pairs of 16-bit numbers and adds each product to
//! a sum of its own.
//!
//! A register holds a tile. Its 16-bit numbers, masked, are the first and third weights of the four
//! rows, and shifted the second and fourth; inputs are put in pairs likewise, and a pair is
//! repeated for each row. So every row has two sums, which are added at the end. Four blocks share
//! the inputs.
//!
//! The unsafe parts are loads from arrays, and calls of functions that are compiled for NEON, which
//! every target with this kernel has.

#![allow(unsafe_code)]

use super::wide;
use crate::model::Order;
use crate::model::layer::dense::TILE;
use crate::network::dense::{Kernel, Quad};
use core::arch::aarch64::*;

/// The kernel.
pub(crate) struct Neon;

impl Kernel for Neon {
    const FOUR_BLOCKS: bool = true;

    fn prepare(order: Order, quads: &mut [Quad], wide: bool) {
        wide::pairs(order, quads, wide);
    }

    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], _: bool, sums: &mut [i32; TILE]) {
        wide::rows(weights, inputs, quads, sums);
    }

    fn tiles<const B: usize>(
        weights: &[u8],
        inputs: usize,
        quads: &[Quad],
        _: bool,
        sums: &mut [[i32; TILE]; B],
    ) {
        // SAFETY: the target has NEON, or this file is not compiled.
        unsafe { add_tiles(weights, inputs, quads, sums) }
    }
}

/// Bytes of a tile.
const BYTES: usize = TILE * TILE;

#[inline]
#[target_feature(enable = "neon")]
fn add_tiles<const B: usize>(
    weights: &[u8],
    inputs: usize,
    quads: &[Quad],
    sums: &mut [[i32; TILE]; B],
) {
    let none = vdupq_n_s32(0);
    let mut all = [Sums {
        upper: none,
        lower: none,
    }; B];
    let tiles = wide::tiles::<BYTES, B>(weights, inputs, quads.len());
    wide::each(quads, &tiles, &mut all, |quad| {
        let inputs = Inputs::new(quad);
        move |tile: &[u8; BYTES], sums: &mut Sums| inputs.add(tile, sums)
    });
    for (sums, all) in sums.iter_mut().zip(all) {
        let rows = vpaddq_s32(all.upper, all.lower);
        // SAFETY: 16 bytes are read from an array of 16, and written to it.
        unsafe {
            let more = vld1q_s32(sums.as_ptr());
            vst1q_s32(sums.as_mut_ptr(), vaddq_s32(more, rows));
        }
    }
}

/// The sums of a block: two of each row.
#[derive(Clone, Copy)]
struct Sums {
    upper: int32x4_t,
    lower: int32x4_t,
}

/// The inputs of a tile, for each row.
struct Inputs {
    first_and_third: int16x8_t,
    second_and_fourth: int16x8_t,
}

impl Inputs {
    #[inline]
    #[target_feature(enable = "neon")]
    fn new(quad: &Quad) -> Self {
        // SAFETY: 8 bytes are read from an array of 8.
        let pairs = vreinterpret_s32_s16(unsafe { vld1_s16(quad.as_ptr()) });
        Self {
            first_and_third: vreinterpretq_s16_s32(vdupq_lane_s32::<0>(pairs)),
            second_and_fourth: vreinterpretq_s16_s32(vdupq_lane_s32::<1>(pairs)),
        }
    }

    /// Adds the products with the weights of a tile, row by row.
    #[inline]
    #[target_feature(enable = "neon")]
    fn add(&self, tile: &[u8; BYTES], sums: &mut Sums) {
        // SAFETY: 16 bytes are read from an array of 16.
        let tile = vreinterpretq_s16_u8(unsafe { vld1q_u8(tile.as_ptr()) });
        let first_and_third = vandq_s16(tile, vdupq_n_s16(0xff));
        let second_and_fourth = vshrq_n_s16::<8>(tile);
        for (weights, inputs) in [
            (first_and_third, self.first_and_third),
            (second_and_fourth, self.second_and_fourth),
        ] {
            let (low_weights, low_inputs) = (vget_low_s16(weights), vget_low_s16(inputs));
            sums.upper = vmlal_s16(sums.upper, low_weights, low_inputs);
            sums.lower = vmlal_high_s16(sums.lower, weights, inputs);
        }
    }
}
