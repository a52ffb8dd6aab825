//! With Helium: `VABD` gives the absolute differences of 16 bytes, which fit bytes without sign, and
//! `VMLADAVA` adds their squares to a sum: five instructions, the end of the loop included. The loop is
//! predicated, so that nothing behind the last byte is read. Against many vectors one side stays in a
//! register as eight 16-bit numbers ([`Head`]): seven instructions for a vector that is passed over. Unsafe
//! code is needed because stable Rust has no other way to these instructions.

#![allow(unsafe_code)]

use core::arch::asm;

/// The sum of the squared differences of `a` and `b`, whatever the limit: all bytes take less time than
/// looks at it. The longer one is cut.
#[inline(always)]
pub(crate) fn squares(a: &[[i8; 8]], b: &[[i8; 8]], _: u32) -> u32 {
    let count = a.len().min(b.len());
    if count == 0 {
        return 0;
    }
    let mut sum = 0;
    // SAFETY: reads 8 · count bytes of each, which there are, and writes none.
    unsafe {
        asm!(
            ".cpu cortex-m55",
            "dlstp.8 lr, {bytes}",
            "2:",
            "vldrb.u8 q0, [{a}], #16",
            "vldrb.u8 q1, [{b}], #16",
            "vabd.s8 q0, q0, q1",
            "vmladava.u8 r12, q0, q0",
            "letp lr, 2b",
            a = inout(reg) a.as_ptr() => _,
            b = inout(reg) b.as_ptr() => _,
            bytes = in(reg) 8 * count,
            inout("r12") sum,
            out("lr") _,
            out("d0") _,
            out("d1") _,
            out("d2") _,
            out("d3") _,
            options(readonly, nostack),
        );
    }
    sum
}

/// Eight bytes that many vectors are compared with.
pub(crate) struct Head([i8; 8]);

impl Head {
    pub(crate) fn new(bytes: &[i8; 8]) -> Self {
        Self(*bytes)
    }

    /// Passes over vectors of `width` bytes until the first eight of one are nearer than `limit`: the number
    /// of vectors before it, and the sum of squares of these eight. `None` if there is none.
    #[inline(always)]
    pub(crate) fn nearer(&self, vectors: &[i8], width: usize, limit: u32) -> Option<(usize, u32)> {
        let count = vectors.len().checked_div(width)?;
        if count == 0 || width < 8 {
            return None;
        }
        let (sum, left): (u32, usize);
        // SAFETY: reads the first 8 bytes of `count` vectors, which there are, and the 8 of the head, and
        // writes none.
        unsafe {
            asm!(
                ".cpu cortex-m55",
                "vldrb.s16 q0, [{head}]",
                "dls lr, {count}",
                "2:",
                "vldrb.s16 q1, [{vector}]",
                "vsub.i16 q1, q1, q0",
                "vmladav.s16 r12, q1, q1",
                "cmp r12, {limit}",
                "blo 3f",
                "add {vector}, {vector}, {width}",
                "le lr, 2b",
                "mov lr, #0",
                "3:",
                head = in(reg) self.0.as_ptr(),
                vector = inout(reg) vectors.as_ptr() => _,
                count = in(reg) count,
                width = in(reg) width,
                limit = in(reg) limit,
                out("r12") sum,
                out("lr") left,
                out("d0") _,
                out("d1") _,
                out("d2") _,
                out("d3") _,
                options(readonly, nostack),
            );
        }
        (left > 0).then_some((count - left, sum))
    }
}
