//! The kernel for AVX-512 with VNNI: `VPDPBUSD` adds four products of an unsigned and a signed
//! byte to each of sixteen sums.
//!
//! A register holds four tiles, a sum the row of one. The first and third weight of a row are
//! unsigned and meet signed inputs, zeros between; the second and fourth are signed and meet
//! `u = x + 128` without sign. Their products are negative and subtracted at the end. Nothing is
//! unpacked. Layers with inputs of 16 bits, and rows, go the way of AVX2.

#![allow(unsafe_code)]

use super::avx2::{self, add_to};
use crate::autoencoder::dense::{self, Kernel, Quad};
use crate::model::layer::dense::{TILE, TILE_OFFSET};
use crate::model::{Dense, Order, Rounding};
use core::arch::x86_64::*;
use core::sync::atomic::{AtomicU8, Ordering};

cpufeatures::new!(
    processor, "avx2", "avx512f", "avx512bw", "avx512vl", "avx512dq"
);

/// The kernel, on a processor that has it.
#[derive(Clone, Copy)]
pub(crate) struct Vnni(());

impl Vnni {
    pub fn detect() -> Option<Self> {
        (processor::get() && has_vnni()).then_some(Self(()))
    }

    pub fn dense(self, layer: &Dense<'_>, rounding: Rounding, x: &mut [i16], y: &mut [i16]) {
        // SAFETY: the value exists where the processor has all of these.
        unsafe { all(layer, rounding, x, y) }
    }
}

/// What `cpufeatures` does not know: bit 11 of ECX of leaf 7. Asked once, for in a virtual machine
/// that takes longer than a network.
fn has_vnni() -> bool {
    const NO: u8 = 1;
    const YES: u8 = 2;
    static ANSWER: AtomicU8 = AtomicU8::new(0);
    match ANSWER.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: AVX2 was found by the same instruction; the compiler knows it since 1.94.
            #[allow(unused_unsafe)]
            let leaf = unsafe { __cpuid_count(7, 0) };
            let found = leaf.ecx & 1 << 11 != 0;
            ANSWER.store(if found { YES } else { NO }, Ordering::Relaxed);
            found
        }
        answer => answer == YES,
    }
}

#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn all(layer: &Dense<'_>, rounding: Rounding, x: &mut [i16], y: &mut [i16]) {
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
    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], sums: &mut [i32; TILE]) {
        avx2::Loops::rows(weights, inputs, quads, sums);
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
    let blocks = weights.chunks_exact((TILE * inputs).max(1));
    let mut tiles = [&weights[..0]; B];
    for (tiles, block) in tiles.iter_mut().zip(blocks) {
        *tiles = block.get(..TILE * TILE * quads.len()).unwrap_or_default();
    }
    let tiles = tiles.map(<[u8]>::as_chunks::<FOUR>);
    let (fours, last) = quads.as_chunks::<4>();
    for (k, four) in fours.iter().enumerate() {
        let inputs = Inputs::new(four);
        for (products, (tiles, _)) in all.iter_mut().zip(&tiles) {
            if let Some(tiles) = tiles.get(k) {
                inputs.add(tiles, products);
            }
        }
    }
    if !last.is_empty() {
        let mut four = [[0; TILE]; 4];
        for (to, from) in four.iter_mut().zip(last) {
            *to = *from;
        }
        let inputs = Inputs::new(&four);
        for (products, (_, tiles)) in all.iter_mut().zip(&tiles) {
            let mut four = [0; FOUR];
            for (to, from) in four.iter_mut().zip(*tiles) {
                *to = *from;
            }
            inputs.add(&four, products);
        }
    }
    for (sums, products) in sums.iter_mut().zip(all) {
        let all = _mm512_sub_epi32(products.positive, products.negative);
        let half = _mm256_add_epi32(
            _mm512_castsi512_si256(all),
            _mm512_extracti64x4_epi64::<1>(all),
        );
        let rows = _mm_add_epi32(
            _mm256_castsi256_si128(half),
            _mm256_extracti128_si256::<1>(half),
        );
        *sums = add_to(sums, rows);
    }
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
