//! The portable kernel.

use crate::model::Order;
use crate::model::layer::dense::{TILE, TILE_OFFSET};
use crate::network::dense::{Blocks, Kernel, Quad};

/// Safe code, any processor. MLPerf Tiny ad01 takes 6.4 instructions per multiply-and-add as code for
/// Cortex-M0, everything included.
pub(crate) struct Portable;

impl Kernel for Portable {
    fn prepare(order: Order, quads: &mut [Quad], wide: bool) {
        if order == Order::Tiles {
            let offset = if wide { 0 } else { TILE_OFFSET };
            for [_, b, _, d] in quads {
                *b = b.wrapping_add(offset).wrapping_neg();
                *d = d.wrapping_add(offset).wrapping_neg();
            }
        }
    }

    #[inline(never)]
    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], _: bool, sums: &mut [i32; TILE]) {
        let mut rows = weights.chunks_exact(inputs.max(1));
        let mut row = || rows.next().unwrap_or_default().as_chunks::<TILE>().0;
        let [w0, w1, w2, w3] = [row(), row(), row(), row()];
        let [mut s0, mut s1, mut s2, mut s3] = *sums;
        for ((((w0, w1), w2), w3), quad) in w0.iter().zip(w1).zip(w2).zip(w3).zip(quads) {
            for ((((&w0, &w1), &w2), &w3), &x) in w0.iter().zip(w1).zip(w2).zip(w3).zip(quad) {
                let x = i32::from(x);
                s0 = s0.wrapping_add(i32::from(w0.cast_signed()) * x);
                s1 = s1.wrapping_add(i32::from(w1.cast_signed()) * x);
                s2 = s2.wrapping_add(i32::from(w2.cast_signed()) * x);
                s3 = s3.wrapping_add(i32::from(w3.cast_signed()) * x);
            }
            fence();
        }
        *sums = [s0, s1, s2, s3];
    }

    #[inline(always)]
    fn tiles<const B: usize>(
        weights: &[u8],
        inputs: usize,
        quads: &[Quad],
        _: bool,
        sums: &mut [[i32; TILE]; B],
    ) {
        let weights = weights.chunks_exact((TILE * inputs).max(1));
        for (weights, sums) in weights.zip(sums) {
            Self::block(weights, quads, sums);
        }
    }

    #[inline(never)]
    fn blocks(all: &Blocks<'_>, outputs: &mut [[i16; TILE]]) -> bool {
        let Some(addend) = all.addend() else {
            return false;
        };
        let (quads, offset, multiplier) = (all.quads, all.offset, all.multiplier);
        let (low, high) = (i32::from(all.range.0), i32::from(all.range.1));
        let inputs = TILE * quads.len();
        let weights = all.weights.chunks_exact((TILE * inputs).max(1));
        for ((output, biases), weights) in outputs.iter_mut().zip(all.biases).zip(weights) {
            let mut sums = biases.map(|bias| i32::from_le_bytes(bias).wrapping_sub(offset));
            match all.order {
                Order::Rows => Self::rows(weights, inputs, quads, all.wide, &mut sums),
                Order::Tiles => Self::block(weights, quads, &mut sums),
            }
            *output = sums.map(|sum| {
                let upper = (i64::from(sum) * i64::from(multiplier.q31)) >> 32;
                let q = (upper as i32).wrapping_add(addend) >> multiplier.right;
                q.max(low).min(high) as i16
            });
        }
        true
    }
}

impl Portable {
    /// The tiles of one block.
    #[inline(never)]
    fn block(weights: &[u8], quads: &[Quad], sums: &mut [i32; TILE]) {
        let (tiles, _) = weights.as_chunks::<{ TILE * TILE }>();
        let [mut s0, mut s1, mut s2, mut s3] = *sums;
        for (tile, quad) in tiles.iter().zip(quads) {
            let (rows, _) = tile.as_chunks::<TILE>();
            let x = quad.map(i32::from);
            if let [r0, r1, r2, r3] = rows {
                s0 = s0.wrapping_add(row_of_tile(r0, x));
                fence();
                s1 = s1.wrapping_add(row_of_tile(r1, x));
                fence();
                s2 = s2.wrapping_add(row_of_tile(r2, x));
                fence();
                s3 = s3.wrapping_add(row_of_tile(r3, x));
                fence();
            }
        }
        *sums = [s0, s1, s2, s3];
    }
}

#[inline(always)]
fn row_of_tile(&[p, q, r, s]: &[u8; TILE], [a, b, c, d]: [i32; TILE]) -> i32 {
    let (p, r) = (i32::from(p), i32::from(r));
    let (q, s) = (i32::from(q.cast_signed()), i32::from(s.cast_signed()));
    (p * a)
        .wrapping_add(q * b)
        .wrapping_add(r * c)
        .wrapping_add(s * d)
}

/// Keeps the compiler from loading the next row's weights before this one's are used, and from
/// unrolling: 16 registers do not hold them, and each would go to the stack and back.
#[inline(always)]
fn fence() {
    if cfg!(target_arch = "arm") {
        core::hint::black_box(());
    }
}
