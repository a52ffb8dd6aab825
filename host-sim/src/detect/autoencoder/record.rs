//! What a model said of one row of a recording, as the host keeps it.

use bellwether::Assessment;
use bellwether::State;
use bellwether::autoencoder::Contribution;
use bellwether::autoencoder::contribution::largest;
use bellwether::model::Score;

/// Variables that are named where not all of them are.
pub const NAMED: usize = 3;

/// What is compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// A score of the errors.
    Score(Score),
    /// The number of inputs outside their grid.
    Outside,
}

impl Measure {
    /// As commands and files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Score(score) => score.name(),
            Self::Outside => "outside",
        }
    }
}

/// A measure and the value above which (strictly) it is an anomaly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// What is compared.
    pub measure: Measure,
    /// In scaled units; for [`Measure::Outside`] a count.
    pub threshold: f32,
    /// Whether the model moves it: then it is the value it was calibrated to, and each row has its
    /// own.
    pub moves: bool,
}

/// What the detector said of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Number of the row in the recording, from 0.
    pub tick: u64,
    /// The detector's answer.
    pub assessment: Assessment,
    /// What the assessment's score is; `None` where there is none.
    pub measure: Option<Measure>,
    /// The value of every limit's measure, in the limits' order; empty where nothing was judged.
    pub levels: Vec<f32>,
    /// What each of them was compared with; NaN where a moving threshold is not known.
    pub thresholds: Vec<f32>,
    /// Whether k of the last n judgements were anomalous; `None` where the model advises no k of n.
    pub confirmed: Option<bool>,
    /// Of every variable that was compared its largest error in the window, ascending by
    /// variable. Of outputs that are no reconstruction: the variables that add most to the score of
    /// an anomalous row, and nothing of other rows.
    pub parts: Vec<Contribution>,
}

impl Record {
    /// Why the row is not normal, in a word: the measure that was exceeded, or the cause of
    /// blindness. Empty otherwise.
    pub fn reason(&self) -> &'static str {
        match self.assessment.state {
            State::Blind { cause } => cause.name(),
            State::Anomalous => self.measure.map_or("", Measure::name),
            _ => "",
        }
    }

    /// The variables with the largest errors, largest first.
    pub fn top(&self) -> impl Iterator<Item = Contribution> {
        let top: [Option<Contribution>; NAMED] = largest(self.parts.iter().copied());
        top.into_iter().flatten()
    }
}

/// Of every variable the contribution with the largest absolute error, of equal ones the newest.
pub(super) fn by_variable(contributions: impl Iterator<Item = Contribution>) -> Vec<Contribution> {
    let mut parts: Vec<Contribution> = Vec::new();
    for new in contributions {
        match parts.iter_mut().find(|part| part.feature == new.feature) {
            Some(part) if new.error.abs() >= part.error.abs() => *part = new,
            Some(_) => {}
            None => parts.push(new),
        }
    }
    parts.sort_by_key(|part| part.feature);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(feature: usize, frame: usize, error: f32) -> Contribution {
        Contribution {
            feature,
            frame,
            error,
            ..Contribution::default()
        }
    }

    #[test]
    fn a_variable_counts_once_with_its_largest_error() {
        let all = [
            part(1, 0, 4.0),
            part(0, 1, -2.0),
            part(1, 1, -3.0),
            part(0, 2, 2.0),
        ];
        let wanted = [part(0, 2, 2.0), part(1, 0, 4.0)];
        assert_eq!(by_variable(all.into_iter()), wanted);
    }
}
