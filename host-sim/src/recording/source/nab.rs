//! Numenta Anomaly Benchmark: CSV `timestamp,value`; anomalies are the windows of
//! `labels/combined_windows.json`, which lies in a folder above the file.

use super::Problem;
use super::lines::Lines;
use super::roles::Time;
use super::text::{Labels, Plan, seconds};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

const FILE: &str = "labels/combined_windows.json";

/// First and last timestamp.
type Windows = Vec<(String, String)>;

pub(super) fn is(first: &Lines) -> bool {
    first.fields().eq(["timestamp", "value"])
}

/// The windows of this file; `None` without a file of windows, or if it lacks this file.
pub(super) fn windows(path: &Path) -> Result<Option<Windows>, Problem> {
    let absolute = std::path::absolute(path).map_err(Problem::Io)?;
    let mut above = absolute.ancestors().skip(1);
    let Some(labels) = above.find_map(|folder| Some(folder.join(FILE)).filter(|f| f.exists()))
    else {
        return Ok(None);
    };
    let failed = |found: String| Problem::Labels {
        file: labels.display().to_string(),
        found,
    };
    let file = File::open(&labels).map_err(|error| failed(error.to_string()))?;
    let all: HashMap<String, Windows> =
        serde_json::from_reader(BufReader::new(file)).map_err(|error| failed(error.to_string()))?;
    // Keys are folder and file.
    let own = all.into_iter().find(|(key, _)| absolute.ends_with(key));
    let whole =
        |(first, last): &(String, String)| (seconds(first).to_owned(), seconds(last).to_owned());
    Ok(own.map(|(_, windows)| windows.iter().map(whole).collect()))
}

pub(super) fn plan(path: &Path, first: &Lines) -> Result<Plan, Problem> {
    if !is(first) {
        return Err(Problem::Layout("expected `timestamp,value`".to_owned()));
    }
    let windows = windows(path)?.ok_or_else(|| Problem::Labels {
        file: FILE.to_owned(),
        found: "no folder above has it, or it does not name this recording".to_owned(),
    })?;
    Ok(Plan {
        timestamp: Some(Time::One(0)),
        labels: Labels::Windows(windows),
        fields: Some(2),
        variables: vec![1],
        ..Plan::new(vec!["value".to_owned()])
    })
}
