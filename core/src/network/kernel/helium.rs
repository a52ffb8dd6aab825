//! The kernel for Cortex-M cores with Helium (MVE): `VMLADAVA` adds 16 products of bytes, or eight of
//! 16-bit numbers, to a sum in a general register.
//!
//! **Rows**: inputs of 8 bits are packed into bytes once per layer; then four rows share each load of 16
//! inputs: ten instructions for 64 products, the end of the loop included. The loop is predicated: what
//! lies behind the last input is neither read nor added. Layers of the common kind are computed in one
//! call, and their sums requantised in vectors of four. Inputs of 16 bits take the same ten instructions
//! for 32 products.
//!
//! **Tiles**: `VLD4` puts the words of four tiles into a register for each row. `VMOVLB` and `VMOVLT` make
//! 16-bit numbers of the weights of even and odd places, `VLD2` parts the inputs likewise: 23
//! instructions for 64 products. Tiles are made for processors with the DSP extension; on this one, rows
//! take about half of the time, and `bellwether model pack --weights rows` makes them.
//!
//! A sum `s` of a layer that rounds once becomes `(s·q31 + 2^(30 + right)) >> (31 + right)`. With the upper
//! word `h` of the product, `VMULH`, that is `(h + 2^(right - 2)) >> (right - 1)`, `VRSHL`, from a shift of
//! two on: the lower word cannot carry into the kept bits.
//!
//! Unsafe code is needed because stable Rust has no other way to these instructions. The unsafe part is
//! five functions, each with one caller that checks everything.

#![allow(unsafe_code)]

use super::portable::Portable;
use crate::model::Order;
use crate::model::layer::dense::TILE;
use crate::network::dense::{Blocks, Kernel, Quad};
use core::arch::naked_asm;

/// The processor for the assembler: the target does not say that it has vectors.
macro_rules! cpu {
    () => {
        ".cpu cortex-m55"
    };
}

/// The kernel.
pub(crate) struct Helium;

/// Tiles of one step.
const STEP: usize = 4;

/// Whether words can be loaded. Always true: blocks of a checked model begin at multiples of 4, and
/// activations are aligned and split at even places.
fn is_aligned<T>(values: &[T]) -> bool {
    values.as_ptr().addr().is_multiple_of(align_of::<u32>())
}

impl Kernel for Helium {
    fn prepare(order: Order, quads: &mut [Quad], wide: bool) {
        match order {
            Order::Tiles => Portable::prepare(order, quads, wide),
            // SAFETY: reads and writes the quads, which are there.
            Order::Rows if !wide => unsafe { pack(quads.as_mut_ptr(), TILE * quads.len()) },
            Order::Rows => {}
        }
    }

    #[inline(always)]
    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], wide: bool, sums: &mut [i32; TILE]) {
        let count = TILE * quads.len();
        if weights.len() / TILE < inputs || inputs < count || quads.is_empty() {
            return;
        }
        let (weights, quads) = (weights.as_ptr(), quads.as_ptr());
        // SAFETY: four rows of `inputs` bytes are there, none shorter than the `count` inputs, at least
        // one, as was just checked; sums are aligned by their type.
        unsafe {
            if wide {
                add_wide_rows(weights, quads, inputs, sums, count);
            } else {
                add_rows(weights, quads, inputs, sums, count);
            }
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
        let (count, inputs) = (outputs.len(), TILE * all.quads.len());
        let enough = all.weights.len() / TILE >= inputs.saturating_mul(count)
            && all.biases.len() >= count
            && is_aligned(all.biases)
            && inputs * count > 0;
        // Shifts of one round at the lower word.
        let common = all.order == Order::Rows && !all.wide && all.multiplier.right > 0;
        if !enough || !common {
            return false;
        }
        let call = Call {
            weights: all.weights.as_ptr(),
            inputs: all.quads.as_ptr(),
            count: inputs,
            biases: all.biases.as_ptr(),
            outputs: outputs.as_mut_ptr(),
            end: outputs.as_mut_ptr_range().end,
            multiplier: all.multiplier.q31,
            shift: -all.multiplier.right.cast_signed(),
            zero_point: all.zero_point.into(),
            low: all.range.0.into(),
            high: all.range.1.into(),
        };
        // SAFETY: `count` blocks of four rows with biases and outputs are there, at least one, and so are
        // the inputs, at least one quad; biases are aligned. All was just checked.
        unsafe { rows_of_layer(&call) };
        true
    }
}

