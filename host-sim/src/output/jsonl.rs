//! One row's record as one line of JSON, the same from this program and from a device. Numbers are
//! `f32` in the shortest spelling that reads back to the same bits. Absent values are `null`.

use crate::detect::{Contribution, LaneRecord, Record};
use bellwether::health::Symptom;
use bellwether::report::Outcome;
use serde::Serialize;

/// A timestamp as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Timestamp<'a> {
    /// A whole number.
    Integer(i64),
    /// Any other text.
    Text(&'a str),
}

impl<'a> From<&'a str> for Timestamp<'a> {
    /// A number only if it would be written back as the same text.
    fn from(text: &'a str) -> Self {
        match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Self::Integer(number),
            _ => Self::Text(text),
        }
    }
}

#[derive(Serialize)]
struct Lane<'a> {
    variable: &'a str,
    value: Option<f32>,
    expected: Option<f32>,
    score: Option<f32>,
    threshold: Option<f32>,
}

#[derive(Serialize)]
struct Correlation<'a> {
    a: &'a str,
    b: &'a str,
    r: f32,
}

#[derive(Serialize)]
struct Part<'a> {
    variable: &'a str,
    back: usize,
    value: f32,
    expected: f32,
    error: f32,
}

/// A variable that those that go with it disagree with, what they say, and their vote in limits.
#[derive(Serialize)]
struct Blamed<'a> {
    variable: &'a str,
    value: f32,
    expected: f32,
    vote: f32,
}

/// Of a detector without lanes.
#[derive(Serialize)]
struct Scored<'a> {
    tick: u64,
    timestamp: Timestamp<'a>,
    state: &'static str,
    measure: Option<&'static str>,
    score: Option<f32>,
    threshold: Option<f32>,
    reason: Option<&'static str>,
    largest: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blamed: Vec<Blamed<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<AlarmOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<Found<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    health: Vec<Complaint<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    back: Vec<Back<'a>>,
}

/// A sensor without its symptom of the row before.
#[derive(Serialize)]
struct Back<'a> {
    variable: &'a str,
    symptom: &'static str,
}

/// The phase of an alarm, its grade so far, its rows before this one, and the support behind its promise.
#[derive(Serialize)]
struct AlarmOf {
    phase: &'static str,
    grade: &'static str,
    age: u32,
    basis: &'static str,
}

/// The kind of an alarm, its variable, and the evidence.
#[derive(Serialize)]
struct Found<'a> {
    kind: &'static str,
    variable: &'a str,
    r#final: bool,
    out_of_range: bool,
    jump: f32,
    shift: f32,
    run: u16,
    missing: f32,
}

#[derive(Serialize)]
struct Complaint<'a> {
    variable: &'a str,
    symptom: &'static str,
    rows: u16,
}

/// Of a detector with lanes.
#[derive(Serialize)]
struct Voted<'a> {
    tick: u64,
    timestamp: Timestamp<'a>,
    flagged: Vec<Lane<'a>>,
    confirmed: Vec<Lane<'a>>,
    agreeing: Vec<Lane<'a>>,
    local: Vec<Lane<'a>>,
    correlations: Vec<Correlation<'a>>,
}

/// The name of a variable; empty if the recording has no such variable.
pub fn name(names: &[String], variable: usize) -> &str {
    names.get(variable).map_or("", String::as_str)
}

fn lane<'a>(names: &'a [String], record: &LaneRecord) -> Lane<'a> {
    Lane {
        variable: name(names, record.variable),
        value: record.value.is_finite().then_some(record.value),
        expected: record.assessment.expected,
        score: record.assessment.score,
        threshold: record.assessment.threshold,
    }
}

