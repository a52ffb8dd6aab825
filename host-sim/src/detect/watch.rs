//! The host's trait of all detectors: rows of a recording in, records out.

use super::{FitFile, Lane, Record};
use crate::recording::cadence::Step;
use bellwether::{Reading, Tick};

/// A detector over the rows of a recording.
pub trait Watch {
    /// Names, limits and settings: the same for every row.
    fn profile(&self) -> &Profile;

    /// Assesses the next row. `step` is the distance of its timestamp from the previous one;
    /// readings are in the order of the recording's variables.
    fn observe(&mut self, tick: Tick, step: Step, readings: &[Reading]) -> Record;

    /// A device's answer in the form of this detector's own. A device sends neither levels nor the
    /// assessment of lanes. `reason` is the code in the device's record (docs/formats/report.md).
    fn of_device(&self, answer: Record, reason: u8) -> Record {
        let _ = reason;
        answer
    }

    /// Lowest and highest usual value of a variable, once they are known.
    fn usual(&self, variable: usize) -> Option<(f32, f32)> {
        let _ = variable;
        None
    }

    /// The lanes that the score of the last row is made from; none of a detector without.
    fn lanes(&self) -> Vec<Lane> {
        Vec::new()
    }

    /// The score of the last row that alarms are made from; `None` without one.
    fn onset(&self) -> Option<f32> {
        None
    }

    /// The usual range of every variable.
    fn ranges(&self) -> Vec<Option<(f32, f32)>> {
        let variables = 0..self.profile().names.len();
        variables.map(|k| self.usual(k)).collect()
    }

    /// False alarm episodes per 10,000 normal rows that its alerts are meant to keep.
    fn promise(&self) -> f64 {
        1.0
    }

    /// The fit, and the health of sensors with it, for a file; `None` without a fit.
    fn fit(&mut self) -> Option<FitFile> {
        None
    }

    /// Remarks about the rows so far, in lines; `None` without any.
    fn note(&self) -> Option<String> {
        None
    }

    /// The work so far, in words, such as the number of trainings.
    fn work(&self) -> String;

    /// Bytes of detector state between rows on a device with this number of variables.
    fn state_bytes(&self) -> usize;
}

/// The facts about a detector before the first row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Names of the variables; records use their indices.
    pub names: Vec<String>,
    /// Units of the variables; none if they are not known.
    pub units: Vec<String>,
    /// Settings as key and value.
    pub settings: Vec<(String, String)>,
    /// Limits of the scores, in the order of [`Record::levels`]; none if every variable has a lane
    /// with a threshold of its own.
    pub limits: Vec<Limit>,
    /// Smallest divisor of each variable's relative error, if every variable has a lane.
    pub floors: Option<Vec<f32>>,
    /// Whether variables vote.
    pub votes: bool,
    /// Whether variables get to have a usual range.
    pub ranges: bool,
    /// The meaning of contributions.
    pub contributions: Meaning,
}

impl Profile {
    /// Of a detector with a lane per variable, and a vote among them.
    pub fn of_lanes(names: &[String], floors: Vec<f32>) -> Self {
        Self {
            names: names.to_vec(),
            floors: Some(floors),
            votes: true,
            ..Self::default()
        }
    }

    /// Whether every variable has a lane.
    pub const fn has_lanes(&self) -> bool {
        self.floors.is_some()
    }
}

/// A measure and the value above which (strictly) it is an anomaly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Name of the compared quantity, as in commands and files.
    pub measure: &'static str,
    /// The value, in the measure's unit.
    pub threshold: f32,
    /// Whether it moves from row to row; `threshold` is then its initial value.
    pub moves: bool,
}

/// The meaning of contributions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// In a word or two.
    pub title: &'static str,
    /// In a sentence or two.
    pub about: &'static str,
    /// Whether they are parts that add up to a score; otherwise they are errors.
    pub adds: bool,
}
