//! CSV with a header of any names. The first column is the time and the last one the label, if
//! their names say so; else rows are numbered, and a column `label` anywhere is the label. A column
//! without a name, such as the index of a data frame, is left out.

use super::Problem;
use super::columns::{Places, loose_header};
use super::layout::names;
use super::lines::Lines;
use super::text::{Labels, Plan};

pub(super) fn plan(first: &Lines) -> Result<Plan, Problem> {
    let names = names(first);
    loose_header(&names)?;
    let places = Places::of(&names);
    Ok(Plan {
        timestamp: places.timestamp,
        labels: places.label.map_or(Labels::None, Labels::Column),
        fields: Some(names.len()),
        variables: places.variables.clone(),
        ..Plan::new(places.names(&names)?)
    })
}
