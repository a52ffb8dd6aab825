//! A labelled recording as the protocol cuts it: rows that fit, rows that are scored.

use crate::recording::Dataset;
use anyhow::ensure;

/// Rows of the training part that streaming detectors see before the test part.
const WARM_UP: usize = 5_000;
/// Share of a recording without training part that fits and is not scored.
const FIRST: f64 = 0.15;
/// The same in rows, at most, for NAB's files: its probation.
const FIRST_NAB: usize = 750;

/// A recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The folder it is in.
    pub set: String,
    /// Its name there.
    pub name: String,
    /// Names of its variables.
    pub variables: Vec<String>,
    /// All rows; NaN is missing.
    pub rows: Vec<Vec<f32>>,
    /// Whether a row is anomalous.
    pub all_labels: Vec<bool>,
    /// Rows in front that batch detectors fit to. The others are scored.
    pub fit: usize,
    /// The first row that streaming detectors see.
    pub begin: usize,
}

impl Series {
    /// Reads a recording.
    ///
    /// # Errors
    /// It cannot be read, has no labels, or its parts have different columns.
    pub fn read(dataset: &Dataset) -> anyhow::Result<Self> {
        let (set, name) = dataset.parts();
        let (mut table, test) = dataset.tables()?;
        let (fit, begin) = match test {
            Some(test) => {
                let fit = table.len();
                table.labels.resize(fit, false);
                table.append(test);
                (fit, fit.saturating_sub(WARM_UP))
            }
            None => {
                let first = (table.len() as f64 * FIRST) as usize;
                let is_nab = set == "nab";
                (if is_nab { first.min(FIRST_NAB) } else { first }, 0)
            }
        };
        ensure!(
            table.labels.len() == table.len(),
            "{}: no column `label`",
            dataset.train.display()
        );
        Ok(Self {
            set: set.to_owned(),
            name: name.to_owned(),
            rows: table.rows().map(<[f32]>::to_vec).collect(),
            variables: table.names,
            all_labels: table.labels,
            fit,
            begin,
        })
    }

    /// Labels of the rows that are scored.
    pub fn labels(&self) -> &[bool] {
        &self.all_labels[self.fit..]
    }

    /// Whether any scored row is anomalous: otherwise there is nothing to rank.
    pub fn is_ranked(&self) -> bool {
        self.labels().contains(&true)
    }

    /// Whether there is one variable only.
    pub fn is_single(&self) -> bool {
        self.variables.len() == 1
    }

    /// The forward fill, before the first row.
    pub fn forward_fill(&self) -> ForwardFill {
        let first = |k: usize| {
            let values = self.rows.iter().map(|row| row[k]);
            f64::from(values.into_iter().find(|x| x.is_finite()).unwrap_or(0.0))
        };
        ForwardFill((0..self.variables.len()).map(first).collect())
    }

    /// All rows, forward filled.
    pub fn forward_filled(&self) -> Vec<Vec<f64>> {
        let mut fill = self.forward_fill();
        self.rows
            .iter()
            .map(|row| fill.take(row).to_vec())
            .collect()
    }
}

/// Forward fill: the last value of each variable replaces a missing one. Before a variable's first
/// value that value is used, and 0 if it has none.
#[derive(Clone, Debug, PartialEq)]
pub struct ForwardFill(Vec<f64>);

impl ForwardFill {
    /// Takes the next row; the row without gaps.
    pub fn take(&mut self, row: &[f32]) -> &[f64] {
        for (last, x) in self.0.iter_mut().zip(row) {
            if x.is_finite() {
                *last = f64::from(*x);
            }
        }
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn write(folder: &Path, name: &str, rows: usize, labelled: usize) {
        let row = |k: usize| format!("{k},{},{}\n", k * 2, u8::from(k == labelled));
        let rows: String = (0..rows).map(row).collect();
        std::fs::write(folder.join(name), format!("timestamp,x,label\n{rows}")).unwrap();
    }

    #[test]
    fn parts_are_cut_as_the_protocol_says() {
        let folder = tempfile::tempdir().unwrap();
        for set in ["nab", "skab", "smd"] {
            std::fs::create_dir(folder.path().join(set)).unwrap();
        }
        write(&folder.path().join("nab"), "a.csv", 6_000, 900);
        write(&folder.path().join("skab"), "a.csv", 6_000, 5_000);
        write(&folder.path().join("smd"), "a.train.csv", 5_100, 9_999);
        write(&folder.path().join("smd"), "a.test.csv", 300, 7);
        let read = |set: &str| {
            let datasets = Dataset::find(&folder.path().join(set)).unwrap();
            assert_eq!(datasets.len(), 1);
            Series::read(&datasets[0]).unwrap()
        };
        let (nab, skab, smd) = (read("nab"), read("skab"), read("smd"));
        assert_eq!((nab.fit, nab.begin, nab.labels().len()), (750, 0, 5_250));
        assert_eq!((skab.fit, skab.begin), (900, 0));
        assert_eq!((smd.fit, smd.begin, smd.labels().len()), (5_100, 100, 300));
        assert!(smd.labels()[7] && smd.is_ranked());
        assert_eq!((smd.set.as_str(), smd.name.as_str()), ("smd", "a"));
    }

    #[test]
    fn gaps_hold_the_last_value() {
        let series = Series {
            set: String::new(),
            name: String::new(),
            variables: vec!["x".to_owned()],
            rows: [f32::NAN, 3.0, f32::NAN, 4.0].map(|x| vec![x]).to_vec(),
            all_labels: vec![false; 4],
            fit: 1,
            begin: 0,
        };
        let filled: Vec<f64> = series.forward_filled().into_iter().flatten().collect();
        assert_eq!(filled, [3.0, 3.0, 3.0, 4.0]);
        assert!(!series.is_ranked());
    }
}
