//! Errors of a reconstruction, and the scores made from them.
//!
//! If inputs and outputs share a grid, an error is an integer number of steps. The sums are then
//! exact, and one multiplication at the end gives the score. Otherwise the output is compared with
//! the unrounded input in f32; sums are computed in blocks and stay within 1e-5 of f64.

use crate::math::{Libm, Math, abs};
use crate::model::{QuantParams, Score};
use crate::network::input::quantise;

/// Scores of one input, in the network's scaled units. Scores that the head lacks are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scores {
    /// Mean of the absolute errors.
    pub mean_absolute: f32,
    /// Largest absolute error.
    pub max_absolute: f32,
    /// Mean of the squared errors.
    pub mean_square: f32,
    /// The head's own score: negative log-likelihood, distance or logit.
    pub head: f32,
    /// Number of compared values; absent ones are not compared.
    pub compared: u16,
    /// Number of present values that are left out because the network is too uncertain.
    pub uncertain: u16,
}

impl Scores {
    /// All zeros: nothing was compared.
    pub const ZERO: Self = Self {
        mean_absolute: 0.0,
        max_absolute: 0.0,
        mean_square: 0.0,
        head: 0.0,
        compared: 0,
        uncertain: 0,
    };

    /// Of an input of which only some of `all` values were compared: what the network completed is less
    /// certain, and errors count by the share of the values that are there.
    pub(super) fn of_share(self, all: usize) -> Self {
        if usize::from(self.compared) >= all {
            return self;
        }
        let share = f32::from(self.compared) / all as f32;
        Self {
            mean_absolute: self.mean_absolute * share,
            max_absolute: self.max_absolute * share,
            mean_square: self.mean_square * (share * share),
            ..self
        }
    }

    /// Whether there is a score: not if the network is too uncertain of every value.
    pub const fn exist(&self) -> bool {
        self.compared > 0 || self.uncertain == 0
    }

    /// One of the scores.
    pub const fn get(&self, score: Score) -> f32 {
        match score {
            Score::MeanAbsolute => self.mean_absolute,
            Score::MaxAbsolute => self.max_absolute,
            Score::MeanSquare => self.mean_square,
            Score::NegativeLogLikelihood | Score::Distance | Score::Logit => self.head,
        }
    }
}

/// The comparison of a scaled input with an output.
#[derive(Clone, Copy, Debug)]
pub(super) enum Compare {
    /// One grid for both.
    Steps(QuantParams),
    /// The grid of the outputs.
    Real(QuantParams),
}

impl Compare {
    pub(super) fn new(input: QuantParams, output: QuantParams) -> Self {
        if input.same(&output) {
            Self::Steps(input)
        } else {
            Self::Real(output)
        }
    }

    /// Value minus reconstruction, in scaled units.
    pub(super) fn error(&self, x: f32, output: i16) -> f32 {
        match self {
            Self::Steps(grid) => grid.scale * steps(grid, x, output) as f32,
            Self::Real(grid) => x - grid.real(output),
        }
    }

    /// Scores of pairs of a scaled input and an output.
    pub(super) fn scores(&self, pairs: impl Iterator<Item = (f32, i16)>) -> Scores {
        match self {
            Self::Steps(grid) => of_steps(grid, pairs),
            Self::Real(grid) => of_reals(grid, pairs),
        }
    }
}

fn steps(grid: &QuantParams, x: f32, output: i16) -> i32 {
    i32::from(quantise(grid, x).0) - i32::from(output)
}

fn of_steps(grid: &QuantParams, pairs: impl Iterator<Item = (f32, i16)>) -> Scores {
    // At most 65,535 pairs of at most 65,535 steps: 65,535² < 2^32, and their squares < 2^48.
    let (mut count, mut sum, mut most, mut squares) = (0_u32, 0_u32, 0_u32, 0_u64);
    pairs.for_each(|(x, output)| {
        let error = steps(grid, x, output).unsigned_abs();
        count = count.wrapping_add(1);
        sum = sum.wrapping_add(error);
        most = most.max(error);
        squares = squares.wrapping_add(u64::from(error) * u64::from(error));
    });
    let n = count.max(1) as f32;
    Scores {
        mean_absolute: sum as f32 * grid.scale / n,
        max_absolute: most as f32 * grid.scale,
        mean_square: squares as f32 * (grid.scale * grid.scale) / n,
        compared: count as u16,
        ..Scores::ZERO
    }
}

fn of_reals(grid: &QuantParams, pairs: impl Iterator<Item = (f32, i16)>) -> Scores {
    let (mut sum, mut squares, mut most) = (BlockSum::ZERO, BlockSum::ZERO, 0.0_f32);
    let mut count = 0_u32;
    pairs.for_each(|(x, output)| {
        let error = abs(x - grid.real(output));
        if count.is_multiple_of(BlockSum::LENGTH) {
            sum.close();
            squares.close();
        }
        count = count.wrapping_add(1);
        sum.block += error;
        squares.block += error * error;
        if error > most {
            most = error;
        }
    });
    let n = count.max(1) as f32;
    Scores {
        mean_absolute: sum.total() / n,
        max_absolute: most,
        mean_square: squares.total() / n,
        compared: count as u16,
        ..Scores::ZERO
    }
}

/// Limit of a log-variance's absolute value. Beyond it `exp` would exceed the range that is left
/// for a sum of squares.
const MOST_LOG: f32 = 20.0;

/// The expected variance's inverse, from its logarithm.
pub(super) fn precision(log_variance: f32) -> f32 {
    Libm::exp(-log_variance.clamp(-MOST_LOG, MOST_LOG))
}

/// Mean of `(v + e²·exp(-v)) / 2` over pairs of an error and the logarithm of its variance.
pub(super) fn negative_log_likelihood(pairs: impl Iterator<Item = (f32, f32)>) -> f32 {
    mean(pairs.map(|(error, log)| 0.5 * (log + error * error * precision(log))))
}

/// The mean; 0 without values.
fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = sum_of(values);
    sum / count.max(1) as f32
}

/// Sum and number of values.
pub(super) fn sum_of(values: impl Iterator<Item = f32>) -> (f32, u32) {
    let (mut sum, mut count) = (BlockSum::ZERO, 0_u32);
    for value in values {
        if count.is_multiple_of(BlockSum::LENGTH) {
            sum.close();
        }
        count = count.wrapping_add(1);
        sum.block += value;
    }
    (sum.total(), count)
}

/// A sum of sums of few values each, so that rounding errors stay small.
struct BlockSum {
    block: f32,
    closed: f32,
}

impl BlockSum {
    const LENGTH: u32 = 32;
    const ZERO: Self = Self {
        block: 0.0,
        closed: 0.0,
    };

    fn close(&mut self) {
        self.closed += self.block;
        self.block = 0.0;
    }

    const fn total(&self) -> f32 {
        self.closed + self.block
    }
}
