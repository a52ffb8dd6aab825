//! TSB-AD: CSV `<variable>...,Label` without times; a name such as
//! `001_NAB_id_1_Facility_tr_1007_1st_2014.csv` says that 1007 rows are for training.

use super::columns::distinct;
use super::layout::{bare, names};
use super::lines::Lines;
use super::text::{Labels, Plan};
use super::{Problem, Training};
use std::path::Path;

/// Rows of the training part, from the name.
pub(super) fn training(path: &Path) -> Option<u64> {
    let parts: Vec<&str> = bare(path).strip_suffix(".csv")?.split('_').collect();
    match parts.as_slice() {
        [.., "tr", rows, "1st", first] => first.parse::<u64>().ok().and(rows.parse().ok()),
        _ => None,
    }
}

pub(super) fn plan(path: &Path, first: &Lines) -> Result<Plan, Problem> {
    let mut names = names(first);
    distinct(&names)?;
    let fields = names.len();
    if names.pop().as_deref() != Some("Label") {
        return Err(Problem::Layout(
            "expected `Label` as last column".to_owned(),
        ));
    }
    Ok(Plan {
        labels: Labels::Column(names.len()),
        training: training(path).map_or(Training::Unknown, Training::Rows),
        fields: Some(fields),
        ..Plan::new(names)
    })
}
