//! Pooled Server Metrics: `train.csv` and `test.csv` with `timestamp_(min)` first, labels in
//! `test_label.csv`.

use super::columns::{distinct, within};
use super::layout::{bare, names};
use super::lines::Lines;
use super::roles::Time;
use super::text::{Labels, Plan};
use super::{Problem, Training};
use std::path::Path;

/// Name of the first column.
pub(super) const TIME: &str = "timestamp_(min)";

pub(super) fn plan(path: &Path, first: &Lines) -> Result<Plan, Problem> {
    let names = names(first);
    distinct(&names)?;
    if first.field(0) != TIME {
        return Err(Problem::Layout(format!(
            "expected `{TIME}` as first column"
        )));
    }
    let (labels, training) = match bare(path) {
        "test.csv" => {
            let file = path.file_name().and_then(|name| name.to_str());
            let other = |name: &str| {
                path.with_file_name(file.unwrap_or_default().replacen("test", name, 1))
            };
            let mut labels = Labels::beside(&other("test_label"))?;
            if let Labels::Beside(_, lines) = &mut labels {
                // Its header.
                lines.advance()?;
            }
            let training = Some(other("train")).filter(|path| path.exists());
            (labels, training.map_or(Training::Unknown, Training::Apart))
        }
        "train.csv" => (Labels::None, Training::Whole),
        _ => (Labels::None, Training::Unknown),
    };
    let fields = names.len();
    Ok(Plan {
        timestamp: Some(Time::One(0)),
        labels,
        training,
        fields: Some(fields),
        variables: (1..fields).collect(),
        ..Plan::new(within(names.into_iter().skip(1).collect())?)
    })
}
