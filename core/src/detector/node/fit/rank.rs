//! A quantile of many values that are not kept: their bits are counted, three in a pass, until one value is
//! left.

/// Bits in a pass.
const BITS: u32 = 3;
/// Passes to a value of 32 bits, and one for the next larger one.
const DIGITS: u32 = 11;
/// Passes to a quantile. One more finds the mean excess above it.
pub(super) const PASSES: u32 = DIGITS + 1;

/// A quantile between two values, 0 or more, by their share.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Rank {
    /// Bits of the lower value that are known.
    known: u32,
    /// Values below it that share these bits.
    below: u32,
    /// Values by their next bits; in the end those above the quantile.
    counts: [u32; 1 << BITS],
    /// How far the quantile is to the next larger value.
    share: f32,
    /// The larger value; in the end the sum of excesses.
    sum: f32,
}

impl Rank {
    /// The quantile `of`/`parts` of a number of values.
    pub(super) const fn of(values: u32, of: u32, parts: u32) -> Self {
        let at = values.saturating_sub(1) as u64 * of as u64;
        let parts = if parts == 0 { 1 } else { parts };
        Self {
            known: 0,
            below: (at / parts as u64) as u32,
            counts: [0; 1 << BITS],
            share: (at % parts as u64) as f32 / parts as f32,
            sum: f32::INFINITY,
        }
    }

    /// Takes a value in a pass. All values come in every pass.
    pub(super) fn take(&mut self, value: f32, pass: u32) {
        let bits = value.max(0.0).to_bits();
        if pass < DIGITS {
            let shift = BITS * (DIGITS - 1 - pass);
            let is_near = u64::from(bits) >> (shift + BITS) == u64::from(self.known);
            let count = self
                .counts
                .get_mut((bits >> shift & ((1 << BITS) - 1)) as usize);
            if let (true, Some(count)) = (is_near, count) {
                *count += 1;
            }
        } else if pass == DIGITS {
            if bits > self.known {
                self.sum = self.sum.min(value);
            }
        } else if value > self.value() {
            self.sum += value - self.value();
            let [above, ..] = &mut self.counts;
            *above += 1;
        }
    }

    /// Ends a pass.
    pub(super) fn end(&mut self, pass: u32) {
        if pass < DIGITS {
            let mut found = 0;
            let mut equal = 0;
            for (digit, count) in self.counts.iter().zip(0..) {
                (found, equal) = (count, *digit);
                if self.below < *digit {
                    break;
                }
                self.below -= digit;
            }
            self.known = self.known << BITS | found;
            if pass + 1 == DIGITS && self.below + 1 < equal {
                // The next larger value is the same.
                self.share = 0.0;
            }
            self.counts = [0; 1 << BITS];
        } else if pass == DIGITS {
            let value = f32::from_bits(self.known);
            // No value is larger, or there is no share of it.
            let more = if self.share > 0.0 && self.sum < f32::INFINITY {
                (self.sum - value) * self.share
            } else {
                0.0
            };
            self.known = (value + more).to_bits();
            self.sum = 0.0;
        }
    }

    /// The quantile, after [`PASSES`].
    pub(super) const fn value(&self) -> f32 {
        f32::from_bits(self.known)
    }

    /// The mean of what was above it by how much, after one pass more.
    pub(super) fn excess(&self) -> f32 {
        let [above, ..] = self.counts;
        self.sum / above.max(1) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn found(values: &[f32], of: u32, parts: u32) -> (f32, f32) {
        let mut rank = Rank::of(values.len() as u32, of, parts);
        for pass in 0..=PASSES {
            values.iter().for_each(|x| rank.take(*x, pass));
            rank.end(pass);
        }
        (rank.value(), rank.excess())
    }

    /// By sorting. Broken by a bit that is lost, or by equal values that count once.
    #[test]
    fn a_quantile_is_that_of_sorted_values() {
        let mut state = 9_u32;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 3e5
        };
        for count in [1, 2, 3, 10, 11, 20, 301, 1_000] {
            let values: Vec<f32> = (0..count).map(|_| draw()).collect();
            let coarse: Vec<f32> = values.iter().map(|x| x.floor().min(9.0)).collect();
            for values in [values, coarse] {
                let mut sorted = values.clone();
                sorted.sort_by(f32::total_cmp);
                for (of, parts) in [(9, 10), (99, 100)] {
                    let at = (count - 1) as f64 * f64::from(of) / f64::from(parts);
                    let (low, share) = (at.floor() as usize, at.fract());
                    let next = sorted[(low + 1).min(count - 1)];
                    let wanted =
                        f64::from(sorted[low]) + share * (f64::from(next) - f64::from(sorted[low]));
                    let (quantile, excess) = found(&values, of, parts);
                    assert!(
                        (f64::from(quantile) - wanted).abs() <= 1e-5 * wanted,
                        "{count} {of}"
                    );
                    let above: Vec<f64> = sorted
                        .iter()
                        .filter(|x| **x > quantile)
                        .map(|x| f64::from(*x))
                        .collect();
                    let mean = above.iter().map(|x| x - f64::from(quantile)).sum::<f64>()
                        / above.len().max(1) as f64;
                    assert!(
                        (f64::from(excess) - mean).abs() <= 1e-4 * mean + 1e-6,
                        "{count} {of}"
                    );
                }
            }
        }
        assert_eq!(found(&[0.0, f32::NAN, 0.0], 9, 10), (0.0, 0.0));
    }
}