/// Adds the products of the tiles of one block to four sums.
#[inline(always)]
fn add_block(weights: &[u8], quads: &[Quad], wide: bool, sums: &mut [i32; TILE]) {
    let (steps, _) = quads.as_chunks::<STEP>();
    let count = steps.len();
    let enough = weights.len() / (TILE * TILE) >= quads.len();
    if !enough || !is_aligned(weights) || !is_aligned(quads) {
        return;
    }
    if count > 0 {
        // SAFETY: four tiles for each of `count` steps are there, at least one, as was just checked; both
        // are aligned, as was checked, and sums are by their type.
        unsafe { add_tiles(weights.as_ptr(), steps.as_ptr(), count, sums) };
    }
    let weights = weights.get(STEP * TILE * TILE * count..);
    let left = quads.get(STEP * count..).unwrap_or_default();
    if !left.is_empty() {
        let mut blocks = [*sums];
        let inputs = TILE * left.len();
        Portable::tiles(weights.unwrap_or_default(), inputs, left, wide, &mut blocks);
        [*sums] = blocks;
    }
}

/// The operands of [`rows_of_layer`], which knows their places.
#[repr(C)]
struct Call {
    weights: *const u8,
    inputs: *const Quad,
    count: usize,
    biases: *const [[u8; 4]; TILE],
    outputs: *mut [i16; TILE],
    end: *mut [i16; TILE],
    multiplier: i32,
    /// To the left.
    shift: i32,
    zero_point: i32,
    low: i32,
    high: i32,
}

/// Packs 16-bit numbers into bytes, their lower halves, at the same place: three instructions for eight.
///
/// # Safety
/// `quads` is valid for reads and writes of `count` numbers.
#[unsafe(naked)]
unsafe extern "C" fn pack(quads: *mut Quad, count: usize) {
    naked_asm!(
        cpu!(),
        "cbz     r1, 3f",
        "push    {{r7, lr}}",
        "mov     r2, r0",
        "dlstp.16 lr, r1",
        "2:",
        "vldrh.u16 q0, [r0], #16",
        "vstrb.16 q0, [r2], #8",
        "letp    lr, 2b",
        "pop     {{r7, pc}}",
        "3:",
        "bx      lr",
    )
}

/// One step of four rows: 16 inputs, or eight wide ones. r0 to r3 rows, r5 inputs, sums in r4, r6, r8, r10.
macro_rules! narrow {
    () => {
        "
        vldrb.u8    q0, [r5], #16
        vldrb.u8    q1, [r0], #16
        vmladava.s8 r4, q0, q1
        vldrb.u8    q2, [r1], #16
        vmladava.s8 r6, q0, q2
        vldrb.u8    q1, [r2], #16
        vmladava.s8 r8, q0, q1
        vldrb.u8    q2, [r3], #16
        vmladava.s8 r10, q0, q2
        "
    };
}
macro_rules! wide {
    () => {
        "
        vldrh.u16   q0, [r5], #16
        vldrb.s16   q1, [r0], #8
        vmladava.s16 r4, q0, q1
        vldrb.s16   q2, [r1], #8
        vmladava.s16 r6, q0, q2
        vldrb.s16   q1, [r2], #8
        vmladava.s16 r8, q0, q1
        vldrb.s16   q2, [r3], #8
        vmladava.s16 r10, q0, q2
        "
    };
}

/// The frame of both functions over four rows.
macro_rules! four_rows {
    ($start:literal, $step:ident) => {
        naked_asm!(
            cpu!(),
            "push    {{r3-r11, lr}}",
            "ldr     r12, [sp, #40]",
            "mov     r5, r1",
            "mov     r11, r2",
            "ldrd    r4, r6, [r3]",
            "ldrd    r8, r10, [r3, #8]",
            "add     r1, r0, r11",
            "add     r2, r1, r11",
            "add     r3, r2, r11",
            $start,
            "2:",
            $step!(),
            "letp    lr, 2b",
            "pop     {{r3}}",
            "strd    r4, r6, [r3]",
            "strd    r8, r10, [r3, #8]",
            "pop     {{r4-r11, pc}}",
        )
    };
}

/// Adds four dot products over `count` packed inputs to four sums, which wrap.
///
/// # Safety
/// `weights` is valid for reads of four rows of `inputs` bytes, which is at least `count`, `quads` of
/// `count` bytes, at least one, `sums` for reads and writes of four aligned numbers.
#[unsafe(naked)]
unsafe extern "C" fn add_rows(
    weights: *const u8,
    quads: *const Quad,
    inputs: usize,
    sums: *mut [i32; TILE],
    count: usize,
) {
    four_rows!("dlstp.8 lr, r12", narrow)
}

/// The same over `count` inputs of 16 bits.
///
/// # Safety
/// As for [`add_rows`]; `quads` is valid for reads of `count` numbers.
#[unsafe(naked)]
unsafe extern "C" fn add_wide_rows(
    weights: *const u8,
    quads: *const Quad,
    inputs: usize,
    sums: *mut [i32; TILE],
    count: usize,
) {
    four_rows!("dlstp.16 lr, r12", wide)
}

