//! Rows of all nodes side by side, in time: from a recording per node, or from one with columns `NODE.VARIABLE`.

use super::Job;
use crate::fleet::node::NodeFile;
use crate::recording::time::clock::Clock;
use crate::recording::{Options, Recording};
use anyhow::{Context, ensure};
use bellwether::Reading;
use std::collections::BTreeMap;

/// A row of all nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The time, as in the first recording that has this row.
    pub timestamp: String,
    /// The time in seconds.
    pub seconds: f64,
    /// Values by node and variable; NaN for a missing one.
    pub values: Vec<Vec<f64>>,
    /// Jobs from a column.
    pub jobs: Vec<Job>,
}

/// Recordings of nodes.
pub struct Rows {
    sources: Vec<Source>,
    /// Names of the nodes, ascending.
    pub nodes: Vec<String>,
    /// Names of the variables that any node has, without the job's.
    pub variables: Vec<String>,
    size: u64,
}

/// A recording with columns of one node or of several.
struct Source {
    file: String,
    recording: Recording,
    clock: Clock,
    /// For each of its columns the node and the variable, or the node alone for its job.
    columns: Vec<(usize, Option<usize>)>,
    ahead: Option<(String, f64)>,
}

impl Rows {
    /// Opens recordings of a node each, or one of several nodes; `job` is the column with the job's number.
    ///
    /// # Errors
    /// One cannot be read, there are fewer than two nodes, or none has the job's column.
    pub fn open(files: &[NodeFile], options: &Options, job: Option<&str>) -> anyhow::Result<Self> {
        let mut recordings = Vec::new();
        let mut size = 0;
        // Node and variable of every column, by recording.
        let mut places: Vec<Vec<(String, String)>> = Vec::new();
        for file in files {
            let recording = Recording::open_with(&file.path, options)?;
            size += recording.progress().1.unwrap_or(0);
            let of = |name: &String| match (files.len(), name.split_once('.')) {
                (1, Some((node, variable))) => (node.to_owned(), variable.to_owned()),
                _ => (file.name.clone(), name.clone()),
            };
            places.push(recording.names().iter().map(of).collect());
            recordings.push((file.path.display().to_string(), recording));
        }
        let all = || places.iter().flatten();
        let number = |names: Vec<&String>| -> BTreeMap<String, usize> {
            let mut names: Vec<String> = names.into_iter().cloned().collect();
            names.sort();
            names.dedup();
            names.into_iter().zip(0..).collect()
        };
        let nodes = number(all().map(|(node, _)| node).collect());
        let is_job = |variable: &String| Some(variable.as_str()) == job;
        let variables = number(
            all()
                .map(|(_, variable)| variable)
                .filter(|variable| !is_job(variable))
                .collect(),
        );
        ensure!(
            nodes.len() > 1,
            "one node has no peers: name a recording per node, or one with columns NODE.VARIABLE"
        );
        if let Some(job) = job {
            let has = all().any(|(_, variable)| is_job(variable));
            ensure!(has, "no recording has a column {job} of numbers");
        }
        let mut sources = Vec::new();
        for ((file, recording), places) in recordings.into_iter().zip(&places) {
            let columns = places.iter().map(|(node, variable)| {
                let node = nodes.get(node).copied().unwrap_or(0);
                (node, variables.get(variable).copied())
            });
            let mut source = Source {
                file,
                recording,
                clock: Clock::default(),
                columns: columns.collect(),
                ahead: None,
            };
            source.read()?;
            sources.push(source);
        }
        Ok(Self {
            sources,
            nodes: nodes.into_keys().collect(),
            variables: variables.into_keys().collect(),
            size,
        })
    }

    /// Bytes read so far, and of all files.
    pub fn progress(&self) -> (u64, u64) {
        let read = self.sources.iter().map(|of| of.recording.progress().0);
        (read.sum(), self.size)
    }

    /// The next row: all recordings that have the earliest time; `None` at the end.
    ///
    /// # Errors
    /// A recording cannot be read, or has a time that cannot.
    pub fn next_row(&mut self) -> anyhow::Result<Option<Row>> {
        let times = self.sources.iter().filter_map(|of| of.ahead.as_ref());
        let first = times.min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((timestamp, seconds)) = first.cloned() else {
            return Ok(None);
        };
        let mut row = Row {
            timestamp,
            seconds,
            values: vec![vec![f64::NAN; self.variables.len()]; self.nodes.len()],
            jobs: vec![None; self.nodes.len()],
        };
        for source in &mut self.sources {
            let has = source.ahead.as_ref().is_some_and(|of| of.1 == seconds);
            if has {
                source.put(&mut row);
                source.read()?;
            }
        }
        Ok(Some(row))
    }
}

impl Source {
    fn read(&mut self) -> anyhow::Result<()> {
        self.ahead = None;
        let Some(row) = self.recording.next_row()? else {
            return Ok(());
        };
        let seconds = self.clock.read(row.timestamp).with_context(|| {
            let (file, tick, time) = (&self.file, row.tick.0, row.timestamp);
            format!("{file}: row {tick}: `{time}` is no time, by which nodes are set side by side")
        })?;
        self.ahead = Some((row.timestamp.to_owned(), seconds));
        Ok(())
    }

    fn put(&self, row: &mut Row) {
        for (reading, (node, variable)) in self.recording.readings().iter().zip(&self.columns) {
            let value = reading.usable().map_or(f64::NAN, f64::from);
            match variable {
                Some(variable) => {
                    let place = row
                        .values
                        .get_mut(*node)
                        .and_then(|of| of.get_mut(*variable));
                    if let Some(place) = place {
                        *place = value;
                    }
                }
                None => {
                    if let Some(place) = row.jobs.get_mut(*node) {
                        *place = job(value);
                    }
                }
            }
        }
    }
}

/// The job of a number: none of 0 or a missing one. Readings are of 32 bits, so numbers beyond 2^24 may coincide
/// with their neighbours; `--jobs` has names.
fn job(number: f64) -> Job {
    (number.is_finite() && number > 0.0).then_some(number as u32)
}

/// Values as readings.
pub fn readings(values: &[f64]) -> Vec<Reading> {
    values
        .iter()
        .map(|value| Reading::from(*value as f32))
        .collect()
}
