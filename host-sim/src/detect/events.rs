//! Alarms and complaints over a recording, each with its begin, its length and its variables.

use super::{Contribution, Record};
use crate::recording::time::readable;
use crate::text::number::counted;
use bellwether::alarm::{Event, Grade, Phase};
use bellwether::health::{Complaint, Symptom};
use std::fmt::{self, Write};

/// Lines of a summary, at most, for alarms and for complaints.
const LINES: usize = 20;

/// An alarm from its start to its last row.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Highest grade.
    pub grade: Grade,
    /// Timestamps of its first and last row.
    pub first: String,
    /// The last one.
    pub last: String,
    /// Its rows.
    pub rows: u64,
    /// Highest severity.
    pub peak: f32,
    /// The variables with the largest shares at its peak, largest first.
    pub variables: Vec<Contribution>,
}

/// A complaint from its first to its last row.
#[derive(Clone, Debug, PartialEq)]
pub struct Ailment {
    /// Index of the variable.
    pub variable: usize,
    /// The symptom.
    pub symptom: Symptom,
    /// Timestamp of its first row.
    pub first: String,
    /// Its rows.
    pub rows: u64,
}

/// The alarms and complaints of a detector over a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    names: Vec<String>,
    /// Alarms in their order.
    pub alarms: Vec<Alarm>,
    /// Complaints in their order.
    pub ailments: Vec<Ailment>,
    /// Whether there are notices at all.
    watched: bool,
}

impl Events {
    /// Nothing yet.
    pub fn new(names: &[String]) -> Self {
        Self {
            names: names.to_vec(),
            ..Self::default()
        }
    }

    /// Takes the next row.
    pub fn push(&mut self, record: &Record, timestamp: &str) {
        let Some(notice) = &record.notice else { return };
        self.watched = true;
        self.alarm(&notice.event, record, timestamp);
        for complaint in &notice.complaints {
            self.complain(complaint, timestamp);
        }
    }

    fn alarm(&mut self, event: &Event, record: &Record, timestamp: &str) {
        if event.phase == Phase::Start {
            self.alarms.push(Alarm {
                grade: Grade::None,
                first: timestamp.to_owned(),
                last: String::new(),
                rows: 0,
                peak: f32::MIN,
                variables: Vec::new(),
            });
        }
        let (Some(alarm), Some(episode)) = (self.alarms.last_mut(), event.episode) else {
            return;
        };
        if !event.phase.is_on() {
            return;
        }
        alarm.grade = episode.grade;
        timestamp.clone_into(&mut alarm.last);
        alarm.rows += 1;
        if episode.peak > alarm.peak {
            alarm.peak = episode.peak;
            alarm.variables = record.top().filter(|part| part.error > 0.0).collect();
        }
    }

    fn complain(&mut self, complaint: &Complaint, timestamp: &str) {
        let (variable, symptom) = (usize::from(complaint.variable), complaint.symptom);
        let same = |of: &&mut Ailment| of.variable == variable && of.symptom == symptom;
        match self.ailments.iter_mut().rev().find(same) {
            Some(known) if !complaint.is_news() => known.rows += 1,
            _ => self.ailments.push(Ailment {
                variable,
                symptom,
                first: timestamp.to_owned(),
                rows: 1,
            }),
        }
    }

    fn name(&self, variable: usize) -> &str {
        self.names.get(variable).map_or("?", String::as_str)
    }

    fn of_alarm(&self, alarm: &Alarm) -> String {
        let mut line = format!(
            "  {:<8}  {}  {}, severity {:.1}",
            alarm.grade.name(),
            readable(&alarm.first),
            counted(alarm.rows, "row"),
            alarm.peak
        );
        for (k, part) in alarm.variables.iter().enumerate() {
            let _ = write!(
                line,
                "{}{} {:.4} (usually {:.4})",
                if k == 0 { ": " } else { ", " },
                self.name(part.variable),
                part.value,
                part.expected
            );
        }
        line
    }
}

/// Alarms, then complaints that sensors are stuck or send nothing, then how often others were made.
impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.watched {
            return Ok(());
        }
        writeln!(f, "{}", counted(self.alarms.len() as u64, "alarm"))?;
        for alarm in self.alarms.iter().take(LINES) {
            writeln!(f, "{}", self.of_alarm(alarm))?;
        }
        more(f, self.alarms.len())?;
        let grave = |of: &&Ailment| of.symptom <= Symptom::Stuck;
        let (grave, other): (Vec<&Ailment>, Vec<&Ailment>) = self.ailments.iter().partition(grave);
        for of in grave.iter().take(LINES) {
            let (name, rows) = (self.name(of.variable), counted(of.rows, "row"));
            let since = readable(&of.first);
            writeln!(f, "  {:<8}  {since}  {rows}: {name}", of.symptom.name())?;
        }
        more(f, grave.len())?;
        for symptom in [Symptom::Range, Symptom::Rate] {
            let times = other.iter().filter(|of| of.symptom == symptom).count();
            if times > 0 {
                let times = counted(times as u64, "time");
                writeln!(f, "  {:<8}  {times}", symptom.name())?;
            }
        }
        Ok(())
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
    match count.checked_sub(LINES) {
        Some(rest) if rest > 0 => writeln!(f, "  and {rest} more"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Setup, sentinel};
    use crate::recording::cadence::Step;
    use bellwether::{Reading, Tick};

    /// Two variables that move together, a fault of the second in 20 rows, and one that gets stuck.
    fn row(t: u64) -> [Reading; 3] {
        let wave = (t * 7 % 23) as f32;
        let fault = if (700..720).contains(&t) { 15.0 } else { 0.0 };
        let other = if t >= 760 { 5.5 } else { (t * 5 % 11) as f32 };
        [wave, 50.0 - wave + fault, other].map(Reading::Value)
    }

    #[test]
    fn an_alarm_is_told_once_with_its_variable_and_a_stuck_sensor_too() {
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let setup = Setup {
            names: &names,
            settings: &["learn=400".to_owned()],
            model: None,
            fit: None,
        };
        let mut watch = sentinel::ENTRY.watch(&setup).unwrap();
        let mut events = Events::new(&names);
        assert_eq!(events.to_string(), "");
        for t in 0..790 {
            let record = watch.observe(Tick(t), Step::Unknown, &row(t));
            events.push(&record, &(1_635_379_200 + 60 * t).to_string());
        }
        let first = &events.alarms[0];
        assert_eq!(first.first, (1_635_379_200 + 60 * 700).to_string());
        assert!((20..60).contains(&first.rows), "{first:?}");
        assert_eq!(first.variables[0].variable, 1);
        let text = events.to_string();
        assert!(text.contains("2021-10-28 11:40"), "{text}");
        assert!(
            text.contains("b 65.0000 (usually 3") || text.contains(": b "),
            "{text}"
        );
        let stuck = events
            .ailments
            .iter()
            .find(|of| of.symptom == Symptom::Stuck);
        let stuck = stuck.expect("c is stuck");
        // Eight rows of one value, and three variables of which two go on.
        assert_eq!((stuck.variable, stuck.rows), (2, 790 - 767));
        assert!(
            text.contains("stuck     2021-10-28 12:47  23 rows: c"),
            "{text}"
        );
    }
}
