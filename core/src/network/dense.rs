//! Dense layers: the part common to all kernels.
//!
//! Four outputs at once share each load of an input, and the input's zero point is folded into
//! the biases beforehand, so that the inner loop is a plain dot product. Sums may wrap on the way,
//! never at the end: [`Model::parse`](crate::Model::parse) proved that.
//!
//! In tiles, the weights of a row are stored as `w0 + 128, -w1, w2 + 128, -w3`, the first and third
//! without sign. With `u = x + 128` for the second and fourth input (`u = x` where inputs take 16
//! bits), a row of a tile gives
//!
//! ```text
//! (w0 + 128)·x0 + (-w1)·(-u1) + (w2 + 128)·x2 + (-w3)·(-u3)
//! ```
//!
//! which is the products' sum and `128·(x0 + x2 + w1 + w3)`. The part of the inputs is the same for
//! all outputs and subtracted once per layer; the part of the weights is in the biases. No kernel
//! pays for this, and the kernel for the DSP extension saves a third of the unpacking.

use super::requantise::{Multiplier, Single};
use crate::model::layer::dense::{TILE, TILE_OFFSET};
use crate::model::{Dense, Order, Rounding};

/// Four inputs.
pub(super) type Quad = [i16; TILE];

/// The loops over weights.
pub(super) trait Kernel {
    /// Whether four blocks of tiles at once take less time than one after the other.
    const FOUR_BLOCKS: bool = false;

    /// Prepares inputs for the sums over an order.
    fn prepare(order: Order, quads: &mut [Quad], wide: bool);

    /// Adds the products of four rows of `inputs` weights with the quads to four sums.
    fn rows(weights: &[u8], inputs: usize, quads: &[Quad], wide: bool, sums: &mut [i32; TILE]);

    /// Adds the products of the tiles of `B` blocks, in each as many as there are quads, to four
    /// sums of each. A block takes `4·inputs` weights.
    fn tiles<const B: usize>(
        weights: &[u8],
        inputs: usize,
        quads: &[Quad],
        wide: bool,
        sums: &mut [[i32; TILE]; B],
    );

    /// Computes all blocks of a layer from their first weight to their outputs; `false` if the kernel
    /// has no loop for such a layer, and nothing was done.
    fn blocks(_: &Blocks<'_>, _: &mut [[i16; TILE]]) -> bool {
        false
    }
}

/// The blocks of a layer whose inputs are all in quads, and whose outputs share one multiplier, which
/// rounds once.
pub(super) struct Blocks<'a> {
    pub(super) order: Order,
    pub(super) wide: bool,
    pub(super) weights: &'a [u8],
    pub(super) biases: &'a [[[u8; 4]; TILE]],
    /// Prepared inputs.
    pub(super) quads: &'a [Quad],
    /// Subtracted from every bias.
    pub(super) offset: i32,
    pub(super) multiplier: Single,
    /// Limits of an output.
    pub(super) range: (i16, i16),
    pub(super) zero_point: i16,
}

impl Blocks<'_> {
    /// The number added to the upper word of a product, before it is shifted and clamped to the limits: the
    /// half of a step, and the zero point. `None` where the half lies in the lower word, which is rare, or
    /// where the sum could overflow: the upper word of a product is at most 2^30.
    pub(super) fn addend(&self) -> Option<i32> {
        let right = self.multiplier.right;
        let half = 1_i64 << right.checked_sub(1)?;
        let addend = half + (i64::from(self.zero_point) << right);
        let fits = addend.unsigned_abs() < 1 << 30;
        i32::try_from(addend).ok().filter(|_| fits)
    }
}

