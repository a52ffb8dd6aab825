//! Alarms and complaints over a recording, each with its begin, its length and its variables.

use super::record::NAMED;
use super::{Contribution, Record, finding};
use crate::recording::time::readable;
use crate::text::number::counted;
use bellwether::alarm::{Event, Grade, Phase};
use bellwether::health::{Complaint, Symptom};
use bellwether::kind::Finding;
use std::fmt::{self, Write};

/// Lines of a summary, at most, for alarms and for sensors that are stuck or send nothing.
const LINES: usize = 20;
/// Lines of a summary, at most, for events below an alarm, values out of range and fast ones.
const MINOR_LINES: usize = 5;
/// Quiet rows, at most, within an event below an alarm, and between it and the alarm that it grows into.
const GAP: u64 = 10;
/// Rows after an alarm in which its severity fades, which is no further event.
const FADING: u64 = 30;

/// An alarm from its start to its last row.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Highest grade.
    pub grade: Grade,
    /// Timestamps of its first and last row.
    pub first: String,
    /// The last one.
    pub last: String,
    /// Its first and last row.
    pub ticks: (u64, u64),
    /// Its rows.
    pub rows: u64,
    /// Highest severity.
    pub peak: f32,
    /// Threshold in force at the highest severity.
    pub threshold: f32,
    /// Its kind, with the evidence; `None` for an event below an alarm.
    pub finding: Option<Finding>,
    /// The variables with the largest shares at its peak, largest first.
    pub variables: Vec<Contribution>,
}

impl Alarm {
    /// At its first row.
    fn of(event: &Event, record: &Record, timestamp: &str) -> Self {
        let mut alarm = Self {
            grade: Grade::None,
            first: timestamp.to_owned(),
            last: String::new(),
            ticks: (record.tick, record.tick),
            rows: 0,
            peak: f32::MIN,
            threshold: f32::NAN,
            finding: None,
            variables: Vec::new(),
        };
        alarm.take(event, record, timestamp);
        alarm
    }

    /// Takes a further row.
    fn take(&mut self, event: &Event, record: &Record, timestamp: &str) {
        let peak = event.episode.map(|episode| episode.peak);
        let peak = peak.or(event.severity).unwrap_or(f32::MIN);
        self.grade = event.episode.map_or(event.grade, |episode| episode.grade);
        timestamp.clone_into(&mut self.last);
        self.ticks.1 = record.tick;
        self.rows += 1;
        self.finding = record.notice.as_ref().and_then(|notice| notice.finding);
        if peak > self.peak {
            self.peak = peak;
            self.threshold = event.threshold;
            self.variables = record.top().filter(|part| part.error > 0.0).collect();
        }
    }
}

/// A complaint from its first to its last row.
#[derive(Clone, Debug, PartialEq)]
pub struct Ailment {
    /// Index of the variable.
    pub variable: usize,
    /// The symptom.
    pub symptom: Symptom,
    /// Timestamps of its first and last row.
    pub first: String,
    /// The last one.
    pub last: String,
    /// Its first and last row.
    pub ticks: (u64, u64),
    /// Its rows.
    pub rows: u64,
    /// The value in its first row, and in the row before; NaN without one.
    pub value: f32,
    /// The one before.
    pub before: f32,
}

impl Ailment {
    /// Whether the sensor tells nothing any more.
    pub fn is_grave(&self) -> bool {
        self.symptom <= Symptom::Stuck
    }
}

/// The alarms and complaints of a detector over a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    names: Vec<String>,
    /// Alarms in their order.
    pub alarms: Vec<Alarm>,
    /// Events of grade info, that is below an alarm, in their order.
    pub infos: Vec<Alarm>,
    /// Complaints in their order.
    pub ailments: Vec<Ailment>,
    /// Whether there are notices at all.
    watched: bool,
    /// Values of the last row; NaN without one.
    values: Vec<f32>,
}

impl Events {
    /// Nothing yet.
    pub fn new(names: &[String]) -> Self {
        Self {
            names: names.to_vec(),
            values: vec![f32::NAN; names.len()],
            ..Self::default()
        }
    }

    /// Takes the next row.
    pub fn push(&mut self, record: &Record, timestamp: &str) {
        let Some(notice) = &record.notice else { return };
        self.watched = true;
        self.alarm(&notice.event, record, timestamp);
        let mut values = vec![f32::NAN; self.values.len()];
        for part in &record.contributions {
            if let Some(value) = values.get_mut(part.variable) {
                *value = part.value;
            }
        }
        for complaint in &notice.complaints {
            self.complain(complaint, record.tick, timestamp, &values);
        }
        self.values = values;
    }

