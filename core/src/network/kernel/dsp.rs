//! The kernel for Cortex-M cores with the DSP extension: `SMLAD` adds two products of 16-bit
//! numbers to a sum.
//!
//! **Rows**: `SXTB16` makes two 16-bit numbers of every other byte of a word. Inputs are put into
//! this order once per layer; weights are unpacked in place, four outputs at a time: 21
//! instructions for four inputs. Where a layer's inputs are no multiple of four, rows begin at any
//! byte: firmware that traps unaligned reads (`CCR.UNALIGN_TRP`) cannot use it.
//!
//! **Tiles**: a row of a tile is a word whose halves are `(w0 + 128) - 256·w1` and
//! `(w2 + 128) - 256·w3`. With `u` as in [`dense`](crate::network::dense), `UXTB16` of the word
//! gives `c = (w0 + 128, w2 + 128)`, and
//!
//! ```text
//! word·(-u1, -u3) + c·(256·x0 + u1, 256·x2 + u3) = 256·(c0·x0 + w1·u1 + c2·x2 + w3·u3)
//! ```
//!
//! exactly: one word is unpacked once, 14 instructions. Two inputs add at most 65,280 to the
//! bracket, so that the sum of 256 inputs, times 256, fits 32 bits. Inputs of 16 bits leave no room
//! for that, and meet weights that are unpacked twice, 18 instructions.
//!
//! Layers of the common kind in tiles are computed in one call: `SMMLA` adds the half of a step to the upper
//! word of a sum's product, and the halves of a word are clamped together.
//!
//! MLPerf Tiny ad01 takes 277,375 instructions on Cortex-M4F, 1.05 per multiply-and-add, in rows
//! 412,153, everything included; the figures of the committed code are in tests/expect/ad01.txt.
//!
//! Unsafe code is needed because the loops take all of the processor's registers; no compiler of
//! Rust or C was seen to manage that. The unsafe part is four functions, each with one caller that
//! checks everything.

#![allow(unsafe_code)]

use super::call::{Call, is_aligned};
use crate::model::Order;
use crate::model::layer::dense::{TILE, TILE_OFFSET};
use crate::network::dense::{Blocks, Kernel, Quad};

/// The kernel.
pub(crate) struct Dsp;

impl Kernel for Dsp {
    #[inline(never)]
    fn prepare(order: Order, quads: &mut [Quad], wide: bool) {
        for quad in quads {
            let [a, b, c, d] = *quad;
            *quad = match (order, wide) {
                (Order::Rows, _) => [a, c, b, d],
                (Order::Tiles, true) => [a, c, b.wrapping_neg(), d.wrapping_neg()],
                (Order::Tiles, false) => {
                    let (b, d) = (b.wrapping_add(TILE_OFFSET), d.wrapping_add(TILE_OFFSET));
                    let both = |x: i16, u: i16| (x << 8).wrapping_add(u);
                    [b.wrapping_neg(), d.wrapping_neg(), both(a, b), both(c, d)]
                }
            };
        }
    }

