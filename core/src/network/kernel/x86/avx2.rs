//! The kernel for AVX2: `VPMADDWD` multiplies sixteen pairs of 16-bit numbers and adds two and two.
//!
//! A register holds two tiles. Its 16-bit numbers, masked, are the first and third weights of their
//! rows, and shifted the second and fourth; inputs are put in pairs likewise, and a pair is
//! repeated for the four rows of a tile. Four blocks share that.
//!
//! The unsafe parts are due to these instructions: functions that need a processor with them, and
//! loads from arrays.

#![allow(unsafe_code)]

use super::filled;
use crate::model::layer::dense::TILE;
use crate::model::{Dense, Order, Rounding};
use crate::network::dense::{self, Kernel, Quad};
use crate::network::kernel::wide;
use core::arch::x86_64::*;

cpufeatures::new!(processor, "avx2");

/// Whether the processor has AVX2.
pub fn detected() -> bool {
    processor::get()
}

/// Computes a layer.
#[target_feature(enable = "avx2")]
pub fn dense(layer: &Dense<'_>, rounding: Rounding, x: &mut [i16], y: &mut [i16]) {
    dense::dense::<Loops>(layer, rounding, x, y);
}

/// As [`Kernel::rows`]; the compiler makes `VPMADDWD` of it.
#[inline]
#[target_feature(enable = "avx2")]
pub fn rows(weights: &[u8], inputs: usize, quads: &[Quad], sums: &mut [i32; TILE]) {
    wide::rows(weights, inputs, quads, sums);
}

/// The loops, for functions that are compiled for AVX2.
pub(crate) struct Loops;

impl Kernel for Loops {
    const FOUR_BLOCKS: bool = true;

    #[inline(always)]
    fn prepare(order: Order, quads: &mut [Quad], wide: bool) {
        wide::pairs(order, quads, wide);
    }

    #[inline(always)]
    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], _: bool, sums: &mut [i32; TILE]) {
        // SAFETY: only functions compiled for AVX2 use this type.
        unsafe { rows(weights, inputs, quads, sums) }
    }

    #[inline(always)]
    fn tiles<const B: usize>(
        weights: &[u8],
        inputs: usize,
        quads: &[Quad],
        _: bool,
        sums: &mut [[i32; TILE]; B],
    ) {
        // SAFETY: only functions compiled for AVX2 use this type.
        unsafe { add_tiles(weights, inputs, quads, sums) }
    }
}

/// Bytes of two tiles.
const PAIR: usize = 2 * TILE * TILE;

#[inline]
#[target_feature(enable = "avx2")]
fn add_tiles<const B: usize>(
    weights: &[u8],
    inputs: usize,
    quads: &[Quad],
    sums: &mut [[i32; TILE]; B],
) {
    let mut all = [_mm256_setzero_si256(); B];
    let tiles = wide::tiles::<PAIR, B>(weights, inputs, quads.len());
    let (pairs, last) = quads.as_chunks();
    wide::each(pairs, &tiles, &mut all, |pair| {
        let inputs = Pair::new(pair);
        move |tiles: &[u8; PAIR], sum: &mut __m256i| inputs.add(tiles, sum)
    });
    if !last.is_empty() {
        let inputs = Pair::new(&filled(last));
        for (sum, (_, tiles)) in all.iter_mut().zip(tiles) {
            inputs.add(&filled(tiles), sum);
        }
    }
    for (sums, all) in sums.iter_mut().zip(all) {
        let both = _mm_add_epi32(
            _mm256_castsi256_si128(all),
            _mm256_extracti128_si256::<1>(all),
        );
        *sums = add_to(sums, both);
    }
}

/// The inputs of two tiles, for each row.
struct Pair {
    first_and_third: __m256i,
    second_and_fourth: __m256i,
}

impl Pair {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(quads: &[Quad; 2]) -> Self {
        // SAFETY: 16 bytes are read from an array of 16.
        let quads = unsafe { _mm_loadu_si128(quads.as_ptr().cast()) };
        let quads = _mm256_castsi128_si256(quads);
        let repeated = |which| _mm256_permutevar8x32_epi32(quads, which);
        Self {
            first_and_third: repeated(_mm256_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2)),
            second_and_fourth: repeated(_mm256_setr_epi32(1, 1, 1, 1, 3, 3, 3, 3)),
        }
    }

    /// Adds the products with the weights of two tiles, row by row.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn add(&self, tiles: &[u8; PAIR], sum: &mut __m256i) {
        // SAFETY: 32 bytes are read from an array of 32.
        let tiles = unsafe { _mm256_loadu_si256(tiles.as_ptr().cast()) };
        let first_and_third = _mm256_and_si256(tiles, _mm256_set1_epi16(0xff));
        let second_and_fourth = _mm256_srai_epi16::<8>(tiles);
        let products = _mm256_add_epi32(
            _mm256_madd_epi16(first_and_third, self.first_and_third),
            _mm256_madd_epi16(second_and_fourth, self.second_and_fourth),
        );
        *sum = _mm256_add_epi32(*sum, products);
    }
}

/// Four sums and four more.
#[inline]
#[target_feature(enable = "avx2")]
pub fn add_to(sums: &[i32; TILE], more: __m128i) -> [i32; TILE] {
    let mut all = [0; TILE];
    // SAFETY: 16 bytes are read from an array of 16, and written to another.
    unsafe {
        let sums = _mm_loadu_si128(sums.as_ptr().cast());
        _mm_storeu_si128(all.as_mut_ptr().cast(), _mm_add_epi32(sums, more));
    }
    all
}
