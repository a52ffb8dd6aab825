//! The kernel for packed weights: one `VPDPBUSD` multiplies four inputs with the weights of sixteen
//! outputs, and adds each output's products to its sum.
//!
//! Nothing is unpacked or added up afterwards. The panels of a group share the inputs, and their
//! sums do not wait for each other.

#![allow(unsafe_code)]

use super::packed::{PackedWeights, QUAD, WIDTH, groups, head, multiplier, of_parts};
use crate::model::{Dense, Rounding};
use crate::network::packed::CacheLine;
use core::arch::x86_64::*;

/// Computes a layer from its packed weights.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
pub fn dense(
    layer: &Dense<'_>,
    panels: PackedWeights<'_>,
    rounding: Rounding,
    x: &mut [i16],
    y: &mut [i16],
) {
    to_bytes(x);
    let quads = layer.inputs.div_ceil(QUAD);
    let (inputs, _) = x.as_chunks();
    let inputs = inputs.get(..quads).unwrap_or_default();
    let finish = Finish::new(layer, rounding);
    let (mut lines, mut y) = (panels.as_lines(), y);
    for count in groups(layer.outputs) {
        let own = lines.split_at_checked(count * (head(layer) + quads));
        let (own, rest) = own.unwrap_or_default();
        let whole = y.len().min(count * WIDTH);
        let (outputs, others) = y.split_at_mut_checked(whole).unwrap_or_default();
        match count {
            8 => group::<8>(&finish, own, inputs, outputs),
            4 => group::<4>(&finish, own, inputs, outputs),
            2 => group::<2>(&finish, own, inputs, outputs),
            _ => group::<1>(&finish, own, inputs, outputs),
        }
        (lines, y) = (rest, others);
    }
}

/// Converts int8 values to bytes `x + 128`, in place.
#[inline]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn to_bytes(x: &mut [i16]) {
    const BLOCK: usize = 32;
    let blocks = x.len() / BLOCK;
    for k in 0..blocks {
        let block = x.get(BLOCK * k..).and_then(|x| x.first_chunk::<BLOCK>());
        let Some(block) = block else { break };
        // SAFETY: 64 bytes are read from an array of 64.
        let block = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let bytes = _mm512_cvtepi16_epi8(_mm512_xor_si512(block, _mm512_set1_epi16(0x80)));
        let place = x.get_mut(BLOCK / 2 * k..);
        if let Some(place) = place.and_then(|x| x.first_chunk_mut::<{ BLOCK / 2 }>()) {
            // SAFETY: 32 bytes are written to an array of 32.
            unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast(), bytes) };
        }
    }
    let byte = |x: i16| x as u8 ^ 0x80;
    for at in (BLOCK * blocks..x.len()).step_by(2) {
        let pair = match x.get(at..) {
            Some([low, high, ..]) => [byte(*low), byte(*high)],
            Some([last]) => [byte(*last), 0],
            _ => break,
        };
        if let Some(place) = x.get_mut(at / 2) {
            *place = i16::from_le_bytes(pair);
        }
    }
}