    #[inline(always)]
    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], _: bool, sums: &mut [i32; TILE]) {
        let enough = weights.len() / TILE >= inputs && quads.len() >= inputs / TILE;
        if enough && is_aligned(quads) {
            // SAFETY: four rows of `inputs` bytes and `inputs / 4` quads are there, as was just
            // checked; quads are aligned, as was checked, and sums are by their type.
            unsafe { add_rows(weights.as_ptr(), quads.as_ptr(), inputs, sums) };
        }
    }

    #[inline(always)]
    fn tiles<const B: usize>(
        weights: &[u8],
        inputs: usize,
        quads: &[Quad],
        wide: bool,
        sums: &mut [[i32; TILE]; B],
    ) {
        for (weights, sums) in weights.chunks_exact((TILE * inputs).max(1)).zip(sums) {
            add_block(weights, quads, wide, sums);
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

/// Adds the products of the tiles of one block to four sums.
#[inline(always)]
fn add_block(weights: &[u8], quads: &[Quad], wide: bool, sums: &mut [i32; TILE]) {
    let enough = weights.len() / (TILE * TILE) >= quads.len();
    if !enough || !is_aligned(weights) || !is_aligned(quads) {
        return;
    }
    // SAFETY: a tile for every quad is there, as was just checked; both are aligned, as was
    // checked, and sums are by their type.
    unsafe {
        if wide {
            add_wide_tiles(weights.as_ptr(), quads.as_ptr(), quads.len(), sums);
        } else {
            add_tiles(weights.as_ptr(), quads.as_ptr(), quads.len(), sums);
        }
    }
}

/// One step: four inputs, four rows. Row 1, 2 and 3 lie one, two and three times the length of a
/// row behind row 0.
macro_rules! step {
    () => {
        "
        ldrd    r8, r9, [r1], #8
        ldr     r10, [r0, r2]
        ldr     r11, [r0, r2, lsl #1]
        sxtb16  lr, r10
        sxtb16  r10, r10, ror #8
        smlad   r5, lr, r8, r5
        smlad   r5, r10, r9, r5
        sxtb16  lr, r11
        sxtb16  r11, r11, ror #8
        smlad   r6, lr, r8, r6
        smlad   r6, r11, r9, r6
        ldr     r10, [r0, r3]
        ldr     r11, [r0], #4
        sxtb16  lr, r10
        sxtb16  r10, r10, ror #8
        smlad   r7, lr, r8, r7
        smlad   r7, r10, r9, r7
        sxtb16  lr, r11
        sxtb16  r11, r11, ror #8
        smlad   r4, lr, r8, r4
        smlad   r4, r11, r9, r4
        "
    };
}

/// Adds four dot products over `inputs / 4` quads to four sums: 21 instructions per 16 products,
/// and two more per 64 (per 16, in the last three steps). Sums wrap. Rows may begin
/// anywhere: these cores read single words from any address, as all code compiled for them expects.
///
/// # Safety
/// `weights` is valid for reads of `4·inputs` bytes, `quads` of `inputs / 4` quads, `sums` for
/// reads and writes of four numbers; the last two are aligned.
#[unsafe(naked)]
unsafe extern "C" fn add_rows(
    weights: *const u8,
    quads: *const Quad,
    inputs: usize,
    sums: *mut [i32; TILE],
) {
    // r0 weights of row 0, r1 quads, r2 length of a row, r3 three times that, r4 to r7 sums,
    // r8 and r9 inputs, r10, r11 and lr weights, r12 where the quads end.
    core::arch::naked_asm!(
        cpu!(),
        "push    {{r3-r11, lr}}",
        "ldm     r3, {{r4-r7}}",
        "add     r3, r2, r2, lsl #1",
        "lsr     r12, r2, #4",
        "add     r12, r1, r12, lsl #5",
        "cmp     r1, r12",
        "beq     3f",
        "2:",
        step!(),
        step!(),
        step!(),
        step!(),
        "cmp     r1, r12",
        "bne     2b",
        "3:",
        "and     lr, r2, #12",
        "adds    lr, lr, lr",
        "beq     5f",
        "add     r12, r1, lr",
        "4:",
        step!(),
        "cmp     r1, r12",
        "bne     4b",
        "5:",
        "pop     {{r3}}",
        "stm     r3, {{r4-r7}}",
        "pop     {{r4-r11, pc}}",
    )
}

/// One tile of inputs of 8 bits.
macro_rules! narrow {
    () => {
        "
        ldrd    r8, r9, [r1], #8
        ldm     r0!, {{r2, r3, r10, r11}}
        smlad   r4, r2, r8, r4
        uxtb16  r2, r2
        smlad   r4, r2, r9, r4
        smlad   r5, r3, r8, r5
        uxtb16  r3, r3
        smlad   r5, r3, r9, r5
        smlad   r6, r10, r8, r6
        uxtb16  r10, r10
        smlad   r6, r10, r9, r6
        smlad   r7, r11, r8, r7
        uxtb16  r11, r11
        smlad   r7, r11, r9, r7
        "
    };
}

/// One tile of inputs of 16 bits.
macro_rules! wide {
    () => {
        "
        ldrd    r8, r9, [r1], #8
        ldm     r0!, {{r2, r3, r10, r11}}
        uxtb16  lr, r2
        sxtb16  r2, r2, ror #8
        smlad   r4, lr, r8, r4
        smlad   r4, r2, r9, r4
        uxtb16  lr, r3
        sxtb16  r3, r3, ror #8
        smlad   r5, lr, r8, r5
        smlad   r5, r3, r9, r5
        uxtb16  lr, r10
        sxtb16  r10, r10, ror #8
        smlad   r6, lr, r8, r6
        smlad   r6, r10, r9, r6
        uxtb16  lr, r11
        sxtb16  r11, r11, ror #8
        smlad   r7, lr, r8, r7
        smlad   r7, r11, r9, r7
        "
    };
}

/// Adds tiles of inputs of 8 bits to four sums in registers: 14 instructions per tile and two more per
/// eight tiles (per tile, in the last seven). Partial sums, 256 times too large, go to the sums after 56
/// tiles, at the latest after 63.
///
/// # Safety
/// Called from assembly only: r0 tiles, r1 as many quads, r2 their number, r4 to r7 sums. Tiles and quads
/// are valid for reads and begin at multiples of 4. Changes all registers but sp; r0 is behind the tiles.
#[unsafe(naked)]
unsafe extern "C" fn sum_tiles() {
    // r2, r3, r10, r11 weights, r4 to r7 partial sums, r8, r9 inputs, r12 where the quads of this round
    // end, lr quads behind them; the sums are on the stack.
    core::arch::naked_asm!(
        cpu!(),
        "push    {{r4-r7, lr}}",
        "mov     lr, r2",
        "2:",
        "mov     r4, #0",
        "mov     r5, #0",
        "mov     r6, #0",
        "mov     r7, #0",
        "cmp     lr, #56",
        "ite     lo",
        "biclo   r12, lr, #7",
        "movhs   r12, #56",
        "sub     lr, lr, r12",
        "add     r12, r1, r12, lsl #3",
        "cmp     r1, r12",
        "beq     4f",
        "3:",
        narrow!(),
        narrow!(),
        narrow!(),
        narrow!(),
        narrow!(),
        narrow!(),
        narrow!(),
        narrow!(),
        "cmp     r1, r12",
        "bne     3b",
        "cmp     lr, #8",
        "blo     4f",
        "ldm     sp, {{r8-r11}}",
        "add     r8, r8, r4, asr #8",
        "add     r9, r9, r5, asr #8",
        "add     r10, r10, r6, asr #8",
        "add     r11, r11, r7, asr #8",
        "stm     sp, {{r8-r11}}",
        "b       2b",
        "4:",
        "cmp     lr, #0",
        "beq     6f",
        "add     r12, r1, lr, lsl #3",
        "5:",
        narrow!(),
        "cmp     r1, r12",
        "bne     5b",
        "6:",
        "pop     {{r8-r11, lr}}",
        "add     r4, r8, r4, asr #8",
        "add     r5, r9, r5, asr #8",
        "add     r6, r10, r6, asr #8",
        "add     r7, r11, r7, asr #8",
        "bx      lr",
    )
}

/// Adds tiles of inputs of 8 bits to four sums.
///
/// # Safety
/// `tiles` is valid for reads of `count` tiles, `quads` of `count` quads, `sums` for reads and
/// writes of four numbers; all begin at multiples of 4.
#[unsafe(naked)]
unsafe extern "C" fn add_tiles(
    tiles: *const u8,
    quads: *const Quad,
    count: usize,
    sums: *mut [i32; TILE],
) {
    core::arch::naked_asm!(
        cpu!(),
        "push    {{r3-r11, lr}}",
        "ldm     r3, {{r4-r7}}",
        "bl      {sum_tiles}",
        "pop     {{r3}}",
        "stm     r3, {{r4-r7}}",
        "pop     {{r4-r11, pc}}",
        sum_tiles = sym sum_tiles,
    )
}

/// Computes all blocks of a layer in tiles of inputs of 8 bits: 43 instructions for each besides its sums.
///
/// # Safety
/// As [`Call::new`] makes it.
#[unsafe(naked)]
unsafe extern "C" fn tiles_of_layer(call: *mut Call) {
    // r0 tiles; the call's address is on the stack.
    core::arch::naked_asm!(
        cpu!(),
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
        "smmla   r4, r4, r8, r9",
        "smmla   r5, r5, r8, r9",
        "smmla   r6, r6, r8, r9",
        "smmla   r7, r7, r8, r9",
        "asr     r4, r4, r10",
        "asr     r5, r5, r10",
        "asr     r6, r6, r10",
        "asr     r7, r7, r10",
        "ssat    r4, #16, r4",
        "ssat    r5, #16, r5",
        "ssat    r6, #16, r6",
        "ssat    r7, #16, r7",
        "pkhbt   r4, r4, r5, lsl #16",
        "pkhbt   r6, r6, r7, lsl #16",
        "ssub16  r5, r4, r3",
        "sel     r4, r4, r3",
        "ssub16  r5, r6, r3",
        "sel     r6, r6, r3",
        "ssub16  r5, r11, r4",
        "sel     r4, r4, r11",
        "ssub16  r5, r11, r6",
        "sel     r6, r6, r11",
        "strd    r4, r6, [r1], #8",
        "str     r1, [lr, #20]",
        "cmp     r1, r2",
        "bne     2b",
        "pop     {{r0, r4-r11, pc}}",
        sum_tiles = sym sum_tiles,
    )
}

/// Adds tiles of inputs of 16 bits to four sums, which wrap: 18 instructions per tile and two more.
///
/// # Safety
/// As for [`add_tiles`].
#[unsafe(naked)]
unsafe extern "C" fn add_wide_tiles(
    tiles: *const u8,
    quads: *const Quad,
    count: usize,
    sums: *mut [i32; TILE],
) {
    // As in `sum_tiles`; lr holds weights.
    core::arch::naked_asm!(
        cpu!(),
        "push    {{r3-r11, lr}}",
        "ldm     r3, {{r4-r7}}",
        "add     r12, r1, r2, lsl #3",
        "cmp     r1, r12",
        "beq     3f",
        "2:",
        wide!(),
        "cmp     r1, r12",
        "bne     2b",
        "3:",
        "pop     {{r3}}",
        "stm     r3, {{r4-r7}}",
        "pop     {{r4-r11, pc}}",
    )
}
