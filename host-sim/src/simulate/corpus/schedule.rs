//! The schedule of faults and maintenance windows. Time is cut into cells, and the first two fifths
//! of them are healthy. A window and a fault may share a cell, but never a step.

use crate::random::Random;
use anyhow::ensure;

/// A fault, in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scheduled {
    /// Index among the plant's faults.
    pub kind: usize,
    /// First step.
    pub first: u64,
    /// Steps.
    pub length: u64,
    /// Its strength, above 0 to 1.
    pub strength: f64,
}

/// Faults and maintenance windows, each in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Faults.
    pub faults: Vec<Scheduled>,
    /// First step and steps of every window.
    pub maintenance: Vec<(u64, u64)>,
}

/// Steps that a cell needs.
const SMALLEST: u64 = 100;

/// A window is in every third cell.
const BETWEEN: u64 = 3;

impl Schedule {
    /// A schedule for `rows` rows with `faults` faults of `kinds` kinds: each kind once before any
    /// comes again.
    ///
    /// # Errors
    /// There are too few rows.
    pub fn new(rows: u64, faults: u64, kinds: usize, seed: u64) -> anyhow::Result<Self> {
        // At least one window is in the healthy part.
        let healthy = (2 * faults).div_ceil(3).max(2);
        let cells = healthy + faults;
        let cell = rows / cells;
        ensure!(
            cell >= SMALLEST,
            "{faults} faults need {} rows",
            cells * SMALLEST
        );
        let mut random = Random::new(seed);
        let mut schedule = Self {
            faults: Vec::new(),
            maintenance: Vec::new(),
        };
        let mut order: Vec<usize> = Vec::new();
        // A window is in the first third of a cell, a fault behind it.
        let third = cell / 3;
        for k in 0..cells {
            if k % BETWEEN == 1 {
                let length = third / 3 + random.below((third / 3).min(180));
                schedule
                    .maintenance
                    .push((k * cell + random.below(third - length), length));
            }
            if k >= healthy {
                if order.is_empty() {
                    order = (0..kinds).collect();
                    random.shuffle(&mut order);
                }
                let length = 5 + random.below(third.min(400) - 5);
                schedule.faults.push(Scheduled {
                    kind: order.pop().unwrap_or(0),
                    first: k * cell + third + random.below(2 * third - length),
                    length,
                    strength: random.between(0.15, 1.0),
                });
            }
        }
        Ok(schedule)
    }

    /// The fault that is present at a step, and the share of it that has passed.
    pub fn fault(&self, step: u64) -> Option<(usize, f64)> {
        let spans = self.faults.iter().map(|fault| (fault.first, fault.length));
        present(spans, step)
    }

    /// The same of a maintenance window.
    pub fn window(&self, step: u64) -> Option<(usize, f64)> {
        present(self.maintenance.iter().copied(), step)
    }
}

fn present(mut spans: impl Iterator<Item = (u64, u64)>, step: u64) -> Option<(usize, f64)> {
    let covers = |(first, length): (u64, u64)| (first..first + length).contains(&step);
    let mut share = 0.0;
    let place = spans.position(|(first, length)| {
        share = (step.wrapping_sub(first).wrapping_add(1)) as f64 / length as f64;
        covers((first, length))
    });
    place.map(|place| (place, share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Broken by a fault in the healthy part, within a window, or behind the end.
        #[test]
        fn faults_and_windows_keep_apart(faults in 1_u64..30, spare in 0_u64..5000, seed: u64) {
            let cells = faults + (2 * faults).div_ceil(3).max(2);
            let rows = cells * SMALLEST + spare;
            let schedule = Schedule::new(rows, faults, 4, seed).unwrap();
            prop_assert_eq!(schedule.faults.len() as u64, faults);
            let mut spans: Vec<(u64, u64)> = schedule.maintenance.clone();
            spans.extend(schedule.faults.iter().map(|fault| (fault.first, fault.length)));
            spans.sort_unstable();
            for pair in spans.windows(2) {
                prop_assert!(pair[0].0 + pair[0].1 <= pair[1].0, "{pair:?}");
            }
            let (first, length) = spans[spans.len() - 1];
            prop_assert!(first + length <= rows);
            let first = schedule.faults[0].first;
            prop_assert!(first >= rows / 5, "{first} of {rows}");
            prop_assert!(schedule.maintenance[0].0 < first);
            for (k, fault) in schedule.faults.iter().enumerate() {
                let last = fault.first + fault.length - 1;
                prop_assert_eq!(schedule.fault(last), Some((k, 1.0)));
                prop_assert_ne!(schedule.fault(last + 1).map(|f| f.0), Some(k));
            }
            let kinds: std::collections::BTreeSet<usize> =
                schedule.faults.iter().take(4).map(|fault| fault.kind).collect();
            prop_assert_eq!(kinds.len() as u64, faults.min(4));
        }
    }

    #[test]
    fn too_many_faults_are_refused() {
        let said = Schedule::new(900, 6, 4, 1).unwrap_err().to_string();
        assert_eq!(said, "6 faults need 1000 rows");
    }
}
