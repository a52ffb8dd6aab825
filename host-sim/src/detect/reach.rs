//! The reach of a lane: whether its threshold is larger than the whole range of its values, so that no step
//! within the range can be flagged.

use crate::detect::{LaneRecord, Profile, Record};
use crate::output::jsonl::name;
use crate::text::number::{count, counted};

/// Values that tell a range.
const ENOUGH: u64 = 30;
/// Rows, at least, that are worth a word.
const ROWS: u64 = 10;
/// The same as a part of the rows with a threshold: one of so many.
const PART: u64 = 50;
/// Lines of a note, at most.
const LINES: usize = 8;

/// One lane's values and thresholds so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    range: Option<(f32, f32)>,
    values: u64,
    /// Rows with a threshold.
    judged: u64,
    /// Those whose threshold was larger than the range.
    beyond: u64,
}

impl Reach {
    /// Takes a row. An error is relative to the value, or to `floor` if that is larger.
    pub fn push(&mut self, lane: &LaneRecord, floor: f32) {
        let value = lane.value;
        if !value.is_finite() {
            return;
        }
        let (least, most) = self.range.unwrap_or((value, value));
        let (least, most) = (least.min(value), most.max(value));
        self.range = Some((least, most));
        self.values += 1;
        if self.values < ENOUGH {
            return;
        }
        if let Some(threshold) = lane.assessment.threshold {
            self.judged += 1;
            let own = threshold * value.abs().max(floor);
            self.beyond += u64::from(most > least && own > most - least);
        }
    }

    fn line(&self, name: &str) -> Option<String> {
        let many = self.beyond >= ROWS && PART * self.beyond >= self.judged;
        many.then(|| {
            format!(
                "{name}: in {} of {} the threshold exceeds the whole range of its values, and no step within it \
                 can be flagged (--set sigmas, floor.{name} or predictor=ewma; or --detector sentinel)",
                count(self.beyond),
                counted(self.judged, "row")
            )
        })
    }
}

/// Takes a row of all lanes.
pub fn push(lanes: &mut [Reach], record: &Record, profile: &Profile) {
    let floors = profile.floors.iter().flatten();
    let all = lanes.iter_mut().zip(&record.lanes).zip(floors);
    all.for_each(|((reach, lane), floor)| reach.push(lane, *floor));
}

/// A line for each of these lanes whose threshold was beyond its range.
pub fn note(lanes: &[Reach], names: &[String]) -> Option<String> {
    let lines = lanes.iter().enumerate();
    let lines = lines.filter_map(|(k, lane)| lane.line(name(names, k)));
    let mut lines: Vec<String> = lines.collect();
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("{more} more lanes with such a threshold"));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::{Assessment, Outcome, State};

    fn lane(value: f32, threshold: f32) -> LaneRecord {
        LaneRecord {
            variable: 0,
            value,
            outcome: Outcome::Quiet,
            assessment: Assessment::judged(State::Normal, 0.0, threshold),
        }
    }

    /// By hand: values from 45 to 50 and a threshold of 0.2 of the value, which is at least 9.
    #[test]
    fn a_threshold_beyond_the_range_is_said_once() {
        let reach = |threshold: f32| {
            let mut reach = Reach::default();
            for row in 0..100_u8 {
                reach.push(&lane(45.0 + f32::from(row % 6), threshold), 1.0);
            }
            note(&[reach], &["t0".to_owned()])
        };
        let said = reach(0.2).unwrap();
        assert!(
            said.starts_with("t0: in 71 of 71 rows the threshold exceeds"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
        assert_eq!(reach(0.05), None);
    }

    /// Broken if a constant is said to have no reach.
    #[test]
    fn a_constant_has_no_range_to_exceed() {
        let mut reach = Reach::default();
        (0..100).for_each(|_| reach.push(&lane(1.0, 0.5), 1.0));
        assert_eq!(note(&[reach], &["a".to_owned()]), None);
    }
}
