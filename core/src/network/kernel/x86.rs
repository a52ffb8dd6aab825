//! The kernels for x86-64, and the choice between them at run time.
//!
//! The only unsafe part is the call of a function that is compiled for instructions which the
//! processor was found to have.

#![allow(unsafe_code)]

pub mod avx2;
mod packed;
mod packed_kernel;
pub mod vnni;

pub(crate) use packed::PackedWeights;

use super::portable::Portable;
use crate::model::layer::dense::TILE;
use crate::model::{Dense, Order, Rounding};
use crate::network::dense::{self, Kernel, Quad};

/// Computes a layer with the processor's fastest kernel.
pub fn dense(
    layer: &Dense<'_>,
    panels: PackedWeights<'_>,
    rounding: Rounding,
    x: &mut [i16],
    y: &mut [i16],
) {
    if !panels.as_lines().is_empty() {
        // SAFETY: packed weights exist only if the processor has what the function is compiled for.
        unsafe { packed_kernel::dense(layer, panels, rounding, x, y) }
    } else if vnni::detected() {
        // SAFETY: the processor has what the function is compiled for.
        unsafe { vnni::dense(layer, rounding, x, y) }
    } else if avx2::detected() {
        // SAFETY: as above.
        unsafe { avx2::dense(layer, rounding, x, y) }
    } else {
        dense::dense::<Portable>(layer, rounding, x, y);
    }
}

/// The kernel for sums within another layer: the fastest one for rows, the portable one for the
/// rest.
pub(crate) struct Best;

impl Kernel for Best {
    fn prepare(order: Order, quads: &mut [Quad], wide: bool) {
        // All are the same for the order of rows.
        Portable::prepare(order, quads, wide);
    }

    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], wide: bool, sums: &mut [i32; TILE]) {
        if avx2::detected() {
            // SAFETY: the processor has AVX2.
            unsafe { avx2::rows(weights, inputs, quads, sums) }
        } else {
            Portable::rows(weights, inputs, quads, wide, sums);
        }
    }

    fn tiles<const B: usize>(
        weights: &[u8],
        inputs: usize,
        quads: &[Quad],
        wide: bool,
        sums: &mut [[i32; TILE]; B],
    ) {
        Portable::tiles(weights, inputs, quads, wide, sums);
    }
}

/// Bytes or inputs, and zeros behind them.
#[inline(always)]
pub fn filled<T: Copy + Default, const K: usize>(some: &[T]) -> [T; K] {
    let mut all = [T::default(); K];
    for (to, from) in all.iter_mut().zip(some) {
        *to = *from;
    }
    all
}
