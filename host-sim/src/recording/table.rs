//! A recording as a whole in memory.

use crate::recording::Recording;
use crate::recording::time::clock::Clock;
use anyhow::ensure;
use std::path::Path;

/// Rows of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names of the variables.
    pub names: Vec<String>,
    /// Row after row, one value per variable; NaN is missing.
    values: Vec<f32>,
    /// Whether a row is anomalous; empty if the recording has no labels.
    pub labels: Vec<bool>,
    /// Timestamps in seconds, where they can be read.
    pub seconds: Vec<f64>,
}

impl Table {
    /// Without rows.
    pub fn new(names: Vec<String>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    /// Reads a recording.
    ///
    /// # Errors
    /// It cannot be read; file and line are named.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        Self::of(&mut Recording::open(path)?)
    }

    /// The rows of a recording that are left to read.
    ///
    /// # Errors
    /// One cannot be read; file and line are named.
    pub fn of(recording: &mut Recording) -> anyhow::Result<Self> {
        let mut table = Self::new(recording.names().to_vec());
        let mut clock = Clock::default();
        while let Some(row) = recording.next_row()? {
            table.push(row.readings.iter().map(|r| r.usable().unwrap_or(f32::NAN)));
            table.labels.extend(row.label);
            table.seconds.extend(clock.read(row.timestamp));
        }
        Ok(table)
    }

    /// Rows of little-endian f32, nothing between them.
    ///
    /// # Errors
    /// The bytes are no whole number of rows.
    pub fn raw(bytes: &[u8], names: Vec<String>) -> anyhow::Result<Self> {
        let variables = names.len();
        ensure!(
            bytes.len().is_multiple_of(4 * variables),
            "{} bytes are no whole number of frames of {variables} f32",
            bytes.len()
        );
        let values = bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b));
        Ok(Self {
            values: values.collect(),
            ..Self::new(names)
        })
    }

    /// Adds a row: a value per variable.
    pub fn push(&mut self, row: impl IntoIterator<Item = f32>) {
        self.values.extend(row);
    }

    /// Adds the rows of another recording of the same variables.
    pub fn append(&mut self, later: Self) {
        self.values.extend(later.values);
        self.labels.extend(later.labels);
        self.seconds.extend(later.seconds);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.names.len().max(1)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values of a row; panics behind the last one.
    pub fn row(&self, row: usize) -> &[f32] {
        let variables = self.names.len();
        &self.values[row * variables..][..variables]
    }

    /// All rows in order.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.windows(1)
    }

    /// Every run of `window` rows as one slice, oldest row first; each begins one row later.
    pub fn windows(&self, window: usize) -> impl Iterator<Item = &[f32]> {
        let count = (self.len() + 1).saturating_sub(window);
        let (step, size) = (self.names.len(), self.names.len() * window);
        (0..count).filter_map(move |k| self.values.get(k * step..k * step + size))
    }

    /// Whether a row is labelled anomalous.
    pub fn is_anomalous(&self, row: usize) -> bool {
        self.labels.get(row).copied().unwrap_or(false)
    }

    /// Median distance of rows in days; `None` if timestamps cannot be read.
    pub fn row_days(&self) -> Option<f64> {
        let mut steps: Vec<f64> = self.seconds.windows(2).map(|w| w[1] - w[0]).collect();
        let whole = self.seconds.len() == self.len() && !steps.is_empty();
        steps.sort_by(f64::total_cmp);
        whole.then(|| steps[steps.len() / 2] / 86_400.0)
    }
}
