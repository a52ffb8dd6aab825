//! Alarms against labels, by episodes.

use crate::detect::Record;
use crate::metrics::episodes::Events;
use crate::text::number::{count, counted};
use bellwether::State;
use std::fmt;

/// Alarms and labels of the rows that were judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Against {
    labels: Vec<bool>,
    alarms: Vec<bool>,
}

impl Against {
    /// Takes the next row; one that was learned from does not count.
    pub fn push(&mut self, record: &Record, label: bool) {
        if !matches!(record.assessment.state, State::Warming { .. }) {
            self.labels.push(label);
            self.alarms.push(record.assessment.is_anomalous());
        }
    }
}

/// The events that were found, and the false alarms.
impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = Events::of(&self.labels);
        let Some(judged) = events.judge(&self.alarms) else {
            return Ok(());
        };
        let (normal, wrong) = (events.normal_rows(), judged.false_episodes);
        write!(
            f,
            "{} of {} found, {}",
            count(judged.found),
            counted(events.count(), "labelled event"),
            counted(wrong, "false alarm")
        )?;
        if normal > 0 {
            let rate = 1e4 * wrong as f64 / normal as f64;
            write!(f, " ({rate:.2} per 10,000 normal rows)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::Assessment;

    /// By hand: of the events at 100 to 109 and 400 to 409 an alarm at 105 finds the first; the alarm at 700
    /// is false, and rows 0 to 19 were learned. Normal are 980 rows but 90 to 209 and 390 to 509.
    #[test]
    fn an_event_is_found_once_and_a_far_alarm_is_false() {
        let mut against = Against::default();
        for t in 0..1000_u64 {
            let state = match t {
                0..20 => State::Warming {
                    left: 20 - t as u32,
                },
                105 | 700 => State::Anomalous,
                _ => State::Normal,
            };
            let record = Record::bare(t, Assessment::bare(state));
            against.push(&record, (100..110).contains(&t) || (400..410).contains(&t));
        }
        assert_eq!(
            against.to_string(),
            "1 of 2 labelled events found, 1 false alarm (13.51 per 10,000 normal rows)"
        );
    }
}
