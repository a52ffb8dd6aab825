//! A recording as a whole in memory.

use crate::recording::{Layout, Recording};
use std::path::Path;

/// Rows of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names of the variables.
    pub names: Vec<String>,
    /// One value per variable; NaN is missing.
    pub rows: Vec<Vec<f32>>,
    /// Whether a row is anomalous; empty if the recording has no labels.
    pub labels: Vec<bool>,
    /// Timestamps in seconds, where they are numbers.
    pub seconds: Vec<f64>,
}

impl Table {
    /// Reads a recording.
    ///
    /// # Errors
    /// It cannot be read; file and line are named.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        Self::read_as(path, None)
    }

    /// Reads a recording of a layout; without one, name and content determine it.
    ///
    /// # Errors
    /// It cannot be read; file and line are named.
    pub fn read_as(path: &Path, layout: Option<Layout>) -> anyhow::Result<Self> {
        let mut recording = Recording::open_as(path, layout)?;
        let mut table = Self {
            names: recording.names().to_vec(),
            ..Self::default()
        };
        while let Some(row) = recording.next_row()? {
            let values = row.readings.iter().map(|r| r.usable().unwrap_or(f32::NAN));
            table.rows.push(values.collect());
            table.labels.extend(row.label);
            table.seconds.extend(row.timestamp.parse::<f64>().ok());
        }
        Ok(table)
    }

    /// Whether a row is labelled anomalous.
    pub fn is_anomalous(&self, row: usize) -> bool {
        self.labels.get(row).copied().unwrap_or(false)
    }

    /// Median distance of rows in days; `None` if timestamps are no numbers.
    pub fn row_days(&self) -> Option<f64> {
        let mut steps: Vec<f64> = self.seconds.windows(2).map(|w| w[1] - w[0]).collect();
        let whole = self.seconds.len() == self.rows.len() && !steps.is_empty();
        steps.sort_by(f64::total_cmp);
        whole.then(|| steps[steps.len() / 2] / 86_400.0)
    }
}
