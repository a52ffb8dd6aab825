//! Sums of squared differences of bytes, eight at a time. All targets give the same number.
//!
//! With the DSP extension of Cortex-M4 and M7, `SXTB16` makes two 16-bit numbers of every other byte of
//! a word, `SSUB16` subtracts two pairs, and `SMLAD` adds two products to a sum: 20 instructions for
//! eight bytes, where one at a time takes 32. Unsafe code is needed because stable Rust has no other
//! way to these instructions; each is one of registers only.

#![cfg_attr(bellwether_dsp, allow(unsafe_code))]

/// The sum of the squared differences of `a` and `b`, added to `sum`.
#[cfg(not(all(bellwether_dsp, not(bellwether_dsp_said))))]
#[inline(always)]
pub(crate) fn squares(a: [i8; 8], b: [i8; 8], sum: u32) -> u32 {
    let pairs = a.into_iter().zip(b);
    let apart = pairs.map(|(a, b)| i32::from(a) - i32::from(b));
    sum + apart.map(|d| (d * d) as u32).sum::<u32>()
}

/// The sum of the squared differences of `a` and `b`, added to `sum`.
#[cfg(all(bellwether_dsp, not(bellwether_dsp_said)))]
#[inline(always)]
pub(crate) fn squares(a: [i8; 8], b: [i8; 8], sum: u32) -> u32 {
    use core::arch::asm;

    let words = |bytes: [i8; 8]| {
        let [a, b, c, d, e, f, g, h] = bytes.map(i8::cast_unsigned);
        [[a, b, c, d], [e, f, g, h]].map(u32::from_le_bytes)
    };
    let mut sum = sum;
    for (a, b) in words(a).into_iter().zip(words(b)) {
        // SAFETY: registers only. Flags are not said to be kept.
        unsafe {
            asm!(
                "sxtb16 {even}, {a}",
                "sxtb16 {other}, {b}",
                "ssub16 {even}, {even}, {other}",
                "sxtb16 {odd}, {a}, ror #8",
                "sxtb16 {other}, {b}, ror #8",
                "ssub16 {odd}, {odd}, {other}",
                "smlad {sum}, {even}, {even}, {sum}",
                "smlad {sum}, {odd}, {odd}, {sum}",
                a = in(reg) a,
                b = in(reg) b,
                even = out(reg) _,
                odd = out(reg) _,
                other = out(reg) _,
                sum = inout(reg) sum,
                options(pure, nomem, nostack),
            );
        }
    }
    sum
}
