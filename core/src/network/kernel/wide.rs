//! The common part of the kernels with wide registers: inputs in pairs, and tiles of several
//! blocks.

use super::portable::Portable;
use crate::model::Order;
use crate::model::layer::dense::TILE;
use crate::network::dense::{Kernel as _, Quad};

/// Inputs for tiles in pairs: the first and third, then the second and fourth, which are negative.
#[inline(always)]
pub fn pairs(order: Order, quads: &mut [Quad], wide: bool) {
    Portable::prepare(order, quads, wide);
    if order == Order::Tiles {
        for quad in quads {
            let [a, b, c, d] = *quad;
            *quad = [a, c, b, d];
        }
    }
}

/// As [`Kernel::rows`](crate::network::dense::Kernel::rows): plain code that the compiler turns
/// into the processor's multiply-and-add.
#[inline(always)]
pub fn rows(weights: &[u8], inputs: usize, quads: &[Quad], sums: &mut [i32; TILE]) {
    let x = quads.as_flattened();
    for (row, sum) in weights.chunks_exact(inputs.max(1)).zip(sums) {
        let products = row
            .iter()
            .zip(x)
            .map(|(&weight, &x)| i32::from(weight.cast_signed()) * i32::from(x));
        *sum = products.fold(*sum, i32::wrapping_add);
    }
}

/// The tiles of `B` blocks, `K` bytes at a time, and what is left of each.
#[inline(always)]
pub fn tiles<const K: usize, const B: usize>(
    weights: &[u8],
    inputs: usize,
    quads: usize,
) -> [(&[[u8; K]], &[u8]); B] {
    let blocks = weights.chunks_exact((TILE * inputs).max(1));
    let mut tiles = [(&[][..], &[][..]); B];
    for (tiles, block) in tiles.iter_mut().zip(blocks) {
        let block = block.get(..TILE * TILE * quads).unwrap_or_default();
        *tiles = block.as_chunks();
    }
    tiles
}

/// Adds the products of inputs with their tiles in every block: `with` prepares some inputs once
/// for all blocks. Four blocks have a separate loop without a check of lengths.
#[inline(always)]
pub fn each<I, S, A: Fn(&[u8; K], &mut S), const K: usize, const B: usize>(
    inputs: &[I],
    tiles: &[(&[[u8; K]], &[u8]); B],
    sums: &mut [S; B],
    with: impl Fn(&I) -> A,
) {
    if let (&[(a, _), (b, _), (c, _), (d, _)], [p, q, r, s]) = (&tiles[..], &mut sums[..]) {
        for ((((inputs, a), b), c), d) in inputs.iter().zip(a).zip(b).zip(c).zip(d) {
            let add = with(inputs);
            add(a, p);
            add(b, q);
            add(c, r);
            add(d, s);
        }
    } else {
        for ((tiles, _), sum) in tiles.iter().zip(sums) {
            for (inputs, tiles) in inputs.iter().zip(*tiles) {
                with(inputs)(tiles, sum);
            }
        }
    }
}
