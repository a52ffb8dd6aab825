//! Sentences of events: subject, finding, evidence, with units, for a person who has to decide what to look at.

use crate::event::{Blamed, Kind};
use std::fmt::Write as _;

/// Channels that a sentence names.
const NAMED: usize = 3;

/// A number with its unit, of about four digits.
pub fn number(value: f32, unit: &str) -> String {
    let size = value.abs();
    let digits = match size {
        _ if value.fract() == 0.0 => 0,
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let gap = if unit.is_empty() { "" } else { " " };
    if size >= 1e7 || (size < 0.0005 && size > 0.0) {
        format!("{value:.2e}{gap}{unit}")
    } else {
        format!("{value:.digits$}{gap}{unit}")
    }
}

/// A duration in the largest whole unit.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The evidence of a channel.
fn evidence(of: &Blamed) -> String {
    let value = match of.value {
        Some(value) => number(value, &of.unit),
        None => "no value".to_owned(),
    };
    match of.expected {
        Some(expected) => format!("{value}, expected {}", number(expected, &of.unit)),
        None => value,
    }
}

/// Channels of `all`, the first ones by name, each with its evidence.
fn list(channels: &[Blamed], evidence: &[String], all: usize) -> String {
    let mut sentence = String::new();
    for (place, (of, text)) in channels.iter().zip(evidence).take(NAMED).enumerate() {
        let gap = if place > 0 { "; " } else { "" };
        let _ = write!(sentence, "{gap}{}: {text}", of.channel);
    }
    if all > NAMED {
        let _ = write!(sentence, "; and {} more", all - NAMED);
    }
    sentence
}

/// The sentence of an anomaly.
pub fn anomaly(group: &str, blamed: &[Blamed], (severity, alarm_at): (f32, f32)) -> String {
    let named = if blamed.is_empty() {
        "no single sensor stands out".to_owned()
    } else {
        let evidence: Vec<String> = blamed.iter().map(evidence).collect();
        list(blamed, &evidence, blamed.len())
    };
    format!(
        "{group} does not behave as in the past ({named}); severity {severity:.1}, an alarm from {alarm_at:.1} on"
    )
}

/// The sentence of a watcher about the first of some channels, each with its evidence.
pub fn watcher(kind: Kind, channels: &[Blamed], evidence: &[String], all: usize) -> String {
    let finding = match kind {
        Kind::Missing => "Samples are lost",
        Kind::Stuck => "A sensor repeats one value for longer than it ever did",
        Kind::Range => "A value is outside of its usual range",
        Kind::Rate => "A value changes faster than it ever did",
        Kind::Errors => "Errors are counted",
        Kind::Source => "Most of a source cannot be read",
        Kind::Peers => "This node differs from its peers in the same job",
        Kind::Anomaly => "Sensors do not behave as in the past",
    };
    format!("{finding}: {}", list(channels, evidence, all))
}

/// The sentence of a clear.
pub fn clear(kind: Kind, lasted_s: u64) -> String {
    let state = match kind {
        Kind::Anomaly => "The group behaves as in the past again",
        Kind::Missing | Kind::Source => "The samples are back",
        Kind::Stuck => "The sensor moves again",
        Kind::Range => "The value is within its usual range again",
        Kind::Rate => "The value changes as usual again",
        Kind::Errors => "No more errors are counted",
        Kind::Peers => "The node is as its peers again",
    };
    format!("{state}, after {}", duration(lasted_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a person cannot read value, unit and expectation off the sentence.
    #[test]
    fn a_sentence_names_sensor_value_unit_and_expectation() {
        let blamed = |channel: &str, value| Blamed {
            channel: channel.into(),
            unit: "°C".into(),
            value,
            expected: Some(61.04),
            share: 0.5,
        };
        let all = [
            blamed("a/temp1:Tctl", Some(95.25)),
            blamed("b", None),
            blamed("c", Some(1.0)),
            blamed("d", Some(2.0)),
        ];
        assert_eq!(
            anomaly("hwmon", &all, (21.34, 14.2)),
            "hwmon does not behave as in the past (a/temp1:Tctl: 95.2 °C, expected 61.0 °C; b: no value, \
             expected 61.0 °C; c: 1 °C, expected 61.0 °C; and 1 more); severity 21.3, an alarm from 14.2 on"
        );
        assert_eq!(number(0.000_012, "V"), "1.20e-5 V");
        assert_eq!(number(-12.04, "V"), "-12.0 V");
        assert_eq!(
            clear(Kind::Errors, 7300),
            "No more errors are counted, after 2 h"
        );
    }
}