/// Computes `layer.outputs` values from `layer.inputs` values; `inputs·outputs` steps. Values
/// beyond a short slice are not read or written. The inputs are overwritten.
#[inline(always)]
pub(super) fn dense<K: Kernel>(
    layer: &Dense<'_>,
    rounding: Rounding,
    x: &mut [i16],
    y: &mut [i16],
) {
    let (order, wide, inputs) = (layer.order, layer.wide_inputs, layer.inputs);
    let finish = Finish::new(layer, rounding);
    let (blocks, last) = y.as_chunks_mut::<TILE>();
    let (biases, last_biases) = layer.biases().as_chunks::<TILE>();
    let mut weights = layer.weights();
    let mut take = |count: usize| {
        let (taken, rest) = weights.split_at_checked(count).unwrap_or_default();
        weights = rest;
        taken
    };
    let in_blocks = take(blocks.len() * TILE * inputs);
    // Outputs that fill no block take the inputs as they came.
    for (k, (output, bias)) in last.iter_mut().zip(last_biases).enumerate() {
        let sum = i32::from_le_bytes(*bias).wrapping_add(products(take(inputs), x));
        *output = finish.of(blocks.len() * TILE + k, sum);
    }
    let (quads, rest) = x.as_chunks_mut::<TILE>();
    let offset = match order {
        Order::Rows => 0,
        Order::Tiles => offset(quads),
    };
    K::prepare(order, quads, wide);
    let inputs = Inputs {
        order,
        wide,
        count: inputs,
        quads,
        rest,
        offset,
    };
    if let (Some(multiplier), []) = (finish.single, &inputs.rest) {
        let all = Blocks {
            order,
            wide,
            weights: in_blocks,
            biases,
            quads: inputs.quads,
            offset,
            multiplier,
            range: (layer.low, layer.high),
            zero_point: layer.output.zero_point,
        };
        if K::blocks(&all, blocks) {
            return;
        }
    }
    let mut done = 0;
    if K::FOUR_BLOCKS && order == Order::Tiles {
        done = inputs.blocks::<K, 4>(&finish, 0, in_blocks, biases, blocks);
    }
    inputs.blocks::<K, 1>(&finish, done, in_blocks, biases, blocks);
}

/// The prepared inputs of a layer.
struct Inputs<'a> {
    order: Order,
    wide: bool,
    count: usize,
    quads: &'a [Quad],
    rest: &'a [i16],
    offset: i32,
}

impl Inputs<'_> {
    /// Computes blocks, `B` at a time, from the block `first` to the last for which there are `B`;
    /// returns the block after it.
    #[inline(always)]
    fn blocks<K: Kernel, const B: usize>(
        &self,
        finish: &Finish<'_>,
        first: usize,
        weights: &[u8],
        biases: &[[[u8; 4]; TILE]],
        blocks: &mut [[i16; TILE]],
    ) -> usize {
        let (order, length) = (self.order, TILE * self.count);
        let weights = weights.get(first * length..).unwrap_or_default();
        let weights = weights.chunks_exact((B * length).max(1));
        let (biases, _) = biases.get(first..).unwrap_or_default().as_chunks::<B>();
        let blocks = blocks.get_mut(first..).unwrap_or_default();
        let (blocks, _) = blocks.as_chunks_mut::<B>();
        let count = blocks.len();
        for (k, ((blocks, biases), weights)) in
            blocks.iter_mut().zip(biases).zip(weights).enumerate()
        {
            let offset = self.offset;
            let mut sums = biases
                .map(|biases| biases.map(|bias| i32::from_le_bytes(bias).wrapping_sub(offset)));
            match order {
                Order::Rows => {
                    for (sums, weights) in sums.iter_mut().zip(weights.chunks_exact(length.max(1)))
                    {
                        K::rows(weights, self.count, self.quads, self.wide, sums);
                    }
                }
                Order::Tiles => {
                    K::tiles::<B>(weights, self.count, self.quads, self.wide, &mut sums);
                }
            }
            if !self.rest.is_empty() {
                for (sums, weights) in sums.iter_mut().zip(weights.chunks_exact(length.max(1))) {
                    add_rest(order, self.count, weights, self.rest, sums);
                }
            }
            finish.blocks(first + B * k, &sums, blocks);
        }
        first + B * count
    }
}

/// Adds the products of a block with the inputs behind the last quad.
#[cold]
#[inline(never)]
pub(super) fn add_rest(
    order: Order,
    inputs: usize,
    weights: &[u8],
    rest: &[i16],
    sums: &mut [i32; TILE],
) {
    let whole = inputs.wrapping_sub(rest.len());
    let (mut at, step) = match order {
        Order::Rows => (whole, inputs),
        Order::Tiles => (TILE.wrapping_mul(whole), rest.len()),
    };
    for sum in sums {
        let row = weights.get(at..).unwrap_or_default();
        for (&weight, &x) in row.iter().zip(rest) {
            *sum = sum.wrapping_add(i32::from(weight.cast_signed()) * i32::from(x));
            // Three at most: not worth unrolling.
            core::hint::black_box(());
        }
        at = at.wrapping_add(step);
    }
}

