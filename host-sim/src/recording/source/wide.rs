//! The project's own layout: CSV `timestamp,<variable>...[,label]`. `X.train.csv` is the
//! training part of `X.test.csv`.

use super::columns::{header, within};
use super::layout::{bare, names};
use super::lines::Lines;
use super::text::{Labels, Plan};
use super::{Problem, Training};
use std::path::Path;

pub(super) fn plan(path: &Path, first: &Lines) -> Result<Plan, Problem> {
    let names = names(first);
    header(&names)?;
    if first.field(0) != "timestamp" {
        return Err(Problem::NoTimestamp {
            found: first.field(0).to_owned(),
        });
    }
    let fields = names.len();
    let label = names.iter().position(|name| name == "label");
    if let Some(place) = label.filter(|place| place + 1 < fields) {
        return Err(Problem::LabelNotLast { column: place + 1 });
    }
    let variables: Vec<usize> = (1..label.unwrap_or(fields)).collect();
    let names = names.into_iter().skip(1).take(variables.len());
    Ok(Plan {
        timestamp: Some(0),
        labels: label.map_or(Labels::None, Labels::Column),
        training: training(path),
        fields: Some(fields),
        variables,
        ..Plan::new(within(names.collect())?)
    })
}

/// The file with the training part, told by the name of this one.
fn training(path: &Path) -> Training {
    let name = bare(path);
    if name.contains(".train.") {
        return Training::Whole;
    }
    let other = path.file_name().and_then(|name| name.to_str());
    let other = other.filter(|_| name.contains(".test."));
    let other = other.map(|name| path.with_file_name(name.replacen(".test.", ".train.", 1)));
    match other.filter(|other| other.exists()) {
        Some(other) => Training::Apart(other),
        None => Training::Unknown,
    }
}