    fn alarm(&mut self, event: &Event, record: &Record, timestamp: &str) {
        let near = |of: &Alarm| record.tick - of.ticks.1 <= GAP;
        let fades = |of: &Alarm| record.tick - of.ticks.1 <= FADING;
        if !event.phase.is_on() {
            if event.grade == Grade::Info && !self.alarms.last().is_some_and(fades) {
                match self.infos.last_mut().filter(|of| near(of)) {
                    Some(info) => info.take(event, record, timestamp),
                    None => self.infos.push(Alarm::of(event, record, timestamp)),
                }
            }
            return;
        }
        match self.alarms.last_mut() {
            Some(alarm) if event.phase == Phase::Update => alarm.take(event, record, timestamp),
            _ => {
                self.infos.pop_if(|of| near(of));
                self.alarms.push(Alarm::of(event, record, timestamp));
            }
        }
    }

    fn complain(&mut self, complaint: &Complaint, tick: u64, timestamp: &str, values: &[f32]) {
        let (variable, symptom) = (usize::from(complaint.variable), complaint.symptom);
        let same = |of: &&mut Ailment| of.variable == variable && of.symptom == symptom;
        match self.ailments.iter_mut().rev().find(same) {
            Some(known) if !complaint.is_news() => {
                known.rows += 1;
                known.ticks.1 = tick;
                timestamp.clone_into(&mut known.last);
            }
            _ => {
                let number = |of: &[f32]| of.get(variable).copied().unwrap_or(f32::NAN);
                self.ailments.push(Ailment {
                    variable,
                    symptom,
                    first: timestamp.to_owned(),
                    last: timestamp.to_owned(),
                    ticks: (tick, tick),
                    rows: 1,
                    value: number(values),
                    before: number(&self.values),
                });
            }
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
        if let Some(of) = &alarm.finding {
            let _ = write!(line, ", {}", finding::said(of, &self.names));
        }
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

    /// A line per row in which sensors fell ill.
    fn ailing(&self, f: &mut fmt::Formatter<'_>, all: &[&Ailment], most: usize) -> fmt::Result {
        let groups: Vec<&[&Ailment]> = all.chunk_by(|a, b| a.ticks.0 == b.ticks.0).collect();
        for group in groups.iter().take(most) {
            let Some(first) = group.first() else { continue };
            let rows = group.iter().map(|of| of.rows).max().unwrap_or(0);
            let (symptom, rows) = (first.symptom.name(), counted(rows, "row"));
            write!(f, "  {symptom:<8}  {}  {rows}: ", readable(&first.first))?;
            let named = group.iter().take(NAMED).map(|of| self.of_ailment(of));
            write!(f, "{}", named.collect::<Vec<_>>().join(", "))?;
            match group.len().saturating_sub(NAMED) {
                0 => writeln!(f)?,
                rest => writeln!(f, " and {rest} more")?,
            }
        }
        more(f, groups.len(), most)
    }

    /// Whether a complaint began in an alarm, which says more.
    fn is_alarmed(&self, of: &Ailment) -> bool {
        let mut alarms = self.alarms.iter();
        alarms.any(|alarm| (alarm.ticks.0..=alarm.ticks.1 + FADING).contains(&of.ticks.0))
    }

    fn of_ailment(&self, of: &Ailment) -> String {
        let name = self.name(of.variable);
        match of.symptom {
            Symptom::Range => format!("{name} {:.4}", of.value),
            Symptom::Rate => format!("{name} from {:.4} to {:.4}", of.before, of.value),
            _ => name.to_owned(),
        }
    }
}

/// Alarms, then events below an alarm, then sensors that are stuck or send nothing, then values out of range and
/// fast ones, apart from alarms.
impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.watched {
            return Ok(());
        }
        writeln!(f, "{}", counted(self.alarms.len() as u64, "alarm"))?;
        for alarm in self.alarms.iter().take(LINES) {
            writeln!(f, "{}", self.of_alarm(alarm))?;
        }
        more(f, self.alarms.len(), LINES)?;
        for info in self.infos.iter().take(MINOR_LINES) {
            writeln!(f, "{}", self.of_alarm(info))?;
        }
        more(f, self.infos.len(), MINOR_LINES)?;
        let (grave, other): (Vec<&Ailment>, Vec<&Ailment>) =
            self.ailments.iter().partition(|of| of.is_grave());
        self.ailing(f, &grave, LINES)?;
        for symptom in [Symptom::Range, Symptom::Rate] {
            let same = other
                .iter()
                .filter(|of| of.symptom == symptom && !self.is_alarmed(of));
            let same: Vec<&Ailment> = same.copied().collect();
            self.ailing(f, &same, MINOR_LINES)?;
        }
        Ok(())
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize, most: usize) -> fmt::Result {
    match count.checked_sub(most) {
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
