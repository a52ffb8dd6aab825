//! Jobs of nodes over time: from a file, from a column, or one job for all.

use super::Job;
use crate::recording::time::clock::Clock;
use anyhow::{Context, ensure};
use std::collections::HashMap;
use std::path::Path;

/// Jobs from a file `timestamp,NODE...` with the job of each node, empty or 0 for none: in force until the next row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobFile {
    /// Seconds and the nodes' jobs, in order of time.
    rows: Vec<(f64, Vec<Job>)>,
    /// The row in force.
    place: usize,
}

/// Names of jobs as numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names(HashMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> Job {
        let name = name.trim();
        if name.is_empty() || name == "0" {
            return None;
        }
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        Some(*self.0.entry(name.to_owned()).or_insert(next))
    }
}

impl JobFile {
    /// Reads a file; the jobs are those of `nodes`, in their order.
    ///
    /// # Errors
    /// It cannot be read, lacks a node, or has a time that cannot be read or does not advance; the line is named.
    pub fn read(path: &Path, nodes: &[String]) -> anyhow::Result<Self> {
        let name = || path.display().to_string();
        let mut reader = csv::Reader::from_path(path).with_context(name)?;
        let heading = reader.headers().with_context(name)?.clone();
        let column = |node: &String| {
            let place = heading.iter().position(|field| field.trim() == node);
            place.with_context(|| format!("{}: no column of node {node}", name()))
        };
        let columns = nodes.iter().map(column);
        let columns = columns.collect::<anyhow::Result<Vec<usize>>>()?;
        let (mut clock, mut names) = (Clock::default(), Names::default());
        let mut rows: Vec<(f64, Vec<Job>)> = Vec::new();
        for (k, record) in reader.records().enumerate() {
            let place = || format!("{}: line {}", name(), k + 2);
            let record = record.with_context(place)?;
            let time = record.get(0).unwrap_or_default();
            let seconds = clock.read(time);
            let seconds = seconds.with_context(|| format!("{}: `{time}` is no time", place()))?;
            ensure!(
                rows.last().is_none_or(|(last, _)| *last < seconds),
                "{}: `{time}` does not come after the line before",
                place()
            );
            let jobs = columns
                .iter()
                .map(|column| names.number(record.get(*column).unwrap_or_default()));
            rows.push((seconds, jobs.collect()));
        }
        ensure!(!rows.is_empty(), "{}: no row behind the header", name());
        Ok(Self { rows, place: 0 })
    }

    /// Jobs in force at a time, which is asked for in order; none before the first row.
    pub fn at(&mut self, seconds: f64, nodes: usize) -> Vec<Job> {
        while self
            .rows
            .get(self.place + 1)
            .is_some_and(|(time, _)| *time <= seconds)
        {
            self.place += 1;
        }
        match self.rows.get(self.place) {
            Some((time, jobs)) if *time <= seconds => jobs.clone(),
            _ => vec![None; nodes],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<JobFile> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.csv");
        std::fs::write(&path, text).unwrap();
        JobFile::read(&path, &["a".to_owned(), "b".to_owned()])
    }

    /// Broken by a job that is forgotten between two rows, or known before its first one.
    #[test]
    fn a_job_is_in_force_until_the_next_row() {
        let mut jobs = read("timestamp,b,c,a\n100,x,y,x\n200,0,y,\n").unwrap();
        assert_eq!(jobs.at(99.0, 2), [None, None]);
        let both = jobs.at(150.0, 2);
        assert!(both[0].is_some() && both[0] == both[1]);
        assert_eq!(jobs.at(200.0, 2), [None, None]);
    }

    #[test]
    fn errors_name_the_place() {
        for (text, said) in [
            ("timestamp,a\n1,x\n", "no column of node b"),
            ("timestamp,a,b\nnoon,x,x\n", "line 2: `noon` is no time"),
            ("timestamp,a,b\n5,x,x\n5,x,x\n", "line 3: `5` does not come"),
            ("timestamp,a,b\n", "no row"),
            ("timestamp,a,b\n5,x\n", "line 2"),
        ] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
