//! Usual values of each channel of a recording: its median and robust spread, from a sample of
//! rows, so that a recording may be longer than memory.

use crate::random::Random;
use bellwether::Reading;

/// Rows of the sample.
const SAMPLE: usize = 4096;

/// Of the median distance from the median, in deviations of a normal distribution.
const CONSISTENT: f64 = 1.4826;

/// Usual values of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Channel {
    /// Its median.
    pub median: f64,
    /// 1.4826 times the median distance from the median; the standard deviation where more
    /// than half of the values are equal; 0 if all are.
    pub spread: f64,
}

/// Looks at rows, one after another.
#[derive(Clone, Debug)]
pub struct Profile {
    rows: u64,
    sample: Vec<Vec<f32>>,
    random: Random,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            rows: 0,
            sample: Vec::new(),
            random: Random::new(0),
        }
    }
}

impl Profile {
    /// Takes the next row: every row is in the sample with the same probability (Vitter's
    /// algorithm R, 1985).
    pub fn push(&mut self, readings: &[Reading]) {
        self.rows += 1;
        let place = if self.sample.len() < SAMPLE {
            self.sample.push(Vec::new());
            self.sample.len() - 1
        } else {
            self.random.below(self.rows) as usize
        };
        if let Some(row) = self.sample.get_mut(place) {
            row.clear();
            row.extend(readings.iter().map(|r| r.usable().unwrap_or(f32::NAN)));
        }
    }

    /// Rows taken.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Usual values of the first `count` channels.
    pub fn channels(&self, count: usize) -> Vec<Channel> {
        (0..count).map(|k| self.channel(k)).collect()
    }

    fn channel(&self, channel: usize) -> Channel {
        let values = self.sample.iter().filter_map(|row| row.get(channel));
        let there = values.filter(|x| x.is_finite()).map(|x| f64::from(*x));
        let values: Vec<f64> = there.collect();
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        let median = middle(values.iter().copied());
        let robust = CONSISTENT * middle(values.iter().map(|x| (x - median).abs()));
        let spread = if robust > 0.0 {
            robust
        } else {
            variance.sqrt()
        };
        Channel { median, spread }
    }
}

/// The median; 0 of nothing.
fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(rows: impl Iterator<Item = [f32; 2]>) -> Vec<Channel> {
        let mut profile = Profile::default();
        rows.for_each(|row| profile.push(&row.map(Reading::from)));
        profile.channels(2)
    }

    #[test]
    fn outliers_and_gaps_do_not_count() {
        let row = |k: u32| [if k == 7 { 1e9 } else { (k % 5) as f32 }, f32::NAN];
        let [a, b] = profile((0..101).map(row))[..] else {
            panic!("two channels");
        };
        assert_eq!((a.median, a.spread), (2.0, CONSISTENT));
        assert_eq!((b.median, b.spread), (0.0, 0.0));
    }

    /// Broken by a sample that prefers early or late rows.
    #[test]
    fn a_long_recording_is_sampled_evenly() {
        let [a, b] = profile((0..100_000).map(|k| [k as f32, f32::from(k % 10 == 0)]))[..] else {
            panic!("two channels");
        };
        assert!((a.median - 50_000.0).abs() < 3000.0, "{a:?}");
        assert!((a.spread - CONSISTENT * 25_000.0).abs() < 3000.0, "{a:?}");
        assert!(
            (b.spread - 0.3).abs() < 0.03,
            "more than half are equal: {b:?}"
        );
    }
}