/// Computes all blocks of a layer with packed inputs: twenty instructions for each, besides the steps.
///
/// # Safety
/// From `outputs` to `end` are places for blocks, at least one; weights of four rows of `count` bytes and
/// four biases are there for each, and `count` packed inputs, at least one. Biases are aligned.
#[unsafe(naked)]
unsafe extern "C" fn rows_of_layer(call: *const Call) {
    // r7 outputs, r9 biases, r11 length of a row, r12 the next block; q3 zero point, q4 multiplier, q5
    // shift, q6 and q7 limits. On the stack: inputs, end.
    naked_asm!(
        cpu!(),
        "push    {{r4-r11, lr}}",
        "sub     sp, #12",
        "vpush   {{d8-d15}}",
        "ldrd    r12, r1, [r0]",
        "ldrd    r11, r9, [r0, #8]",
        "ldrd    r7, r2, [r0, #16]",
        "strd    r1, r2, [sp, #64]",
        "ldrd    r1, r2, [r0, #24]",
        "vdup.32 q4, r1",
        "vdup.32 q5, r2",
        "ldrd    r1, r2, [r0, #32]",
        "ldr     r3, [r0, #40]",
        "vdup.32 q3, r1",
        "vdup.32 q6, r2",
        "vdup.32 q7, r3",
        "3:",
        "ldr     r5, [sp, #64]",
        "mov     r0, r12",
        "add     r1, r0, r11",
        "add     r2, r1, r11",
        "add     r3, r2, r11",
        "add     r12, r3, r11",
        "ldrd    r4, r6, [r9], #8",
        "ldrd    r8, r10, [r9], #8",
        "dlstp.8 lr, r11",
        "2:",
        narrow!(),
        "letp    lr, 2b",
        "ldr     r0, [sp, #68]",
        "vmov    q0[2], q0[0], r4, r8",
        "vmov    q0[3], q0[1], r6, r10",
        "vmulh.s32 q0, q0, q4",
        "vrshl.s32 q0, q0, q5",
        "vadd.i32 q0, q0, q3",
        "vmax.s32 q0, q0, q6",
        "vmin.s32 q0, q0, q7",
        "vstrh.32 q0, [r7], #8",
        "cmp     r7, r0",
        "bne     3b",
        "vpop    {{d8-d15}}",
        "add     sp, #12",
        "pop     {{r4-r11, pc}}",
    )
}

/// Adds four tiles a step to four sums, which wrap: 23 instructions.
///
/// # Safety
/// `tiles` is valid for reads of four tiles a step, `steps` of `count` steps, at least one, `sums` for
/// reads and writes of four numbers; all begin at multiples of 4.
#[unsafe(naked)]
unsafe extern "C" fn add_tiles(
    tiles: *const u8,
    steps: *const [Quad; STEP],
    count: usize,
    sums: *mut [i32; TILE],
) {
    // q0 to q3 rows, q4 and q5 inputs of even and odd places, q6 and q7 weights.
    naked_asm!(
        cpu!(),
        "push    {{r3-r10, r11, lr}}",
        "vpush   {{d8-d15}}",
        "ldrd    r4, r6, [r3]",
        "ldrd    r8, r10, [r3, #8]",
        "dls     lr, r2",
        "2:",
        "vld20.16 {{q4, q5}}, [r1]",
        "vld21.16 {{q4, q5}}, [r1]!",
        "vld40.32 {{q0, q1, q2, q3}}, [r0]",
        "vld41.32 {{q0, q1, q2, q3}}, [r0]",
        "vld42.32 {{q0, q1, q2, q3}}, [r0]",
        "vld43.32 {{q0, q1, q2, q3}}, [r0]!",
        "vmovlb.u8 q6, q0",
        "vmladava.s16 r4, q6, q4",
        "vmovlt.s8 q7, q0",
        "vmladava.s16 r4, q7, q5",
        "vmovlb.u8 q6, q1",
        "vmladava.s16 r6, q6, q4",
        "vmovlt.s8 q7, q1",
        "vmladava.s16 r6, q7, q5",
        "vmovlb.u8 q6, q2",
        "vmladava.s16 r8, q6, q4",
        "vmovlt.s8 q7, q2",
        "vmladava.s16 r8, q7, q5",
        "vmovlb.u8 q6, q3",
        "vmladava.s16 r10, q6, q4",
        "vmovlt.s8 q7, q3",
        "vmladava.s16 r10, q7, q5",
        "le      lr, 2b",
        "vpop    {{d8-d15}}",
        "pop     {{r3}}",
        "strd    r4, r6, [r3]",
        "strd    r8, r10, [r3, #8]",
        "pop     {{r4-r11, pc}}",
    )
}
