//! Known faults of nodes, as `bellwether generate` and `inject` write them.

use crate::metrics::{pate, window};
use anyhow::{Context, ensure};
use std::path::Path;

/// A fault.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    rows: (u64, u64),
    channels: Vec<String>,
}

/// Faults, by rows of the recordings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    faults: Vec<Fault>,
}

impl Truth {
    /// Reads `start,end,kind,channels,severity`; a line without severity is no fault.
    ///
    /// # Errors
    /// It cannot be read; the line is named.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = || path.display().to_string();
        let mut reader = csv::Reader::from_path(path).with_context(name)?;
        let mut faults = Vec::new();
        for (k, record) in reader.records().enumerate() {
            let place = || format!("{}: line {}", name(), k + 2);
            let record = record.with_context(place)?;
            let field = |k| record.get(k).unwrap_or_default();
            let row = |k| {
                let parsed = field(k).parse::<u64>();
                parsed.with_context(|| format!("{}: `{}` is no row", place(), field(k)))
            };
            let rows = (row(0)?, row(1)?);
            ensure!(rows.0 <= rows.1, "{}: it ends before it begins", place());
            if !field(4).is_empty() {
                faults.push(Fault {
                    rows,
                    channels: field(3).split('+').map(str::to_owned).collect(),
                });
            }
        }
        Ok(Self { faults })
    }

    /// Whether a node has a fault in a row.
    pub fn has(&self, node: &str, row: u64) -> bool {
        self.faults.iter().any(|fault| {
            let of_node = |channel: &String| {
                let rest = channel.strip_prefix(node);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            (fault.rows.0..=fault.rows.1).contains(&row) && fault.channels.iter().any(of_node)
        })
    }
}

/// The area under precision and recall by proximity, with the protocol's windows; `None` without a fault.
pub fn proximity(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let rows = window(labels);
    pate(scores, labels, rows, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by node1 that has the faults of node10, or by a maintenance that counts.
    #[test]
    fn a_fault_is_of_its_node_and_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.labels.csv");
        let text =
            "start,end,kind,channels,severity\n5,7,step,node1.a+node1.b,0.9\n8,9,step,node2.a,\n";
        std::fs::write(&path, text).unwrap();
        let truth = Truth::read(&path).unwrap();
        let rows: Vec<u64> = (0..12).filter(|row| truth.has("node1", *row)).collect();
        assert_eq!(rows, [5, 6, 7]);
        assert!(!truth.has("node", 6) && !truth.has("node2", 8));
        std::fs::write(&path, "start,end,kind,channels,severity\nx,7,step,a,1\n").unwrap();
        let error = Truth::read(&path).unwrap_err().to_string();
        assert!(error.contains("line 2: `x` is no row"), "{error}");
    }
}
