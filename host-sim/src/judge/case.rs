//! A fault and the answer to it.

use crate::simulate::fault::FaultKind;
use bellwether::alarm::Grade;
use bellwether::health::Symptom;
use bellwether::kind::Finding;
use std::io::{self, Write};

/// The answer to a fault that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Rows from its start to that of the alarm.
    pub delay: u64,
    /// The finding of the alarm's first row.
    pub first: Finding,
    /// That after ten rows, or of the last row before.
    pub last: Finding,
    /// Variables by share in the first row, at most three.
    pub named: Vec<usize>,
    /// Highest grade of the alarm within the fault.
    pub grade: Grade,
}

/// A fault and the answer to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its kind.
    pub fault: FaultKind,
    /// Its first row.
    pub first: u64,
    /// Its variables.
    pub channels: Vec<usize>,
    /// Variables of the recording.
    pub variables: usize,
    /// Mean deviation of its readings, in robust spreads.
    pub severity: f64,
    /// The answer; `None` if no alarm began.
    pub found: Option<Found>,
    /// Highest severity of a row within the fault; 0 without a score.
    pub highest: f32,
    /// Symptoms of its variables that began within it.
    pub symptoms: Vec<Symptom>,
}

/// Cases of several trials, and the alarms beside them.
#[derive(Clone, Debug, Default)]
pub struct Trials {
    /// The faults.
    pub cases: Vec<Case>,
    /// Alarms apart from any fault and any label of the recordings.
    pub false_alarms: u64,
    /// Rows apart from them.
    pub normal_rows: u64,
}

impl Trials {
    /// Adds others.
    pub fn append(&mut self, others: Self) {
        self.cases.extend(others.cases);
        self.false_alarms += others.false_alarms;
        self.normal_rows += others.normal_rows;
    }
}

/// Writes every fault with the answer, as CSV.
///
/// # Errors
/// It cannot be written.
pub fn write_cases(cases: &[(String, u64, Case)], out: impl Write) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record([
        "recording",
        "seed",
        "fault",
        "row",
        "channels",
        "variables",
        "severity",
        "highest",
        "delay",
        "kind",
        "early",
        "variable",
        "jump",
        "shift",
        "out_of_range",
        "run",
        "missing",
        "named",
        "symptoms",
    ])?;
    for (recording, seed, case) in cases {
        let list = |of: &[usize]| {
            of.iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join("+")
        };
        let found = case.found.as_ref();
        let of = |pick: fn(&Found) -> String| found.map_or(String::new(), pick);
        let symptoms: Vec<_> = case.symptoms.iter().map(|of| of.name()).collect();
        out.write_record([
            recording.clone(),
            seed.to_string(),
            case.fault.name().to_owned(),
            case.first.to_string(),
            list(&case.channels),
            case.variables.to_string(),
            format!("{:.3}", case.severity),
            format!("{:.2}", case.highest),
            of(|found| found.delay.to_string()),
            of(|found| found.last.kind.to_string()),
            of(|found| found.first.kind.to_string()),
            of(|found| found.last.variable.to_string()),
            of(|found| format!("{:.2}", found.last.jump)),
            of(|found| format!("{:.2}", found.last.shift)),
            of(|found| found.last.is_outside.to_string()),
            of(|found| found.last.run.to_string()),
            of(|found| format!("{:.2}", found.last.gaps)),
            found.map_or(String::new(), |found| list(&found.named)),
            symptoms.join("+"),
        ])?;
    }
    out.flush()
}
