//! The portable kernel of a dense layer: safe code, any processor.
//!
//! Four outputs at once share each load of an input, and the input's zero point is folded into
//! the biases beforehand, so that the inner loop is a plain dot product of int8. 3.3
//! instructions per multiply-and-add on Cortex-M3 and M4. Sums may wrap on the way, never at
//! the end: [`Model::parse`](crate::Model::parse) proved that.

use super::requantise::Multiplier;
use crate::model::{Dense, Rounding};

/// Outputs computed together.
const ROWS: usize = 4;

/// Computes `layer.outputs` values from `layer.inputs` values; `inputs·outputs` steps. Values
/// that a slice is too short for are not read or written.
#[inline(never)]
pub fn dense(layer: &Dense<'_>, rounding: Rounding, x: &[i8], y: &mut [i8]) {
    let mut rows = Rows {
        rest: layer.weights(),
        inputs: layer.inputs,
    };
    let mut finish = Finish::new(layer, rounding);
    let (biases, last_biases) = layer.biases().as_chunks::<ROWS>();
    let (blocks, last) = y.as_chunks_mut::<ROWS>();
    for (block, biases) in blocks.iter_mut().zip(biases) {
        let weights = [rows.take(), rows.take(), rows.take(), rows.take()];
        let sums = dot(weights, x, biases.map(i32::from_le_bytes));
        *block = sums.map(|sum| finish.next(sum));
    }
    for (output, bias) in last.iter_mut().zip(last_biases) {
        let mut sum = i32::from_le_bytes(*bias);
        for (&weight, &x) in rows.take().iter().zip(x) {
            sum = sum.wrapping_add(i32::from(weight.cast_signed()) * i32::from(x));
        }
        *output = finish.next(sum);
    }
}

/// Adds four dot products to four sums.
#[inline(always)]
fn dot(weights: [&[u8]; ROWS], x: &[i8], sums: [i32; ROWS]) -> [i32; ROWS] {
    let [w0, w1, w2, w3] = weights;
    let [mut s0, mut s1, mut s2, mut s3] = sums;
    for ((((&w0, &w1), &w2), &w3), &x) in w0.iter().zip(w1).zip(w2).zip(w3).zip(x) {
        let x = i32::from(x);
        s0 = s0.wrapping_add(i32::from(w0.cast_signed()) * x);
        s1 = s1.wrapping_add(i32::from(w1.cast_signed()) * x);
        s2 = s2.wrapping_add(i32::from(w2.cast_signed()) * x);
        s3 = s3.wrapping_add(i32::from(w3.cast_signed()) * x);
    }
    [s0, s1, s2, s3]
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
    multiplier: Multiplier,
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

    #[inline(always)]
    pub(super) fn next(&mut self, sum: i32) -> i8 {
        if let Some((own, rest)) = self.own.split_first() {
            self.multiplier = Multiplier::of(*own);
            self.own = rest;
        }
        let rescaled = self.multiplier.apply(sum, self.rounding);
        // Within int8, for `low` and `high` are.
        (rescaled.max(self.low).min(self.high) + self.zero_point) as i8
    }
}
