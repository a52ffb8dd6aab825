//! A fault and the answer to it.

use crate::simulate::fault::FaultKind;
use bellwether::alarm::Grade;
use bellwether::health::Symptom;
use bellwether::kind::Finding;

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
