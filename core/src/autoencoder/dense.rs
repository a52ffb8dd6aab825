//! The portable kernel of a dense layer: safe code, any processor.
//!
//! Four outputs at once share each load of an input, and the input's zero point is folded into
//! the biases beforehand, so that the inner loop is a plain dot product. MLPerf Tiny
//! ad01 takes 3.2 instructions per multiply-and-add on Cortex-M3, everything included, 7.0 as code
//! for Cortex-M0, and would take 3.4 on Cortex-M4, which has a kernel of its own (1.6). Sums may wrap on the way, never at the end: [`Model::parse`](crate::Model::parse)
//! proved that.

use super::requantise::Multiplier;
use crate::model::{Dense, Rounding};

/// Outputs computed together.
const ROWS: usize = 4;
/// Inputs taken together.
const COLUMNS: usize = 4;

/// Computes `layer.outputs` values from `layer.inputs` values; `inputs·outputs` steps. Values
/// that a slice is too short for are not read or written.
pub fn dense(layer: &Dense<'_>, rounding: Rounding, x: &[i16], y: &mut [i16]) {
    let mut finish = Finish::new(layer, rounding);
    match (rounding, layer.per_channel()) {
        // The common case by itself, so that nothing is decided once per output.
        (Rounding::Single, false) => {
            let single = finish.multiplier.single();
            rows(layer, x, y, |sum| finish.clamp(single.apply(sum)));
        }
        _ => rows(layer, x, y, |sum| finish.next(sum)),
    }
}

/// Computes the sums of a layer, in order, and what `finish` makes of each.
#[inline(always)]
fn rows(layer: &Dense<'_>, x: &[i16], y: &mut [i16], mut finish: impl FnMut(i32) -> i16) {
    let mut rows = Rows {
        rest: layer.weights(),
        inputs: layer.inputs,
    };
    let (biases, last_biases) = layer.biases().as_chunks::<ROWS>();
    let (blocks, last) = y.as_chunks_mut::<ROWS>();
    for (block, biases) in blocks.iter_mut().zip(biases) {
        let weights = [rows.take(), rows.take(), rows.take(), rows.take()];
        let mut sums = biases.map(i32::from_le_bytes);
        dot(&weights, x, &mut sums);
        *block = sums.map(&mut finish);
    }
    for (output, bias) in last.iter_mut().zip(last_biases) {
        let mut sum = i32::from_le_bytes(*bias);
        for (&weight, &x) in rows.take().iter().zip(x) {
            sum = sum.wrapping_add(i32::from(weight.cast_signed()) * i32::from(x));
        }
        *output = finish(sum);
    }
}

/// Adds four dot products to four sums. Not inlined, and four inputs at a time: on Cortex-M the
/// registers just suffice for this loop; with its caller's values among them, its pointers go
/// to the stack (855,837 instead of 963,285 instructions for MLPerf Tiny ad01 on Cortex-M3).
#[inline(never)]
fn dot(weights: &[&[u8]; ROWS], x: &[i16], sums: &mut [i32; ROWS]) {
    let [(w0, last0), (w1, last1), (w2, last2), (w3, last3)] =
        weights.map(<[u8]>::as_chunks::<COLUMNS>);
    let (x, last_x) = x.as_chunks::<COLUMNS>();
    let mut all = *sums;
    for ((((w0, w1), w2), w3), x) in w0.iter().zip(w1).zip(w2).zip(w3).zip(x) {
        add([w0, w1, w2, w3], x, &mut all);
    }
    add([last0, last1, last2, last3], last_x, &mut all);
    *sums = all;
}

#[inline(always)]
fn add(weights: [&[u8]; ROWS], x: &[i16], sums: &mut [i32; ROWS]) {
    let [w0, w1, w2, w3] = weights;
    let [s0, s1, s2, s3] = sums;
    for ((((&w0, &w1), &w2), &w3), &x) in w0.iter().zip(w1).zip(w2).zip(w3).zip(x) {
        let x = i32::from(x);
        *s0 = s0.wrapping_add(i32::from(w0.cast_signed()) * x);
        *s1 = s1.wrapping_add(i32::from(w1.cast_signed()) * x);
        *s2 = s2.wrapping_add(i32::from(w2.cast_signed()) * x);
        *s3 = s3.wrapping_add(i32::from(w3.cast_signed()) * x);
    }
}

/// The weights of one output after another.
struct Rows<'m> {
    rest: &'m [u8],
    inputs: usize,
}

impl<'m> Rows<'m> {
    fn take(&mut self) -> &'m [u8] {
        let (row, rest) = self.rest.split_at_checked(self.inputs).unwrap_or_default();
        self.rest = rest;
        row
    }
}

/// What turns the sums of a layer, in order, into its outputs.
pub(super) struct Finish<'m> {
    pub(super) multiplier: Multiplier,
    /// Multipliers of the outputs to come; empty where all share one.
    own: &'m [[u8; 8]],
    rounding: Rounding,
    low: i32,
    high: i32,
    zero_point: i32,
}

impl<'m> Finish<'m> {
    pub(super) fn new(layer: &Dense<'m>, rounding: Rounding) -> Self {
        let all = layer.multipliers();
        let zero_point = i32::from(layer.output.zero_point);
        Self {
            multiplier: all
                .first()
                .map_or(Multiplier::new(0, 0), |m| Multiplier::of(*m)),
            own: if layer.per_channel() { all } else { &[] },
            rounding,
            // Clamped before the zero point is added, so that no sum can overflow.
            low: i32::from(layer.low) - zero_point,
            high: i32::from(layer.high) - zero_point,
            zero_point,
        }
    }

    #[inline(never)]
    pub(super) fn next(&mut self, sum: i32) -> i16 {
        if let Some((own, rest)) = self.own.split_first() {
            self.multiplier = Multiplier::of(*own);
            self.own = rest;
        }
        self.clamp(self.multiplier.apply(sum, self.rounding))
    }

    #[inline(always)]
    pub(super) const fn clamp(&self, rescaled: i32) -> i16 {
        // Within 16 bits, for `low` and `high` are.
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
