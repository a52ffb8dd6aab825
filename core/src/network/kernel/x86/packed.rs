//! Packed weights for AVX-512 with VNNI: panels of 16 outputs, in groups of up to eight.
//!
//! For each of its `G` panels, a group has one line of first sums. If outputs have their own
//! multipliers, a line of multipliers and a line of shifts follow. Then every four inputs have a
//! line of weights:
//!
//! ```text
//! sums[G] (multipliers[G] shifts[G]) weights[quads][G]
//! line of weights: output 0 of inputs 0 1 2 3, output 1 of inputs 0 1 2 3, ...
//! ```
//!
//! Inputs enter as `x + 128`, so that a first sum is the bias less 128 times the output's weights.
//! Lines are filled up with zeros at the edges.

use super::vnni;
use crate::model::{Dense, Layer};
use crate::network::packed::CacheLine;
use crate::network::requantise::Multiplier;

/// Outputs of a panel.
pub(super) const WIDTH: usize = 16;
/// Inputs of a line of weights.
pub(super) const QUAD: usize = 4;
/// Offset of a stored shift: 31, less the rounding bit.
const SHIFT: i32 = 30;
/// Number of panels in a group, as long as enough are left.
const GROUPS: [usize; 4] = [8, 4, 2, 1];

/// The packed weights of a network's layers, in order.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct PackedWeights<'w>(&'w [CacheLine]);

impl<'w> PackedWeights<'w> {
    /// Number of lines for some layers.
    pub fn lines<'m>(layers: impl Iterator<Item = Layer<'m>>) -> usize {
        layers.map(|layer| dense_of(&layer).map_or(0, lines)).sum()
    }

    /// Fills as many lines as [`lines`](Self::lines) returns.
    pub fn fill<'m>(layers: impl Iterator<Item = Layer<'m>>, memory: &'w mut [CacheLine]) -> Self {
        let mut rest = &mut *memory;
        for layer in layers {
            if let Some(dense) = dense_of(&layer) {
                let (own, others) = rest.split_at_mut_checked(lines(dense)).unwrap_or_default();
                fill(dense, own);
                rest = others;
            }
        }
        Self(memory)
    }

    /// Takes the lines of the next layer; empty if it has none.
    pub fn next(&mut self, layer: &Layer<'_>) -> Self {
        if self.0.is_empty() {
            return *self;
        }
        let count = dense_of(layer).map_or(0, lines);
        let (own, rest) = self.0.split_at_checked(count).unwrap_or_default();
        self.0 = rest;
        Self(own)
    }

    pub(super) const fn as_lines(self) -> &'w [CacheLine] {
        self.0
    }
}

/// The dense layer in a layer with weights that can be packed.
const fn dense_of<'a, 'm>(layer: &'a Layer<'m>) -> Option<&'a Dense<'m>> {
    match layer {
        Layer::Dense(dense) => Some(dense),
        Layer::Conv1d(conv) => Some(&conv.dense),
        Layer::Lookup(_) | Layer::Recurrent(_) | Layer::Curve(_) => None,
    }
}

/// Number of lines of a layer; 0 if its inputs have 16 bits, or are too few to be bytes in place.
fn lines(layer: &Dense<'_>) -> usize {
    if layer.wide_inputs || layer.inputs < QUAD || !vnni::detected() {
        return 0;
    }
    let panels = layer.outputs.div_ceil(WIDTH);
    panels.saturating_mul(head(layer) + layer.inputs.div_ceil(QUAD))
}

/// Lines of a panel before its weights.
pub(super) const fn head(layer: &Dense<'_>) -> usize {
    if layer.per_channel() { 3 } else { 1 }
}

/// Multiplier and shift of an output.
pub(super) fn multiplier(layer: &Dense<'_>, output: usize) -> (i32, i32) {
    let entry = layer.multipliers().get(output).copied();
    let (q31, right) = Multiplier::of(entry.unwrap_or_default()).parts();
    (q31, right.cast_signed() + SHIFT)
}

/// The inverse of [`multiplier`].
pub(super) const fn of_parts(q31: i32, shift: i32) -> Multiplier {
    Multiplier::new(q31, (shift - SHIFT).cast_unsigned())
}

/// Number of panels in each group.
pub(super) fn groups(outputs: usize) -> impl Iterator<Item = usize> {
    let mut left = outputs.div_ceil(WIDTH);
    core::iter::from_fn(move || {
        let group = GROUPS.into_iter().find(|group| *group <= left)?;
        left -= group;
        Some(group)
    })
}

/// Writes a layer's lines.
#[cold]
fn fill(layer: &Dense<'_>, lines: &mut [CacheLine]) {
    let quads = layer.inputs.div_ceil(QUAD);
    let (mut lines, mut first) = (lines.iter_mut(), 0);
    for group in groups(layer.outputs) {
        let outputs = |panel: usize| {
            let first = first + panel * WIDTH;
            core::array::from_fn::<_, WIDTH, _>(|k| first + k)
        };
        let weights = |output: usize, quad: usize| {
            let weight = |k| layer.weight(output, quad * QUAD + k) as u8;
            i32::from_le_bytes(core::array::from_fn(weight))
        };
        let mut put = |value: &dyn Fn(usize) -> i32| {
            for panel in 0..group {
                if let Some(line) = lines.next() {
                    *line = CacheLine(outputs(panel).map(value));
                }
            }
        };
        put(&|output| layer.first_sum(output));
        if layer.per_channel() {
            put(&|output| multiplier(layer, output).0);
            put(&|output| multiplier(layer, output).1);
        }
        for quad in 0..quads {
            put(&|output| weights(output, quad));
        }
        first += group * WIDTH;
    }
}
