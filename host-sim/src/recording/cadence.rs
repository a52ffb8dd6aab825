//! The cadence of a recording, told by its timestamps, and its gaps.

use crate::recording::time::clock::Clock;
use std::collections::VecDeque;

/// Number of steps that define the usual one.
const KEPT: usize = 15;

/// A step longer than this many usual ones is a gap.
const LONGEST: f64 = 1.5;

/// The step from one row to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// The first row, or a timestamp of no known spelling.
    Unknown,
    /// A step of this many seconds, 0 or more.
    On(f64),
    /// Longer than 1.5 times the median of the last 15 steps that were no gaps, or backwards.
    Gap,
}

/// Follows timestamps, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cadence {
    clock: Clock,
    last: Option<f64>,
    steps: VecDeque<f64>,
}

impl Cadence {
    /// Takes the next row's timestamp. After a lasting change of cadence, steps count as gaps only
    /// until most of the stored steps are new ones.
    pub fn step(&mut self, timestamp: &str) -> Step {
        let now = self.clock.read(timestamp);
        let last = std::mem::replace(&mut self.last, now);
        let Some(step) = last.zip(now).map(|(last, now)| now - last) else {
            return Step::Unknown;
        };
        let gap = step < 0.0 || self.usual().is_some_and(|usual| step > LONGEST * usual);
        if step > 0.0 {
            if self.steps.len() == KEPT {
                self.steps.pop_front();
            }
            self.steps.push_back(step);
        }
        if gap { Step::Gap } else { Step::On(step) }
    }

    /// The median step; `None` before there is any.
    fn usual(&self) -> Option<f64> {
        let mut steps: Vec<f64> = self.steps.iter().copied().collect();
        steps.sort_by(f64::total_cmp);
        steps.get(steps.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(times: &[&str]) -> Vec<Step> {
        let mut cadence = Cadence::default();
        times.iter().map(|time| cadence.step(time)).collect()
    }

    #[test]
    fn a_step_of_more_than_one_and_a_half_usual_ones_is_a_gap() {
        let found = steps(&["0", "60", "120", "210", "301", "361", "300", "360"]);
        let on = Step::On;
        let wanted = [
            Step::Unknown,
            on(60.0),
            on(60.0),
            on(90.0),
            Step::Gap,
            on(60.0),
            Step::Gap,
            on(60.0),
        ];
        assert_eq!(found, wanted);
    }

    /// Broken if only numbers are times.
    #[test]
    fn dates_have_gaps_too() {
        let found = steps(&[
            "2026-03-01 00:00",
            "2026-03-01 00:01",
            "2026-03-01 01:02",
            "2026-03-01 01:03",
        ]);
        assert_eq!(
            found,
            [Step::Unknown, Step::On(60.0), Step::Gap, Step::On(60.0)]
        );
    }

    #[test]
    fn timestamps_of_no_known_spelling_say_nothing() {
        assert_eq!(steps(&["noon", "1", "inf", "2"]), [Step::Unknown; 4]);
    }

    #[test]
    fn several_rows_within_one_second_are_no_gap() {
        let found = steps(&["5", "5", "5", "6", "6", "7"]);
        assert!(!found.contains(&Step::Gap), "{found:?}");
    }

    #[test]
    fn a_new_pace_becomes_the_usual_one() {
        let mut cadence = Cadence::default();
        (0..20).for_each(|k| {
            cadence.step(&(60 * k).to_string());
        });
        let gaps = (0..20).filter(|k| cadence.step(&(2000 + 300 * k).to_string()) == Step::Gap);
        assert_eq!(gaps.count(), 8, "the majority of 15");
    }
}
