//! UCR Anomaly Archive: values between blanks or line ends, everything else in the name,
//! `<number>_UCR_Anomaly_<signal>_<training>_<begin>_<end>.txt`. Rows begin to end - 1, counted
//! from 0, are anomalous.

use super::cutter::Separator;
use super::layout::bare;
use super::text::{Labels, Plan};
use super::{Problem, Training};
use std::path::Path;

/// The facts in a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// Rows of the training part.
    pub training: u64,
    /// First anomalous row.
    pub begin: u64,
    /// The row after the last anomalous one.
    pub end: u64,
}

impl Name {
    /// The three numbers of a name, if it has them.
    pub fn of(path: &Path) -> Option<Self> {
        let parts: Vec<&str> = bare(path).strip_suffix(".txt")?.split('_').collect();
        let [.., training, begin, end] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            training: training.parse().ok()?,
            begin: begin.parse().ok()?,
            end: end.parse().ok()?,
        })
    }
}

pub(super) fn plan(path: &Path) -> Result<Plan, Problem> {
    let name = Name::of(path).ok_or_else(|| {
        Problem::Layout("expected a name that ends in _TRAINING_BEGIN_END.txt".to_owned())
    })?;
    Ok(Plan {
        labels: Labels::Rows(name.begin..name.end),
        training: Training::Rows(name.training),
        fields: None,
        separator: Separator::Blanks,
        headless: true,
        ..Plan::new(vec!["value".to_owned()])
    })
}
