//! LSTM and GRU in integers.
//!
//! The arguments of sigmoid and tanh have 16 bits, `p` of them fractional. A multiplier each scales
//! the sums of a frame and of the state to them, and both are added. Both functions are tables of
//! 513 entries. Their results and the state have 15 fractional bits; the LSTM's cell has `p`.
//! Products are rounded half up, and numbers saturate at ±32,767:
//!
//! ```text
//! LSTM  c' = sat(round(σ(f)·c / 2^15) + round(σ(i)·tanh(g) / 2^(30 - p)))
//!       h' = round(σ(o)·tanh(c') / 2^15)
//! GRU   n  = tanh(sat(n_x + round(σ(r)·n_h / 2^15)))
//!       h' = n + round(σ(z)·(h - n) / 2^15)
//! ```

use super::dense::{Kernel, Quad, add_rest};
use super::requantise::Multiplier;
use crate::model::layer::dense::TILE;
use crate::model::layer::even;
use crate::model::layer::recurrent::{Part, UNITS};
use crate::model::{Cell, Recurrent, Rounding};

/// Computes a layer; `frames·gates·units·(channels + units)` steps. `spare` has the length of a
/// frame and of three states.
#[inline(never)]
pub(super) fn recurrent<K: Kernel>(
    layer: &Recurrent<'_>,
    rounding: Rounding,
    x: &[i16],
    spare: &mut [i16],
    y: &mut [i16],
) {
    let units = layer.units;
    let mut rest = spare;
    let mut take = |count: usize| {
        let (taken, after) = core::mem::take(&mut rest)
            .split_at_mut_checked(even(count))
            .unwrap_or_default();
        rest = after;
        taken.get_mut(..count).unwrap_or_default()
    };
    let (frame, before) = (take(layer.channels), take(units));
    let (state, cell) = (take(units), take(units));
    state.fill(0);
    cell.fill(0);
    let mut outputs = y.chunks_exact_mut(units.max(1));
    for values in x.chunks_exact(layer.channels.max(1)) {
        let from = Prepared::<K>::new(frame, values);
        let and_from = Prepared::<K>::new(before, state);
        let units = state.chunks_mut(UNITS).zip(cell.chunks_mut(UNITS));
        for (group, (state, cell)) in units.enumerate() {
            let gate = |gate: usize| {
                let block = layer.cell.gates().wrapping_mul(group).wrapping_add(gate);
                let input = from.block(&layer.input, block, rounding);
                (input, and_from.block(&layer.state, block, rounding))
            };
            match layer.cell {
                Cell::Lstm => {
                    let [i, f, g, o] = [0, 1, 2, 3].map(|k| add(gate(k)));
                    let gates = i.into_iter().zip(f).zip(g).zip(o);
                    for ((c, h), (((i, f), g), o)) in cell.iter_mut().zip(state).zip(gates) {
                        (*c, *h) = lstm(layer, *c, [i, f, g, o]);
                    }
                }
                Cell::Gru => {
                    let [r, z] = [0, 1].map(|k| add(gate(k)).map(i32::from));
                    let (nx, nh) = gate(2);
                    let gates = r.into_iter().zip(z).zip(nx).zip(nh);
                    for (h, (((r, z), nx), nh)) in state.iter_mut().zip(gates) {
                        *h = gru(layer, *h, [r, z, nx, nh]);
                    }
                }
            }
        }
        if layer.sequence {
            copy(outputs.next().unwrap_or_default(), state);
        }
    }
    if !layer.sequence {
        copy(outputs.next().unwrap_or_default(), state);
    }
}

fn copy(to: &mut [i16], from: &[i16]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// Values in a kernel's form.
struct Prepared<'a, K> {
    quads: &'a [Quad],
    rest: &'a [i16],
    kernel: core::marker::PhantomData<K>,
}

impl<'a, K: Kernel> Prepared<'a, K> {
    fn new(place: &'a mut [i16], values: &[i16]) -> Self {
        copy(place, values);
        let (quads, rest) = place.as_chunks_mut();
        K::prepare(Part::ORDER, quads, true);
        Self {
            quads,
            rest,
            kernel: core::marker::PhantomData,
        }
    }

    /// The sums of a gate of four units.
    fn block(&self, part: &Part<'_>, block: usize, rounding: Rounding) -> [i32; UNITS] {
        let row = block.wrapping_mul(UNITS);
        let biases = part.biases.get(row..row.wrapping_add(UNITS));
        let biases = biases.and_then(|b| b.first_chunk()).copied();
        let mut sums = biases.unwrap_or_default().map(i32::from_le_bytes);
        let inputs = self.quads.len() * TILE + self.rest.len();
        let (start, length) = (row.wrapping_mul(inputs), inputs * UNITS);
        let weights = part.weights.get(start..start.wrapping_add(length));
        let weights = weights.unwrap_or_default();
        K::rows(weights, inputs, self.quads, true, &mut sums);
        if !self.rest.is_empty() {
            add_rest(Part::ORDER, inputs, weights, self.rest, &mut sums);
        }
        let multiplier = Multiplier::of(*part.multiplier);
        sums.map(|sum| multiplier.apply(sum, rounding))
    }
}

/// Largest number of 16 bits with a negative counterpart.
const MOST: i32 = i16::MAX as i32;

fn saturated(x: i32) -> i16 {
    x.clamp(-MOST, MOST) as i16
}

fn add((a, b): ([i32; UNITS], [i32; UNITS])) -> [i16; UNITS] {
    let [a0, a1, a2, a3] = a;
    let [b0, b1, b2, b3] = b;
    [(a0, b0), (a1, b1), (a2, b2), (a3, b3)].map(|(a, b)| saturated(a.saturating_add(b)))
}

/// `x / 2^shift`, half up; `shift` at least 1.
const fn rounded(x: i32, shift: u32) -> i32 {
    x.wrapping_add(1 << (shift - 1)) >> shift
}

/// The product of two numbers of 16 bits: at most 2^30.
fn product(a: i16, b: i16) -> i32 {
    i32::from(a) * i32::from(b)
}

/// The next cell and the next state.
fn lstm(layer: &Recurrent<'_>, cell: i16, [i, f, g, o]: [i16; 4]) -> (i16, i16) {
    let (sigmoid, tanh) = (&layer.sigmoid, &layer.tanh);
    let kept = rounded(product(sigmoid.value(f), cell), 15);
    let new = product(sigmoid.value(i), tanh.value(g));
    // At most 12 bits: the shift is 18 or more.
    let new = rounded(new, 30_u32.saturating_sub(layer.bits).max(1));
    let cell = saturated(kept + new);
    let state = rounded(product(sigmoid.value(o), tanh.value(cell)), 15);
    (cell, saturated(state))
}

/// The next state.
fn gru(layer: &Recurrent<'_>, state: i16, [r, z, nx, nh]: [i32; 4]) -> i16 {
    let (sigmoid, tanh) = (&layer.sigmoid, &layer.tanh);
    let part = rounded(product(sigmoid.value(saturated(r)), saturated(nh)), 15);
    let new = tanh.value(saturated(nx.saturating_add(part)));
    let distance = i32::from(state) - i32::from(new);
    let gate = i32::from(sigmoid.value(saturated(z)));
    saturated(i32::from(new).wrapping_add(rounded(gate.wrapping_mul(distance), 15)))
}
