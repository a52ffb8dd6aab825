//! With SSE2, which every x86-64 host has: 16-bit differences, eight at a time, and four vectors at a time
//! where one side stays the same. The only unsafe part is the call of a function that is compiled for SSE2.

#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_cmpgt_epi32, _mm_cvtsi64_si128, _mm_cvtsi128_si32, _mm_madd_epi16,
    _mm_movemask_epi8, _mm_set1_epi32, _mm_setzero_si128, _mm_shuffle_epi32, _mm_srai_epi16,
    _mm_sub_epi16, _mm_unpackhi_epi32, _mm_unpackhi_epi64, _mm_unpacklo_epi8, _mm_unpacklo_epi32,
    _mm_unpacklo_epi64,
};

/// Eights between two looks at the limit: an early end costs more than it saves.
const BLOCK: usize = 4;

/// The sum of the squared differences of `a` and `b`, some value of at least `limit` if it is not less. The
/// longer one is cut.
#[inline(always)]
pub(crate) fn squares(a: &[[i8; 8]], b: &[[i8; 8]], limit: u32) -> u32 {
    // SAFETY: the target has SSE2.
    unsafe { blocks(a, b, limit) }
}

#[target_feature(enable = "sse2")]
#[inline]
fn blocks(a: &[[i8; 8]], b: &[[i8; 8]], limit: u32) -> u32 {
    let mut sum = 0;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        let mut quarters = _mm_setzero_si128();
        for (a, b) in a.iter().zip(b) {
            quarters = _mm_add_epi32(quarters, eight(wide(a), wide(b)));
        }
        let halves = _mm_add_epi32(quarters, _mm_shuffle_epi32::<0b0100_1110>(quarters));
        let all = _mm_add_epi32(halves, _mm_shuffle_epi32::<0b1011_0001>(halves));
        sum += _mm_cvtsi128_si32(all).cast_unsigned();
        if sum >= limit {
            break;
        }
    }
    sum
}

/// Eight bytes as numbers of 16 bits.
#[target_feature(enable = "sse2")]
#[inline]
fn wide(bytes: &[i8; 8]) -> __m128i {
    let bytes = i64::from_le_bytes(bytes.map(i8::cast_unsigned));
    let bytes = _mm_cvtsi64_si128(bytes);
    _mm_srai_epi16::<8>(_mm_unpacklo_epi8(bytes, bytes))
}

/// The squared differences in four parts, whose sum is wanted.
#[target_feature(enable = "sse2")]
#[inline]
fn eight(a: __m128i, b: __m128i) -> __m128i {
    let apart = _mm_sub_epi16(a, b);
    _mm_madd_epi16(apart, apart)
}

/// The sums of four parts each.
#[target_feature(enable = "sse2")]
#[inline]
fn sums([a, b, c, d]: [__m128i; 4]) -> __m128i {
    let ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
    let cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
    _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd))
}

/// Eight bytes that many vectors are compared with.
pub(crate) struct Head {
    bytes: [i8; 8],
    wide: __m128i,
}

impl Head {
    pub(crate) fn new(bytes: &[i8; 8]) -> Self {
        Self {
            bytes: *bytes,
            // SAFETY: the target has SSE2.
            wide: unsafe { wide(bytes) },
        }
    }

    /// Passes over vectors of `width` bytes until the first eight of one are nearer than `limit`: the number
    /// of vectors before it, and the sum of squares of these eight. `None` if there is none.
    #[inline(always)]
    pub(crate) fn nearer(&self, vectors: &[i8], width: usize, limit: u32) -> Option<(usize, u32)> {
        // SAFETY: the target has SSE2.
        unsafe { self.first(vectors, width, limit) }
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn first(&self, vectors: &[i8], width: usize, limit: u32) -> Option<(usize, u32)> {
        let (mut rest, mut passed) = (vectors, 0);
        let most = _mm_set1_epi32(limit.min(i32::MAX as u32).cast_signed());
        while let Some((four, further)) = rest.split_at_checked(4 * width) {
            let mut parts = [_mm_setzero_si128(); 4];
            for (part, vector) in parts.iter_mut().zip(four.chunks_exact(width)) {
                *part = eight(wide(vector.first_chunk()?), self.wide);
            }
            if _mm_movemask_epi8(_mm_cmpgt_epi32(most, sums(parts))) != 0 {
                break;
            }
            (rest, passed) = (further, passed + 4);
        }
        while let Some((vector, further)) = rest.split_at_checked(width) {
            let (head, _) = vector.as_chunks();
            let sum = squares(head.get(..1)?, &[self.bytes], limit);
            if sum < limit {
                return Some((passed, sum));
            }
            (rest, passed) = (further, passed + 1);
        }
        None
    }
}
