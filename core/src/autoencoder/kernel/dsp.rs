//! The kernel for Cortex-M cores with the DSP extension: two products per multiplication.
//!
//! `SXTB16` makes two 16-bit numbers of every other byte of a word, and `SMLAD` adds two products
//! of such pairs to a sum. Inputs are put into this order once per layer, weights come apart where
//! they lie, four outputs at a time. MLPerf Tiny ad01 takes 408,381 instructions on Cortex-M4F, 1.55 per
//! multiply-and-add and everything included, where the portable kernel takes 903,821; the figures
//! of the committed code are in tests/expect/ad01.txt.  Where a layer's inputs are no multiple of four, rows begin at any byte: firmware
//! that traps unaligned reads (`CCR.UNALIGN_TRP`) cannot use it.
//!
//! This is the one file of the library with unsafe code: the loop needs all of the processor's
//! registers, which no compiler of Rust or C was seen to manage, and pointers to four rows at
//! once. What is unsafe is one function, [`four_rows`], whose caller checks everything.

#![allow(unsafe_code)]

use crate::autoencoder::dense::{Finish, dense as portable};
use crate::model::{Dense, Rounding};

/// Outputs computed together.
const ROWS: usize = 4;
/// Inputs taken together.
const COLUMNS: usize = 4;

/// Four inputs as the weights come out of their word: numbers 0, 2, 1, 3.
type Quad = [i16; COLUMNS];

/// As the portable [`dense`](crate::autoencoder::dense::dense), to the bit. Changes the order of
/// the inputs.
pub fn dense(layer: &Dense<'_>, rounding: Rounding, x: &mut [i16], y: &mut [i16]) {
    if !x.as_ptr().addr().is_multiple_of(align_of::<u32>()) {
        return portable(layer, rounding, x, y);
    }
    let (quads, rest) = x.as_chunks_mut::<COLUMNS>();
    for [_, b, c, _] in &mut *quads {
        core::mem::swap(b, c);
    }
    let mut finish = Finish::new(layer, rounding);
    if let (Rounding::Single, false) = (rounding, layer.per_channel()) {
        let single = finish.multiplier.single();
        rows(layer, quads, rest, y, |sum| finish.clamp(single.apply(sum)));
    } else {
        rows(layer, quads, rest, y, |sum| finish.next(sum));
    }
}

/// Computes the sums of a layer, in order, and what `finish` makes of each.
#[inline(always)]
fn rows(
    layer: &Dense<'_>,
    quads: &[Quad],
    rest: &[i16],
    y: &mut [i16],
    mut finish: impl FnMut(i32) -> i16,
) {
    let inputs = layer.inputs;
    let mut weights = layer.weights();
    let mut take = |count: usize| {
        let (taken, rest) = weights.split_at_checked(count).unwrap_or_default();
        weights = rest;
        taken
    };
    let (biases, last_biases) = layer.biases().as_chunks::<ROWS>();
    let (blocks, last) = y.as_chunks_mut::<ROWS>();
    for (block, biases) in blocks.iter_mut().zip(biases) {
        let weights = take(ROWS * inputs);
        let mut sums = biases.map(i32::from_le_bytes);
        dot(weights, quads, inputs, &mut sums);
        if !rest.is_empty() {
            let rows = weights.chunks_exact(inputs.max(1));
            for (sum, row) in sums.iter_mut().zip(rows) {
                let (_, row) = row.as_chunks::<COLUMNS>();
                *sum = sum.wrapping_add(products(row, rest));
            }
        }
        *block = sums.map(&mut finish);
    }
    for (output, bias) in last.iter_mut().zip(last_biases) {
        let (words, row) = take(inputs).as_chunks::<COLUMNS>();
        let sum = words
            .iter()
            .zip(quads)
            .fold(i32::from_le_bytes(*bias), |sum, (word, &[a, c, b, d])| {
                sum.wrapping_add(products(word, &[a, b, c, d]))
            });
        *output = finish(sum.wrapping_add(products(row, rest)));
    }
}

/// The sum of some weights times as many inputs.
#[inline(never)]
fn products(weights: &[u8], x: &[i16]) -> i32 {
    weights.iter().zip(x).fold(0, |sum, (&weight, &x)| {
        sum + i32::from(weight.cast_signed()) * i32::from(x)
    })
}

/// Adds the dot products of four rows, each of `inputs` weights, with the inputs, except for what
/// is behind the last whole word. Nothing where a slice is too short.
#[inline(always)]
fn dot(weights: &[u8], quads: &[Quad], inputs: usize, sums: &mut [i32; ROWS]) {
    let enough = weights.len() / ROWS >= inputs && quads.len() >= inputs / COLUMNS;
    if enough {
        // SAFETY: four rows of `inputs` bytes and `inputs / 4` quads are there, as was just
        // checked; `dense` saw that quads are aligned, and sums are by their type.
        unsafe { four_rows(weights.as_ptr(), quads.as_ptr(), inputs, sums) };
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
unsafe extern "C" fn four_rows(
    weights: *const u8,
    quads: *const Quad,
    inputs: usize,
    sums: *mut [i32; ROWS],
) {
    // r0 weights of row 0, r1 quads, r2 length of a row, r3 three times that, r4 to r7 sums,
    // r8 and r9 inputs, r10, r11 and lr weights, r12 where the quads end.
    core::arch::naked_asm!(
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
