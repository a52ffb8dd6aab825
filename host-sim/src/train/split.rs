//! The split of rows into fitting, calibration and test.

use crate::recording::{Dataset, Table};

/// Share of the healthy rows that fit; the others calibrate.
const FIT: f64 = 0.8;

/// Rows of a recording by their use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    /// Rows that fit the scaler and the network.
    pub fit: Vec<usize>,
    /// Later healthy rows, which set the threshold.
    pub calibration: Vec<usize>,
    /// Everything behind.
    pub test: Vec<usize>,
}

impl Split {
    /// Healthy rows among the first `fraction` of a recording train; `idle` leaves rows out of
    /// all parts. Rows with fewer than half of their values are left out of training.
    pub fn new(table: &Table, fraction: f64, idle: impl Fn(&[f32]) -> bool) -> Self {
        let cut = (table.len() as f64 * fraction) as usize;
        let busy = |row: &usize| !idle(table.row(*row));
        let usable = |row: &usize| {
            let values = table.row(*row);
            let there = values.iter().filter(|x| x.is_finite()).count();
            2 * there >= values.len() && !table.is_anomalous(*row)
        };
        let healthy: Vec<usize> = (0..cut).filter(busy).filter(usable).collect();
        let (fit, calibration) = healthy.split_at((healthy.len() as f64 * FIT) as usize);
        Self {
            fit: fit.to_vec(),
            calibration: calibration.to_vec(),
            test: (cut..table.len()).filter(busy).collect(),
        }
    }

    /// A dataset's rows: the recording that trains, the one that tests, and the parts of both. Of
    /// a single recording, the rows before `share` train.
    ///
    /// # Errors
    /// As [`Dataset::tables`].
    pub fn read(dataset: &Dataset, share: f64) -> anyhow::Result<(Table, Table, Self)> {
        let (train, test) = dataset.tables()?;
        let Some(test) = test else {
            let split = Self::new(&train, share, |_| false);
            return Ok((train.clone(), train, split));
        };
        let mut split = Self::new(&train, 1.0, |_| false);
        split.test = (0..test.len()).collect();
        Ok((train, test, split))
    }
}
