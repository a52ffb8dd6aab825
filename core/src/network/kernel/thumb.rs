//! The kernel for Cortex-M cores with Thumb-2 and without the DSP extension: Cortex-M3, and M33 as far as
//! nothing is known of its extensions.
//!
//! Four outputs share each load of an input: 36 instructions for 16 products, and two more per 16 in rows
//! or per four tiles. The same in Rust takes 40 and two more at best: the compiler loads pairs of inputs,
//! and parts them again. Inputs are prepared as for the portable kernel.
//!
//! MLPerf Tiny ad01 takes 2.4 instructions per multiply-and-add on Cortex-M3, everything included.
//!
//! The unsafe part is three functions, each with one caller that checks everything.

#![allow(unsafe_code)]

use super::call::{Call, is_aligned};
use super::portable::Portable;
use crate::model::Order;
use crate::model::layer::dense::TILE;
use crate::network::dense::{Blocks, Kernel, Quad};
use core::arch::naked_asm;

/// The kernel.
pub(crate) struct Thumb;

impl Kernel for Thumb {
    fn prepare(order: Order, quads: &mut [Quad], wide: bool) {
        Portable::prepare(order, quads, wide);
    }

    #[inline(always)]
    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], _: bool, sums: &mut [i32; TILE]) {
        if weights.len() / TILE >= inputs && quads.len() >= inputs / TILE && is_aligned(quads) {
            // SAFETY: four rows of `inputs` bytes and `inputs / 4` quads are there, as was just checked.
            unsafe { add_rows(weights.as_ptr(), quads.as_ptr(), inputs, sums) };
        }
    }

    #[inline(always)]
    fn tiles<const B: usize>(
        weights: &[u8],
        inputs: usize,
        quads: &[Quad],
        _: bool,
        sums: &mut [[i32; TILE]; B],
    ) {
        for (weights, sums) in weights.chunks_exact((TILE * inputs).max(1)).zip(sums) {
            if weights.len() / (TILE * TILE) >= quads.len() && is_aligned(quads) {
                // SAFETY: a tile for every quad is there, as was just checked; quads are aligned, as was
                // checked, and sums are by their type.
                unsafe { add_tiles(weights.as_ptr(), quads.as_ptr(), quads.len(), sums) };
            }
        }
    }

    fn blocks(all: &Blocks<'_>, outputs: &mut [[i16; TILE]]) -> bool {
        let Some(mut call) = Call::new(all, outputs) else {
            return false;
        };
        // SAFETY: everything that the call names is there, and aligned, as was checked when it was made.
        unsafe { tiles_of_layer(&mut call) };
        true
    }
}

