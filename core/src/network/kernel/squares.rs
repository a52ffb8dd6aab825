//! Sums of squared differences of bytes, eight at a time. All targets give the same number.
//!
//! With the DSP extension of Cortex-M4 and M7, `SXTB16` makes two 16-bit numbers of every other byte of
//! a word, `SSUB16` subtracts two pairs, and `SMLAD` adds two products to a sum: 24 instructions for
//! eight bytes and a look at the limit, where one byte at a time takes 36. Vectors begin at any byte:
//! firmware that traps unaligned reads (`CCR.UNALIGN_TRP`) cannot use it. Unsafe code is needed because
//! stable Rust has no other way to these instructions.

#![cfg_attr(all(bellwether_dsp, not(bellwether_dsp_said)), allow(unsafe_code))]

/// The sum of the squared differences of `a` and `b`, eight by eight until it reaches `limit`. The
/// longer one is cut.
#[cfg(not(all(bellwether_dsp, not(bellwether_dsp_said))))]
#[inline(always)]
pub(crate) fn squares(a: &[[i8; 8]], b: &[[i8; 8]], limit: u32) -> u32 {
    let mut sum = 0;
    for (a, b) in a.iter().zip(b) {
        let apart = a.iter().zip(b).map(|(a, b)| i32::from(*a) - i32::from(*b));
        sum += apart.map(|d| (d * d) as u32).sum::<u32>();
        if sum >= limit {
            break;
        }
    }
    sum
}

/// The sum of the squared differences of `a` and `b`, eight by eight until it reaches `limit`. The
/// longer one is cut.
#[cfg(all(bellwether_dsp, not(bellwether_dsp_said)))]
#[inline(always)]
pub(crate) fn squares(a: &[[i8; 8]], b: &[[i8; 8]], limit: u32) -> u32 {
    use core::arch::asm;

    let count = a.len().min(b.len());
    if count == 0 {
        return 0;
    }
    let mut sum = 0;
    // SAFETY: reads 8 · count bytes of each, which there are, and writes none.
    unsafe {
        asm!(
            "2:",
            "ldr {x}, [{a}], #4",
            "ldr {y}, [{b}], #4",
            "sxtb16 {even}, {x}",
            "sxtb16 {other}, {y}",
            "ssub16 {even}, {even}, {other}",
            "sxtb16 {x}, {x}, ror #8",
            "sxtb16 {y}, {y}, ror #8",
            "ssub16 {x}, {x}, {y}",
            "smlad {sum}, {even}, {even}, {sum}",
            "smlad {sum}, {x}, {x}, {sum}",
            "ldr {x}, [{a}], #4",
            "ldr {y}, [{b}], #4",
            "sxtb16 {even}, {x}",
            "sxtb16 {other}, {y}",
            "ssub16 {even}, {even}, {other}",
            "sxtb16 {x}, {x}, ror #8",
            "sxtb16 {y}, {y}, ror #8",
            "ssub16 {x}, {x}, {y}",
            "smlad {sum}, {even}, {even}, {sum}",
            "smlad {sum}, {x}, {x}, {sum}",
            "cmp {sum}, {limit}",
            "bhs 3f",
            "subs {count}, {count}, #1",
            "bne 2b",
            "3:",
            a = inout(reg) a.as_ptr() => _,
            b = inout(reg) b.as_ptr() => _,
            count = inout(reg) count => _,
            limit = in(reg) limit,
            x = out(reg) _,
            y = out(reg) _,
            even = out(reg) _,
            other = out(reg) _,
            sum = inout(reg) sum,
            options(readonly, nostack),
        );
    }
    sum
}
