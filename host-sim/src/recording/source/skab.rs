//! Skoltech Anomaly Benchmark: CSV with semicolons, `datetime;<sensor>...[;anomaly;changepoint]`.
//! Change points are no anomalies of their own and are left out.

use super::Problem;
use super::columns::distinct;
use super::cutter::Separator;
use super::lines::Lines;
use super::roles::Time;
use super::text::{Labels, Plan};

const SEPARATOR: char = ';';

fn names(first: &Lines) -> Vec<String> {
    let fields = first.fields().flat_map(|field| field.split(SEPARATOR));
    fields.map(|name| name.trim().to_owned()).collect()
}

pub(super) fn is(first: &Lines) -> bool {
    first.field(0).starts_with("datetime;")
}

pub(super) fn plan(first: &Lines) -> Result<Plan, Problem> {
    let names = names(first);
    distinct(&names)?;
    if !is(first) {
        let expected = "expected `datetime;` at the begin of the header";
        return Err(Problem::Layout(expected.to_owned()));
    }
    let place = |name: &str| names.iter().position(|known| known == name);
    let label = place("anomaly");
    let known = ["datetime", "anomaly", "changepoint"];
    let sensors = names.iter().enumerate();
    let sensors = sensors.filter(|(_, name)| !known.contains(&name.as_str()));
    let (variables, sensors) = sensors.map(|(k, name)| (k, name.clone())).unzip();
    Ok(Plan {
        timestamp: Some(Time::One(0)),
        labels: label.map_or(Labels::None, Labels::Column),
        fields: Some(names.len()),
        separator: Separator::Character(SEPARATOR),
        variables,
        ..Plan::new(sensors)
    })
}
