//! The kernel for AVX-512 with VNNI: `VPDPBUSD` adds four products of an unsigned and a signed
//! byte to each of sixteen sums.
//!
//! A register holds four tiles, a sum the row of one. The first and third weight of a row are
//! unsigned and meet signed inputs, zeros between; the second and fourth are signed and meet
//! `u = x + 128` without sign. Their products are negative and subtracted at the end. Nothing is
//! unpacked. Layers with inputs of 16 bits, and rows, go the way of AVX2.

#![allow(unsafe_code)]

use super::{avx2, filled};
use crate::model::layer::dense::{TILE, TILE_OFFSET};
use crate::model::{Dense, Order, Rounding};
use crate::network::dense::{self, Kernel, Quad};
use crate::network::kernel::wide;
use core::arch::x86_64::*;
use core::sync::atomic::{AtomicU8, Ordering};

cpufeatures::new!(
    processor, "avx2", "avx512f", "avx512bw", "avx512vl", "avx512dq"
);

/// Whether the processor has all of this. `cpufeatures` does not know bit 11 of ECX of leaf 7, so
/// it is read here; once, because in a virtual machine that takes longer than a network.
pub fn detected() -> bool {
    const NO: u8 = 1;
    const YES: u8 = 2;
    static ANSWER: AtomicU8 = AtomicU8::new(0);
    match ANSWER.load(Ordering::Relaxed) {
        0 => {
            let found = processor::get() && __cpuid_count(7, 0).ecx & 1 << 11 != 0;
            ANSWER.store(if found { YES } else { NO }, Ordering::Relaxed);
            found
        }
        answer => answer == YES,
    }
}

/// Computes a layer.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
pub fn dense(layer: &Dense<'_>, rounding: Rounding, x: &mut [i16], y: &mut [i16]) {
    dense::dense::<Loops>(layer, rounding, x, y);
}

/// The loops, for functions that are compiled for AVX-512 with VNNI.
pub(crate) struct Loops;

impl Kernel for Loops {
    const FOUR_BLOCKS: bool = true;

    #[inline(always)]
    fn prepare(order: Order, quads: &mut [Quad], wide: bool) {
        if order == Order::Rows || wide {
            return avx2::Loops::prepare(order, quads, wide);
        }
        for quad in quads {
            let [a, b, c, d] = *quad;
            let [a, c] = [a, c].map(|x| x & 0xff);
            let [b, d] = [b, d].map(|x| x.wrapping_add(TILE_OFFSET) << 8);
            *quad = [a, c, b, d];
        }
    }

    #[inline(always)]
    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], wide: bool, sums: &mut [i32; TILE]) {
        avx2::Loops::rows(weights, inputs, quads, wide, sums);
    }

    #[inline(always)]
    fn tiles<const B: usize>(
        weights: &[u8],
        inputs: usize,
        quads: &[Quad],
        wide: bool,
        sums: &mut [[i32; TILE]; B],
    ) {
        if wide {
            return avx2::Loops::tiles(weights, inputs, quads, wide, sums);
        }
        // SAFETY: only functions compiled for AVX-512 with VNNI use this type.
        unsafe { add_tiles(weights, inputs, quads, sums) }
    }
}

/// Bytes of four tiles.
const FOUR: usize = 4 * TILE * TILE;

#[inline]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn add_tiles<const B: usize>(
    weights: &[u8],
    inputs: usize,
    quads: &[Quad],
    sums: &mut [[i32; TILE]; B],
) {
    let none = _mm512_setzero_si512();
    let mut all = [Products {
        positive: none,
        negative: none,
    }; B];
    let tiles = wide::tiles::<FOUR, B>(weights, inputs, quads.len());
    let (fours, last) = quads.as_chunks();
    wide::each(fours, &tiles, &mut all, |four| {
        let inputs = Inputs::new(four);
        move |tiles: &[u8; FOUR], products: &mut Products| inputs.add(tiles, products)
    });
    if !last.is_empty() {
        let inputs = Inputs::new(&filled(last));
        for (products, (_, tiles)) in all.iter_mut().zip(tiles) {
            inputs.add(&filled(tiles), products);
        }
    }
    let mut rows = [none; 4];
    for (rows, products) in rows.iter_mut().zip(all) {
        *rows = _mm512_sub_epi32(products.positive, products.negative);
    }
    let mut more = [0; 4 * TILE];
    // SAFETY: 64 bytes are written to an array of 64.
    unsafe { _mm512_storeu_si512(more.as_mut_ptr().cast(), sum_of_tiles(rows)) };
    for (sum, more) in sums.as_flattened_mut().iter_mut().zip(more) {
        *sum = sum.wrapping_add(more);
    }
}

/// Each block's four tiles together: the rows of the first block, then of the second, and so on.
#[inline]
#[target_feature(enable = "avx512f")]
fn sum_of_tiles([a, b, c, d]: [__m512i; 4]) -> __m512i {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn halves(a: __m512i, b: __m512i) -> __m512i {
        const EVEN: i32 = 0b10_00_10_00;
        const ODD: i32 = 0b11_01_11_01;
        _mm512_add_epi32(
            _mm512_shuffle_i32x4::<EVEN>(a, b),
            _mm512_shuffle_i32x4::<ODD>(a, b),
        )
    }
    halves(halves(a, b), halves(c, d))
}

/// The sums of a block, four tiles apart.
#[derive(Clone, Copy)]
struct Products {
    positive: __m512i,
    negative: __m512i,
}

/// The inputs of four tiles, for each row.
struct Inputs {
    signed: __m512i,
    unsigned: __m512i,
}

impl Inputs {
    #[inline]
    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
    fn new(quads: &[Quad; 4]) -> Self {
        // SAFETY: 32 bytes are read from an array of 32.
        let quads = unsafe { _mm256_loadu_si256(quads.as_ptr().cast()) };
        let quads = _mm512_castsi256_si512(quads);
        let signed = _mm512_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6);
        let unsigned = _mm512_setr_epi32(1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 5, 5, 7, 7, 7, 7);
        Self {
            signed: _mm512_permutexvar_epi32(signed, quads),
            unsigned: _mm512_permutexvar_epi32(unsigned, quads),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
    fn add(&self, tiles: &[u8; FOUR], products: &mut Products) {
        // SAFETY: 64 bytes are read from an array of 64.
        let tiles = unsafe { _mm512_loadu_si512(tiles.as_ptr().cast()) };
        products.positive = _mm512_dpbusd_epi32(products.positive, tiles, self.signed);
        products.negative = _mm512_dpbusd_epi32(products.negative, self.unsigned, tiles);
    }
}