/// The outputs of `G` panels.
#[inline]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn group<const G: usize>(finish: &Finish, lines: &[CacheLine], inputs: &[[i16; 2]], y: &mut [i16]) {
    let (lines, _) = lines.as_chunks::<G>();
    let (first, own, weights) = match lines {
        [first, q31, shift, weights @ ..] if finish.per_channel => {
            (first, Some((q31, shift)), weights)
        }
        [first, weights @ ..] => (first, None, weights),
        [] => return,
    };
    let mut sums = [_mm512_setzero_si512(); G];
    for (sum, line) in sums.iter_mut().zip(first) {
        *sum = load(line);
    }
    for (lines, [low, high]) in weights.iter().zip(inputs) {
        let pair = i32::from(*low) & 0xffff | i32::from(*high) << 16;
        let x = _mm512_set1_epi32(pair);
        for (sum, line) in sums.iter_mut().zip(lines) {
            *sum = _mm512_dpbusd_epi32(*sum, x, load(line));
        }
    }
    for (k, (y, sum)) in y.chunks_mut(WIDTH).zip(sums).enumerate() {
        let (mut q31, mut shift) = (&finish.q31, &finish.shift);
        if let Some((multipliers, shifts)) = own
            && let (Some(multiplier), Some(right)) = (multipliers.get(k), shifts.get(k))
        {
            (q31, shift) = (multiplier, right);
        }
        let panel = finish.panel(sum, q31, shift);
        match y.as_chunks_mut() {
            ([whole], _) => *whole = panel,
            // The last panel of a layer.
            (_, some) => {
                for (y, value) in some.iter_mut().zip(panel) {
                    *y = value;
                }
            }
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(line: &CacheLine) -> __m512i {
    // SAFETY: 64 bytes are read from a line of 64, which lies at a multiple of 64.
    unsafe { _mm512_load_si512(core::ptr::from_ref(line).cast()) }
}

/// The step from sums to outputs.
struct Finish {
    rounding: Rounding,
    /// Whether outputs have their own multipliers, in the panels.
    per_channel: bool,
    /// The multiplier and the shift that outputs share.
    q31: CacheLine,
    shift: CacheLine,
    /// Limits before the zero point is added.
    low: i32,
    high: i32,
    zero_point: i32,
}

impl Finish {
    fn new(layer: &Dense<'_>, rounding: Rounding) -> Self {
        let zero_point = i32::from(layer.output.zero_point);
        let (q31, shift) = multiplier(layer, 0);
        Self {
            rounding,
            per_channel: layer.per_channel(),
            q31: CacheLine([q31; WIDTH]),
            shift: CacheLine([shift; WIDTH]),
            low: i32::from(layer.low) - zero_point,
            high: i32::from(layer.high) - zero_point,
            zero_point,
        }
    }

    /// The outputs of a panel.
    #[inline]
    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
    fn panel(&self, sums: __m512i, q31: &CacheLine, shift: &CacheLine) -> [i16; WIDTH] {
        let rescaled = match self.rounding {
            Rounding::Single => single(sums, load(q31), load(shift)),
            _ => self.twice(sums, q31, shift),
        };
        let limited = _mm512_max_epi32(rescaled, _mm512_set1_epi32(self.low));
        let limited = _mm512_min_epi32(limited, _mm512_set1_epi32(self.high));
        let values = _mm512_add_epi32(limited, _mm512_set1_epi32(self.zero_point));
        let mut outputs = [0; WIDTH];
        // SAFETY: 32 bytes are written to an array of 32.
        unsafe {
            let outputs = outputs.as_mut_ptr().cast();
            _mm256_storeu_si256(outputs, _mm512_cvtepi32_epi16(values));
        }
        outputs
    }

    /// Sums times their multipliers, by a rounding that has two steps.
    #[cold]
    #[target_feature(enable = "avx512f")]
    fn twice(
        &self,
        sums: __m512i,
        CacheLine(q31): &CacheLine,
        CacheLine(shift): &CacheLine,
    ) -> __m512i {
        let mut rescaled = CacheLine::ZERO;
        // SAFETY: 64 bytes are written to a line of 64, which lies at a multiple of 64.
        unsafe { _mm512_store_si512(core::ptr::from_mut(&mut rescaled).cast(), sums) };
        for ((sum, q31), shift) in rescaled.0.iter_mut().zip(q31).zip(shift) {
            *sum = of_parts(*q31, *shift).apply(*sum, self.rounding);
        }
        load(&rescaled)
    }
}

/// `floor(sum · q31 / 2^(shift + 1) + 1/2)`, as [`Rounding::Single`] has it: rounding down to one
/// bit more, then adding one and dropping that bit, comes to the same.
#[inline]
#[target_feature(enable = "avx512f")]
fn single(sums: __m512i, q31: __m512i, shift: __m512i) -> __m512i {
    const EVEN: u16 = 0x5555;
    let rounded = |product: __m512i, shift: __m512i| {
        let more = _mm512_srav_epi64(product, shift);
        _mm512_srai_epi64::<1>(_mm512_add_epi64(more, _mm512_set1_epi64(1)))
    };
    let odd = |all: __m512i| _mm512_srli_epi64::<32>(all);
    let products = _mm512_mul_epi32(sums, q31);
    let evens = rounded(products, _mm512_maskz_mov_epi32(EVEN, shift));
    let products = _mm512_mul_epi32(odd(sums), odd(q31));
    let odds = rounded(products, odd(shift));
    _mm512_mask_mov_epi32(_mm512_slli_epi64::<32>(odds), EVEN, evens)
}
