//! Scoring detections against labels, by two rules that differ widely: say which one.
//!
//! * **Event rule**, K = 7: events are maximal runs of label 1, by row. An event A..B is hit if
//!   a detection lies in [A-K, B+K]; detections in no such range are stray.
//!   P = hit / (hit + stray), R = hit / events, F = 2PR / (P + R).
//! * **Exact rows**: true and false positives and false negatives by row, no margin.

use crate::metrics::f_measure;
use std::fmt;

/// Rows before and after an event in which a detection still hits it.
pub const MARGIN: u64 = 7;

/// Detections and labels of one recording, row by row. Grows with events and detections, not
/// with rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scorer {
    row: u64,
    labelled: bool,
    /// First and last row of each event.
    events: Vec<(u64, u64)>,
    detections: Vec<u64>,
    exact: Exact,
}

/// Counts by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact {
    /// Detected and labelled.
    pub true_positives: u64,
    /// Detected, not labelled.
    pub false_positives: u64,
    /// Labelled, not detected.
    pub false_negatives: u64,
}

/// Counts by event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Labelled events.
    pub events: u64,
    /// Events with a detection.
    pub hit: u64,
    /// Detections near no event.
    pub stray: u64,
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

impl Events {
    /// P, R and F; 0 if undefined.
    pub fn rates(&self) -> (f64, f64, f64) {
        let (p, r) = (
            ratio(self.hit, self.hit + self.stray),
            ratio(self.hit, self.events),
        );
        (p, r, f_measure(p, r))
    }
}

impl Exact {
    /// P, R and F; 0 if undefined.
    pub fn rates(&self) -> (f64, f64, f64) {
        let tp = self.true_positives;
        let (p, r) = (
            ratio(tp, tp + self.false_positives),
            ratio(tp, tp + self.false_negatives),
        );
        (p, r, f_measure(p, r))
    }
}

impl Scorer {
    /// Counts by row.
    pub fn exact(&self) -> Exact {
        self.exact
    }

    /// Detections so far.
    pub fn detections(&self) -> usize {
        self.detections.len()
    }

    /// Counts by event, with a margin of [`MARGIN`] rows.
    pub fn events(&self) -> Events {
        let near =
            |row: u64, (first, last): (u64, u64)| row + MARGIN >= first && row <= last + MARGIN;
        let hit = self.events.iter().filter(|event| {
            let from = self
                .detections
                .partition_point(|row| row + MARGIN < event.0);
            self.detections
                .get(from)
                .is_some_and(|row| near(*row, **event))
        });
        let stray = self.detections.iter().filter(|row| {
            let from = self
                .events
                .partition_point(|event| event.1 + MARGIN < **row);
            !self
                .events
                .get(from)
                .is_some_and(|event| near(**row, *event))
        });
        Events {
            events: self.events.len() as u64,
            hit: hit.count() as u64,
            stray: stray.count() as u64,
        }
    }

    /// Takes the next row.
    pub fn push(&mut self, label: bool, detected: bool) {
        if label {
            match self.events.last_mut() {
                Some((_, last)) if self.labelled => *last = self.row,
                _ => self.events.push((self.row, self.row)),
            }
        }
        if detected {
            self.detections.push(self.row);
        }
        match (label, detected) {
            (true, true) => self.exact.true_positives += 1,
            (false, true) => self.exact.false_positives += 1,
            (true, false) => self.exact.false_negatives += 1,
            (false, false) => {}
        }
        self.labelled = label;
        self.row += 1;
    }
}

impl fmt::Display for Scorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = self.events();
        let (p, r, f1) = events.rates();
        write!(
            f,
            "{} detections; event rule (K = {MARGIN}): {} of {} events hit, {} stray, \
             P {p:.3} R {r:.3} F {f1:.3}; ",
            self.detections(),
            events.hit,
            events.events,
            events.stray,
        )?;
        let Exact {
            true_positives,
            false_positives,
            false_negatives,
        } = self.exact;
        let (p, r, f1) = self.exact.rates();
        write!(
            f,
            "exact rows: TP {true_positives} FP {false_positives} FN {false_negatives}, \
             P {p:.3} R {r:.3} F {f1:.3}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(rows: u64, events: &[(u64, u64)], detections: &[u64]) -> Scorer {
        let mut scorer = Scorer::default();
        for row in 0..rows {
            let label = events.iter().any(|(a, b)| (*a..=*b).contains(&row));
            scorer.push(label, detections.contains(&row));
        }
        scorer
    }

    #[test]
    fn margin_is_seven_rows_on_both_sides() {
        for (row, hit) in [(12, 0), (13, 1), (20, 1), (25, 1), (32, 1), (33, 0)] {
            let score = scored(50, &[(20, 25)], &[row]).events();
            assert_eq!((score.hit, score.stray), (hit, 1 - hit), "row {row}");
        }
    }

    #[test]
    fn a_detection_between_two_events_hits_both_and_an_event_counts_once() {
        let score = scored(60, &[(20, 20), (30, 40)], &[25, 35, 36, 59]);
        assert_eq!(
            score.events(),
            Events {
                events: 2,
                hit: 2,
                stray: 1
            }
        );
        let exact = Exact {
            true_positives: 2,
            false_positives: 2,
            false_negatives: 10,
        };
        assert_eq!(score.exact(), exact);
        let (p, r, f) = score.events().rates();
        assert!((p - 2.0 / 3.0).abs() < 1e-12 && r == 1.0 && (f - 0.8).abs() < 1e-12);
    }

    #[test]
    fn nothing_found_and_nothing_labelled_are_zero_not_nan() {
        assert_eq!(scored(9, &[(3, 4)], &[]).events().rates(), (0.0, 0.0, 0.0));
        assert_eq!(scored(9, &[], &[]).exact().rates(), (0.0, 0.0, 0.0));
        assert_eq!(scored(9, &[], &[3]).events().stray, 1);
    }

    #[test]
    fn both_rules_are_named() {
        let text = scored(30, &[(9, 10)], &[9]).to_string();
        assert!(
            text.contains("event rule (K = 7)") && text.contains("exact rows"),
            "{text}"
        );
    }
}
