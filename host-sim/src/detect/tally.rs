//! A detector's results over a recording, as counts.

use crate::detect::Record;
use crate::detect::against::Against;
use crate::metrics::events::Scorer;
use crate::recording::cadence::Step;
use crate::recording::time::SECONDS;
use crate::text::number::{count, counted};
use bellwether::{Alert, State};
use std::fmt;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// Counts of rows, and detections against labels, if any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    rows: u64,
    anomalous: u64,
    blind: u64,
    warming: u64,
    scores: Option<Scores>,
    /// Of a detector with alarms, in place of `scores`.
    alarms: Option<Against>,
    votes: bool,
    /// Seconds of assessed rows that are labelled 0. A row lasts as long as the step that leads to
    /// it; gaps do not count.
    quiet: f64,
}

/// Alerts against the same labels, by their evidence.
#[derive(Clone, Debug, Default, PartialEq)]
struct Scores {
    /// Rows confirmed by a vote.
    vote: Scorer,
    /// Rows with any alert: if variables vote, as without the vote.
    any: Scorer,
}

impl Tally {
    /// Nothing counted yet; with `votes`, only an alert confirmed by a vote is an anomaly.
    pub fn new(votes: bool) -> Self {
        Self {
            votes,
            ..Self::default()
        }
    }

    /// Takes the next row.
    pub fn push(&mut self, record: &Record, step: Step, timestamp: &str, label: Option<bool>) {
        self.rows += 1;
        let alert = record.alert();
        let least = if self.votes {
            Alert::Correlated
        } else {
            Alert::Single
        };
        self.anomalous += u64::from(alert >= least);
        match record.assessment.state {
            State::Blind { .. } => self.blind += 1,
            State::Warming { .. } => self.warming += 1,
            _ => {}
        }
        let Some(label) = label else { return };
        if record.notice.is_some() {
            self.alarms.get_or_insert_default().push(record, label);
            return;
        }
        let scores = self.scores.get_or_insert_default();
        scores.vote.push(label, alert >= Alert::Correlated);
        scores.any.push(label, alert >= Alert::Single);
        let real = timestamp.parse().is_ok_and(|time| SECONDS.contains(&time));
        match step {
            Step::On(seconds) if real && !label && record.assessment.score.is_some() => {
                self.quiet += seconds;
            }
            _ => {}
        }
    }

    /// Rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Number of assessed rows.
    pub fn judged(&self) -> u64 {
        self.rows - self.blind - self.warming
    }

    /// Number of anomalous rows.
    pub fn anomalous(&self) -> u64 {
        self.anomalous
    }

    /// Number of rows before the first assessment.
    pub fn warming(&self) -> u64 {
        self.warming
    }

    /// Number of rows that could not be assessed.
    pub fn blind(&self) -> u64 {
        self.blind
    }

    /// Detections against labels, if there are labels and the detector has no alarms: first the detector's decision, then the
    /// alerts before the vote.
    pub fn scorers(&self) -> Vec<(&'static str, &Scorer)> {
        match &self.scores {
            None => Vec::new(),
            Some(scores) if self.votes => {
                vec![("vote", &scores.vote), ("any lane", &scores.any)]
            }
            Some(scores) => vec![("detector", &scores.any)],
        }
    }

    /// Alarms against labels in a sentence, of a detector with alarms if there are labels.
    pub fn against(&self) -> Option<String> {
        self.alarms.as_ref().map(Against::to_string)
    }

    /// Detections of the detector's decision against labels.
    pub fn scorer(&self) -> Option<&Scorer> {
        self.scorers().first().map(|(_, scorer)| *scorer)
    }

    /// Anomalous rows that are labelled 0, per day of assessed rows labelled 0. `None` without
    /// labels, or if timestamps are not seconds since 1970.
    pub fn false_alarms_per_day(&self) -> Option<f64> {
        let scorer = self.scorer().filter(|_| self.quiet > 0.0)?;
        Some(scorer.exact().false_positives as f64 * DAY / self.quiet)
    }

    /// False alarms in a sentence, if there are labels.
    pub fn false_alarms(&self) -> Option<String> {
        let rows = self.scorer()?.exact().false_positives;
        let mut said = format!("{} labelled 0", counted(rows, "anomalous row"));
        if let Some(rate) = self.false_alarms_per_day() {
            said += &format!(": {rate:.2} a day in {:.2} days judged", self.quiet / DAY);
        }
        Some(said)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, scorer) in self.scorers() {
            writeln!(f, "{name}: {scorer}")?;
        }
        if let Some(said) = self.false_alarms() {
            writeln!(f, "false alarms: {said}")?;
        }
        if let Some(said) = self.against() {
            writeln!(f, "{said}")?;
        }
        write!(
            f,
            "{}: {} anomalous, {} blind, {} warming up",
            counted(self.rows, "row"),
            count(self.anomalous),
            count(self.blind),
            count(self.warming)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::{Assessment, Cause};

    fn record(tick: u64, state: State) -> Record {
        let judged = matches!(state, State::Normal | State::Anomalous);
        let mut assessment = Assessment::bare(state);
        assessment.score = judged.then_some(1.0);
        Record::bare(tick, assessment)
    }

    fn tally(start: i64, label: Option<bool>) -> Tally {
        // A hundred rows of a quarter of an hour: 8 warming, 12 blind, 16 anomalous.
        let mut tally = Tally::default();
        for k in 0..100 {
            let state = match k {
                0..8 => State::Warming { left: 8 - k as u32 },
                8..20 => State::Blind {
                    cause: Cause::Missing.into(),
                },
                20..36 => State::Anomalous,
                _ => State::Normal,
            };
            let time = (start + 900 * k).to_string();
            tally.push(&record(k as u64, state), Step::On(900.0), &time, label);
        }
        tally
    }

    /// 80 assessed rows are 20 hours: 16 alarms are 19.2 a day.
    #[test]
    fn false_alarms_are_counted_in_the_time_that_was_judged() {
        let tally = tally(1_661_990_400, Some(false));
        assert_eq!(
            tally.to_string().split('\n').skip(1).collect::<Vec<_>>(),
            [
                "false alarms: 16 anomalous rows labelled 0: 19.20 a day in 0.83 days judged",
                "100 rows: 16 anomalous, 12 blind, 8 warming up"
            ]
        );
    }

    #[test]
    fn a_gap_and_a_labelled_row_are_no_quiet_time() {
        let mut tally = Tally::default();
        let normal = record(0, State::Normal);
        for (step, label) in [
            (Step::Unknown, false),
            (Step::Gap, false),
            (Step::On(900.0), true),
            (Step::On(900.0), false),
        ] {
            tally.push(&normal, step, "1661990400", Some(label));
        }
        assert_eq!(tally.quiet, 900.0);
        assert_eq!(tally.false_alarms_per_day(), Some(0.0));
    }

    #[test]
    fn row_numbers_are_no_time_and_without_labels_there_are_no_false_alarms() {
        let numbered = tally(0, Some(false));
        assert_eq!(numbered.false_alarms_per_day(), None);
        assert_eq!(
            numbered.false_alarms().as_deref(),
            Some("16 anomalous rows labelled 0")
        );
        let bare = tally(1_661_990_400, None);
        assert_eq!(bare.false_alarms(), None);
        assert!(!bare.to_string().contains("detector:"));
    }
}
