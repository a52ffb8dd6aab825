//! Defects of real recordings: missing readings, alone and in runs, missing rows, and clocks that
//! jitter.

use crate::random::Random;
use bellwether::{Cause, Reading};

/// Rows that an outage of a channel lasts on average.
const OUTAGE: f64 = 8.0;

/// Missing readings.
#[derive(Clone, Debug)]
pub struct Dropouts {
    /// Probability that a reading is missing by itself.
    alone: f64,
    /// Probability that an outage begins.
    begin: f64,
    out: Vec<bool>,
    random: Random,
}

impl Dropouts {
    /// This share of all readings is missing: half of it in outages of a channel, half of it
    /// single readings.
    pub fn new(share: f64, channels: usize, seed: u64) -> Self {
        let outages = share / 2.0;
        Self {
            alone: (share - outages) / (1.0 - outages),
            begin: outages / ((1.0 - outages) * OUTAGE),
            out: vec![false; channels],
            random: Random::new(seed),
        }
    }

    /// A row as it arrives.
    pub fn apply(&mut self, row: &[Reading]) -> Vec<Reading> {
        let Self {
            alone,
            begin,
            out,
            random,
        } = self;
        let arrive = |(reading, out): (&Reading, &mut bool)| {
            let change = if *out { 1.0 / OUTAGE } else { *begin };
            *out ^= random.unit() < change;
            if random.unit() < *alone || *out {
                Reading::Absent(Cause::Missing)
            } else {
                *reading
            }
        };
        row.iter().zip(out).map(arrive).collect()
    }
}

/// Missing rows and jitter.
#[derive(Clone, Debug)]
pub struct Gaps {
    irregular: bool,
    period_s: u32,
    left: u64,
    random: Random,
}

/// Probability that a gap begins, and its longest.
const GAP: f64 = 0.002;
const LONGEST: u64 = 12;

impl Gaps {
    /// For rows that are `period_s` seconds apart. Nothing happens if they are regular.
    pub fn new(irregular: bool, period_s: u32, seed: u64) -> Self {
        Self {
            irregular,
            period_s,
            left: 0,
            random: Random::new(seed),
        }
    }

    /// When the row of a time is stamped: up to two fifths of a period late; `None` if it is lost.
    pub fn timestamp(&mut self, seconds: i64) -> Option<i64> {
        if !self.irregular {
            return Some(seconds);
        }
        if self.left == 0 && self.random.unit() < GAP {
            self.left = 1 + self.random.below(LONGEST);
        }
        let late = self.random.below(u64::from(self.period_s) * 2 / 5 + 1);
        if self.left > 0 {
            self.left -= 1;
            return None;
        }
        Some(seconds + late as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a share that is off, or by readings that are missing only one by one.
    #[test]
    fn a_quarter_is_missing_and_half_of_that_in_a_row() {
        let mut dropouts = Dropouts::new(0.25, 4, 5);
        let row = [Reading::Value(1.0); 4];
        let rows: Vec<Vec<Reading>> = (0..50_000).map(|_| dropouts.apply(&row)).collect();
        let missing = |row: &[Reading], k: usize| row[k] != Reading::Value(1.0);
        let count = rows.iter().flatten().filter(|r| **r != Reading::Value(1.0));
        let share = count.count() as f64 / 200_000.0;
        assert!((share - 0.25).abs() < 0.01, "{share}");
        let after = |k| {
            rows.windows(2)
                .filter(move |w| missing(&w[0], k) && missing(&w[1], k))
        };
        let before = |k| rows.iter().filter(move |row| missing(row, k)).count();
        let again = after(0).count() as f64 / before(0) as f64;
        assert!(
            again > 0.45,
            "a missing reading is followed by another: {again}"
        );
        assert_eq!(Dropouts::new(0.0, 4, 5).apply(&row), row);
    }

    #[test]
    fn irregular_times_rise_and_have_gaps() {
        let mut gaps = Gaps::new(true, 60, 2);
        let times: Vec<i64> = (0..20_000).filter_map(|k| gaps.timestamp(60 * k)).collect();
        assert!(times.windows(2).all(|w| w[1] > w[0]));
        let gap = times.windows(2).filter(|w| w[1] - w[0] > 90).count();
        assert!((10..100).contains(&gap), "{gap}");
        assert!(times.len() > 19_000 && times.len() < 20_000);
        let mut regular = Gaps::new(false, 60, 2);
        assert!((0..999).all(|k| regular.timestamp(60 * k) == Some(60 * k)));
    }
}