/// One input and its weights in four rows, of which row 1, 2 and 3 lie one, two and three times the
/// length of a row behind row 0.
macro_rules! input {
    () => {
        "
        ldrsh   r8, [r1], #2
        ldrsb   r9, [r0, r2]
        ldrsb   r10, [r0, r2, lsl #1]
        ldrsb   r11, [r0, r3]
        mla     r5, r9, r8, r5
        ldrsb   r9, [r0], #1
        mla     r6, r10, r8, r6
        mla     r7, r11, r8, r7
        mla     r4, r9, r8, r4
        "
    };
}

/// Adds four dot products over `inputs / 4` quads to four sums, which wrap.
///
/// # Safety
/// `weights` is valid for reads of `4·inputs` bytes, `quads` of `inputs / 4` quads, `sums` for reads and
/// writes of four numbers.
#[unsafe(naked)]
unsafe extern "C" fn add_rows(
    weights: *const u8,
    quads: *const Quad,
    inputs: usize,
    sums: *mut [i32; TILE],
) {
    naked_asm!(
        "push    {{r3-r11, lr}}",
        "ldm     r3, {{r4-r7}}",
        "add     r3, r2, r2, lsl #1",
        "bic     r12, r2, #3",
        "add     r12, r1, r12, lsl #1",
        "cmp     r1, r12",
        "beq     3f",
        "2:",
        input!(),
        input!(),
        input!(),
        input!(),
        "cmp     r1, r12",
        "bne     2b",
        "3:",
        "pop     {{r3}}",
        "stm     r3, {{r4-r7}}",
        "pop     {{r4-r11, pc}}",
    )
}

/// A row of a tile: r0 behind the tile, r8 to r11 inputs.
macro_rules! row {
    ($sum:literal, $first:literal, $second:literal, $third:literal, $fourth:literal) => {
        concat!(
            "ldrb r3, [r0, #-",
            $first,
            "]\n",
            "ldrsb r12, [r0, #-",
            $second,
            "]\n",
            "mla ",
            $sum,
            ", r3, r8, ",
            $sum,
            "\n",
            "ldrb r3, [r0, #-",
            $third,
            "]\n",
            "mla ",
            $sum,
            ", r12, r9, ",
            $sum,
            "\n",
            "ldrsb r12, [r0, #-",
            $fourth,
            "]\n",
            "mla ",
            $sum,
            ", r3, r10, ",
            $sum,
            "\n",
            "mla ",
            $sum,
            ", r12, r11, ",
            $sum,
            "\n",
        )
    };
}

/// A tile.
macro_rules! tile {
    () => {
        concat!(
            "ldrsh r8, [r1], #8\n",
            "ldrsh r9, [r1, #-6]\n",
            "ldrsh r10, [r1, #-4]\n",
            "ldrsh r11, [r1, #-2]\n",
            // The first load moves on to the next tile.
            "ldrb r3, [r0], #16\n",
            "ldrsb r12, [r0, #-15]\n",
            "mla r4, r3, r8, r4\n",
            "ldrb r3, [r0, #-14]\n",
            "mla r4, r12, r9, r4\n",
            "ldrsb r12, [r0, #-13]\n",
            "mla r4, r3, r10, r4\n",
            "mla r4, r12, r11, r4\n",
            row!("r5", "12", "11", "10", "9"),
            row!("r6", "8", "7", "6", "5"),
            row!("r7", "4", "3", "2", "1"),
        )
    };
}

/// Adds tiles to four sums in registers, which wrap.
///
/// # Safety
/// Called from assembly only: r0 tiles, r1 as many aligned quads, r2 their number, r4 to r7 sums. Tiles
/// and quads are valid for reads. Changes all registers but sp and lr; r0 is behind the tiles.
#[unsafe(naked)]
unsafe extern "C" fn sum_tiles() {
    naked_asm!(
        "push    {{lr}}",
        "add     r2, r1, r2, lsl #3",
        "sub     lr, r2, #31",
        "cmp     r1, lr",
        "bhs     3f",
        "2:",
        tile!(),
        tile!(),
        tile!(),
        tile!(),
        "cmp     r1, lr",
        "blo     2b",
        "3:",
        "cmp     r1, r2",
        "beq     5f",
        "4:",
        tile!(),
        "cmp     r1, r2",
        "bne     4b",
        "5:",
        "pop     {{pc}}",
    )
}

/// Adds tiles to four sums, which wrap.
///
/// # Safety
/// `tiles` is valid for reads of `count` tiles, `quads` of `count` quads, `sums` for reads and writes of
/// four numbers; the last two are aligned.
#[unsafe(naked)]
unsafe extern "C" fn add_tiles(
    tiles: *const u8,
    quads: *const Quad,
    count: usize,
    sums: *mut [i32; TILE],
) {
    naked_asm!(
        "push    {{r3-r11, lr}}",
        "ldm     r3, {{r4-r7}}",
        "bl      {sum_tiles}",
        "pop     {{r3}}",
        "stm     r3, {{r4-r7}}",
        "pop     {{r4-r11, pc}}",
        sum_tiles = sym sum_tiles,
    )
}

/// A sum becomes an output: r8 multiplier, r9 addend, r10 shift, r3 and r11 limits.
macro_rules! output {
    ($sum:literal) => {
        concat!(
            "smull r12, ",
            $sum,
            ", ",
            $sum,
            ", r8\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", r9\n",
            "asr ",
            $sum,
            ", ",
            $sum,
            ", r10\n",
            "cmp ",
            $sum,
            ", r3\n",
            "it lt\n",
            "movlt ",
            $sum,
            ", r3\n",
            "cmp ",
            $sum,
            ", r11\n",
            "it gt\n",
            "movgt ",
            $sum,
            ", r11\n",
        )
    };
}

/// Computes all blocks of a layer: 62 instructions for each besides its sums.
///
/// # Safety
/// As [`Call::new`] makes it.
#[unsafe(naked)]
unsafe extern "C" fn tiles_of_layer(call: *mut Call) {
    // r0 tiles; the call's address is on the stack.
    naked_asm!(
        "push    {{r0, r4-r11, lr}}",
        "ldr     r0, [r0]",
        "2:",
        "ldr     r12, [sp]",
        "ldr     r3, [r12, #12]",
        "ldm     r3!, {{r4-r7}}",
        "str     r3, [r12, #12]",
        "ldr     r3, [r12, #16]",
        "sub     r4, r4, r3",
        "sub     r5, r5, r3",
        "sub     r6, r6, r3",
        "sub     r7, r7, r3",
        "ldrd    r1, r2, [r12, #4]",
        "bl      {sum_tiles}",
        "ldr     lr, [sp]",
        "add     r12, lr, #20",
        "ldm     r12, {{r1-r3, r8-r11}}",
        "sxth    r3, r3",
        "sxth    r11, r11",
        output!("r4"),
        output!("r5"),
        output!("r6"),
        output!("r7"),
        "bfi     r4, r5, #16, #16",
        "bfi     r6, r7, #16, #16",
        "strd    r4, r6, [r1], #8",
        "str     r1, [lr, #20]",
        "cmp     r1, r2",
        "bne     2b",
        "pop     {{r0, r4-r11, pc}}",
        sum_tiles = sym sum_tiles,
    )
}