/// The line of a detector without lanes, without line break; `back` are the sensors that lost a symptom.
///
/// # Errors
/// None in practice: a record is plain numbers and text.
pub fn of_scores(
    record: &Record,
    timestamp: &str,
    names: &[String],
    back: &[(usize, Symptom)],
) -> serde_json::Result<String> {
    let about = &record.assessment;
    let part = |part: Contribution| Part {
        variable: name(names, part.variable),
        back: part.back,
        value: part.value,
        expected: part.expected,
        error: part.error,
    };
    let reason = record.reason();
    serde_json::to_string(&Scored {
        tick: record.tick,
        timestamp: timestamp.into(),
        state: about.state.name(),
        measure: record.measure,
        score: about.score,
        threshold: about.threshold,
        reason: Some(reason).filter(|reason| !reason.is_empty()),
        largest: record.top().map(part).collect(),
        blamed: record
            .blamed
            .iter()
            .map(|of| Blamed {
                variable: name(names, of.variable),
                value: of.value,
                expected: of.expected,
                vote: of.error,
            })
            .collect(),
        missing: record.missing.iter().map(|k| name(names, *k)).collect(),
        confirmed: record.confirmed,
        alarm: record.notice.as_ref().and_then(|notice| {
            let episode = notice.event.episode?;
            Some(AlarmOf {
                phase: notice.event.phase.name(),
                grade: episode.grade.name(),
                age: episode.age,
                basis: notice.basis.name(),
            })
        }),
        finding: record.notice.as_ref().and_then(|notice| {
            let of = notice.finding?;
            Some(Found {
                kind: of.kind.name(),
                variable: name(names, of.variable.into()),
                r#final: of.is_final,
                out_of_range: of.is_outside,
                jump: of.jump,
                shift: of.shift,
                run: of.run,
                missing: of.gaps,
            })
        }),
        health: record.notice.as_ref().map_or_else(Vec::new, |notice| {
            let complaints = notice.complaints.iter();
            let complaints = complaints.map(|of| Complaint {
                variable: name(names, of.variable.into()),
                symptom: of.symptom.name(),
                rows: of.rows,
            });
            complaints.collect()
        }),
        back: back
            .iter()
            .map(|(variable, symptom)| Back {
                variable: name(names, *variable),
                symptom: symptom.name(),
            })
            .collect(),
    })
}

/// The line of a detector with lanes, without line break. `agreeing` holds the confirmed variables
/// too, as the verdict does.
///
/// # Errors
/// None in practice: a record is plain numbers and text.
pub fn of_lanes(record: &Record, timestamp: &str, names: &[String]) -> serde_json::Result<String> {
    let some = |outcomes: &[Outcome]| record.with(outcomes).map(|l| lane(names, l)).collect();
    serde_json::to_string(&Voted {
        tick: record.tick,
        timestamp: timestamp.into(),
        flagged: record.flagged().map(|l| lane(names, l)).collect(),
        confirmed: some(&[Outcome::Confirmed]),
        agreeing: some(&[Outcome::Confirmed, Outcome::Agreeing]),
        local: some(&[Outcome::Local]),
        correlations: record
            .correlations
            .iter()
            .map(|c| Correlation {
                a: name(names, c.a),
                b: name(names, c.b),
                r: c.r,
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::CorrelationRecord;
    use bellwether::{Assessment, Cause, State};

    #[test]
    fn line_has_exact_keys_and_shortest_numbers() {
        let mut anomalous = Assessment::bare(State::Anomalous)
            .expecting(0.1)
            .after_training();
        anomalous.score = Some(16777216.0);
        let lane = |variable, value, outcome, assessment| LaneRecord {
            variable,
            value,
            outcome,
            assessment,
        };
        let record = Record {
            tick: 3,
            lanes: vec![
                lane(0, 34.324, Outcome::Confirmed, anomalous),
                lane(
                    1,
                    f32::NAN,
                    Outcome::Quiet,
                    Assessment::blind(Cause::Missing),
                ),
            ],
            correlations: vec![CorrelationRecord {
                a: 0,
                b: 1,
                r: -0.96,
            }],
            ..Record::default()
        };
        let names = ["a \"x\"".to_owned(), "b".to_owned()];
        let one = r#"[{"variable":"a \"x\"","value":34.324,"expected":0.1,"score":16777216.0,"threshold":null}]"#;
        assert_eq!(
            of_lanes(&record, "1635379200", &names).unwrap(),
            format!(
                r#"{{"tick":3,"timestamp":1635379200,"flagged":{one},"confirmed":{one},"agreeing":{one},"local":[],"correlations":[{{"a":"a \"x\"","b":"b","r":-0.96}}]}}"#
            )
        );
    }

    #[test]
    fn only_integers_that_read_back_are_numbers() {
        let stamp = |text: &str| serde_json::to_string(&Timestamp::from(text)).unwrap();
        assert_eq!(stamp("-5"), "-5");
        for text in ["007", "1.5", "+3", "2021-10-28", "99999999999999999999"] {
            assert_eq!(stamp(text), format!("\"{text}\""));
        }
    }
}
