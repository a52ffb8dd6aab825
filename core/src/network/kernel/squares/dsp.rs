//! With the DSP extension, `SSUB8` subtracts four bytes both ways, `SEL` takes what is
//! not negative, `UXTB16` makes two 16-bit numbers of every other byte of a word, and `SMLAD` adds two
//! products to a sum: 22 instructions for eight bytes and a look at the limit, where one byte at a time
//! takes 36. Against many vectors one side stays in registers as 16-bit numbers ([`Head`]): 19 for a
//! vector that is passed over. Vectors begin at any byte: firmware that traps unaligned reads
//! (`CCR.UNALIGN_TRP`) cannot use it. Unsafe code is needed because stable Rust has no other way to these
//! instructions.

#![allow(unsafe_code)]

use core::arch::asm;

/// The sum of the squared differences of `a` and `b`, eight by eight until it reaches `limit`. The
/// longer one is cut.
#[inline(always)]
pub(crate) fn squares(a: &[[i8; 8]], b: &[[i8; 8]], limit: u32) -> u32 {
    let count = a.len().min(b.len());
    if count == 0 {
        return 0;
    }
    let mut sum = 0;
    // SAFETY: reads 8 · count bytes of each, which there are, and writes none.
    unsafe {
        asm!(
            cpu!(),
            "2:",
            "ldr {x}, [{a}], #4",
            "ldr {y}, [{b}], #4",
            "ssub8 {other}, {y}, {x}",
            "ssub8 {x}, {x}, {y}",
            "sel {x}, {x}, {other}",
            "uxtb16 {y}, {x}",
            "uxtb16 {x}, {x}, ror #8",
            "smlad {sum}, {y}, {y}, {sum}",
            "smlad {sum}, {x}, {x}, {sum}",
            "ldr {x}, [{a}], #4",
            "ldr {y}, [{b}], #4",
            "ssub8 {other}, {y}, {x}",
            "ssub8 {x}, {x}, {y}",
            "sel {x}, {x}, {other}",
            "uxtb16 {y}, {x}",
            "uxtb16 {x}, {x}, ror #8",
            "smlad {sum}, {y}, {y}, {sum}",
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
            other = out(reg) _,
            sum = inout(reg) sum,
            options(readonly, nostack),
        );
    }
    sum
}

/// Eight bytes that many vectors are compared with: pairs of 16-bit numbers, of every other byte.
pub(crate) struct Head([u32; 4]);

impl Head {
    pub(crate) fn new(bytes: &[i8; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = bytes.map(|byte| u32::from(i16::from(byte).cast_unsigned()));
        Self([a | (c << 16), b | (d << 16), e | (g << 16), f | (h << 16)])
    }

    /// Passes over vectors of `width` bytes until the first eight of one are nearer than `limit`: the number
    /// of vectors before it, and the sum of squares of these eight. `None` if there is none.
    #[inline(always)]
    pub(crate) fn nearer(&self, vectors: &[i8], width: usize, limit: u32) -> Option<(usize, u32)> {
        let count = vectors.len().checked_div(width)?;
        if count == 0 || width < 8 {
            return None;
        }
        let [even, odd, later_even, later_odd] = self.0;
        let (sum, left): (u32, usize);
        // SAFETY: reads the first 8 bytes of `count` vectors, which there are, and writes none.
        unsafe {
            asm!(
                cpu!(),
                "2:",
                "ldr {x}, [{vector}]",
                "sxtb16 {y}, {x}",
                "ssub16 {y}, {y}, {even}",
                "sxtb16 {x}, {x}, ror #8",
                "ssub16 {x}, {x}, {odd}",
                "smuad {sum}, {y}, {y}",
                "smlad {sum}, {x}, {x}, {sum}",
                "ldr {x}, [{vector}, #4]",
                "sxtb16 {y}, {x}",
                "ssub16 {y}, {y}, {later_even}",
                "sxtb16 {x}, {x}, ror #8",
                "ssub16 {x}, {x}, {later_odd}",
                "smlad {sum}, {y}, {y}, {sum}",
                "smlad {sum}, {x}, {x}, {sum}",
                "cmp {sum}, {limit}",
                "blo 3f",
                "add {vector}, {vector}, {width}",
                "subs {left}, {left}, #1",
                "bne 2b",
                "3:",
                vector = inout(reg) vectors.as_ptr() => _,
                left = inout(reg) count => left,
                width = in(reg) width,
                limit = in(reg) limit,
                even = in(reg) even,
                odd = in(reg) odd,
                later_even = in(reg) later_even,
                later_odd = in(reg) later_odd,
                x = out(reg) _,
                y = out(reg) _,
                sum = out(reg) sum,
                options(readonly, nostack),
            );
        }
        (left > 0).then_some((count - left, sum))
    }
}
