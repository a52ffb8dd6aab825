//! The usual values of a lane, without keeping them: counts in bins, eight per octave.

/// Bins, from 2^-10 to 2^6.
pub(super) const BINS: usize = 128;
/// Bits of a number that say its bin: exponent and three digits.
const SHIFT: u32 = 20;
/// The bin below the first: 2^-10.
const FIRST: u32 = (127 - 10) << 3;

/// Values of one lane.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Samples(pub [u16; BINS]);

impl Samples {
    pub(super) const fn new() -> Self {
        Self([0; BINS])
    }

    /// Takes a value; beyond the ends it counts as the nearest bin's.
    pub(super) fn take(&mut self, value: f32) {
        let bin = (value.max(0.0).to_bits() >> SHIFT).saturating_sub(FIRST);
        if let Some(count) = self.0.get_mut((bin as usize).min(BINS - 1)) {
            *count = count.saturating_add(1);
        }
    }

    /// The 0.9 quantile and the mean excess above it, as if values were even in their bin.
    pub(super) fn tail(&self) -> (f32, f32) {
        let total: u32 = self.0.iter().map(|count| u32::from(*count)).sum();
        // The rank of the quantile, from the middle of the first value to that of the last.
        let mut left = 0.9 * total.saturating_sub(1) as f32 + 0.5;
        let (mut usual, mut excess, mut above) = (0.0, 0.0, 0.0);
        let mut is_below = true;
        for (bin, count) in self.0.iter().enumerate() {
            let (low, high) = (edge(bin), edge(bin + 1));
            let count = f32::from(*count);
            if is_below && left < count && count > 0.0 {
                let share = left / count;
                usual = low + (high - low) * share;
                above = count - left;
                excess = above * 0.5 * (high - usual);
                is_below = false;
            } else if is_below {
                left -= count;
                usual = if count > 0.0 { high } else { usual };
            } else {
                above += count;
                excess += count * (0.5 * (low + high) - usual);
            }
        }
        (usual, if above > 0.0 { excess / above } else { 0.0 })
    }
}

/// The lower end of a bin; the first begins at 0.
fn edge(bin: usize) -> f32 {
    if bin == 0 {
        0.0
    } else {
        f32::from_bits((bin as u32 + FIRST) << SHIFT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An exponential tail of mean 1 has the quantile ln 10 and the mean excess 1.
    #[test]
    fn the_tail_is_near_that_of_the_values() {
        let mut samples = Samples::new();
        for k in 0..10_000 {
            let share = (f64::from(k) + 0.5) / 10_000.0;
            samples.take(-(1.0 - share).ln() as f32);
        }
        let (usual, excess) = samples.tail();
        assert!((usual - 10.0_f32.ln()).abs() < 0.02, "{usual}");
        assert!((excess - 1.0).abs() < 0.02, "{excess}");
    }

    #[test]
    fn odd_values_have_a_bin_and_none_have_no_tail() {
        assert_eq!(Samples::new().tail(), (0.0, 0.0));
        let mut samples = Samples::new();
        for value in [0.0, -0.0, 1e-30, f32::NAN, f32::INFINITY, -1.0, 1e30] {
            samples.take(value);
        }
        assert_eq!(samples.0.iter().map(|c| u32::from(*c)).sum::<u32>(), 7);
        let (usual, excess) = samples.tail();
        assert!(usual.is_finite() && excess.is_finite());
    }
}