/// The contribution of the weights' offset, from the inputs.
#[inline(never)]
fn offset(quads: &[Quad]) -> i32 {
    let add = |sum: i32, [a, _, c, _]: &Quad| {
        let both = i32::from(*a).wrapping_add(i32::from(*c));
        sum.wrapping_add(both)
    };
    quads.iter().fold(0, add).wrapping_mul(TILE_OFFSET.into())
}

/// The sum of some weights times as many inputs.
#[inline(never)]
fn products(weights: &[u8], x: &[i16]) -> i32 {
    weights.iter().zip(x).fold(0, |sum, (&weight, &x)| {
        let product = i32::from(weight.cast_signed()) * i32::from(x);
        sum.wrapping_add(product)
    })
}

/// The step from a layer's sums to its outputs.
struct Finish<'m> {
    multiplier: Multiplier,
    /// The prepared multiplier, if all outputs share one and it rounds once.
    single: Option<Single>,
    /// Multipliers of all outputs; empty if they share one.
    own: &'m [[u8; 8]],
    rounding: Rounding,
    low: i32,
    high: i32,
    zero_point: i32,
}

impl<'m> Finish<'m> {
    fn new(layer: &Dense<'m>, rounding: Rounding) -> Self {
        let all = layer.multipliers();
        let zero_point = i32::from(layer.output.zero_point);
        let multiplier = all
            .first()
            .map_or(Multiplier::new(0, 0), |m| Multiplier::of(*m));
        let shared = rounding == Rounding::Single && !layer.per_channel();
        Self {
            multiplier,
            single: multiplier.single().filter(|_| shared),
            own: if layer.per_channel() { all } else { &[] },
            rounding,
            // Clamped before the zero point is added, so that no sum can overflow.
            low: i32::from(layer.low) - zero_point,
            high: i32::from(layer.high) - zero_point,
            zero_point,
        }
    }

    /// The outputs of blocks from `first` on.
    #[inline(always)]
    fn blocks<const B: usize>(
        &self,
        first: usize,
        sums: &[[i32; TILE]; B],
        blocks: &mut [[i16; TILE]; B],
    ) {
        // The compiler vectorises four blocks at once; elsewhere this changes nothing.
        if let (Some(single), true) = (self.single, B > 1) {
            let outputs = blocks.as_flattened_mut().iter_mut();
            for (output, sum) in outputs.zip(sums.as_flattened()) {
                *output = self.clamp(single.apply(*sum));
            }
            return;
        }
        for (k, (block, sums)) in blocks.iter_mut().zip(sums).enumerate() {
            // The common case apart, so that no branch is taken per output.
            *block = match self.single {
                Some(single) => sums.map(|sum| self.clamp(single.apply(sum))),
                None => self.uncommon(first + k, sums),
            };
        }
    }

    #[cold]
    #[inline(never)]
    fn uncommon(&self, index: usize, sums: &[i32; TILE]) -> [i16; TILE] {
        let mut output = TILE.wrapping_mul(index);
        sums.map(|sum| {
            let value = self.of(output, sum);
            output = output.wrapping_add(1);
            value
        })
    }

    /// One output.
    #[inline(never)]
    fn of(&self, output: usize, sum: i32) -> i16 {
        let own = self.own.get(output).copied().map(Multiplier::of);
        let multiplier = own.unwrap_or(self.multiplier);
        self.clamp(multiplier.apply(sum, self.rounding))
    }

    #[inline(always)]
    const fn clamp(&self, rescaled: i32) -> i16 {
        // Within 16 bits, as `low` and `high` are.
        let clamped = if rescaled < self.low {
            self.low
        } else if rescaled > self.high {
            self.high
        } else {
            rescaled
        };
        (clamped + self.zero_point) as i16
    }
}
