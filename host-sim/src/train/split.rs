//! The split of rows into fitting, calibration and test, and the usable columns.

use crate::model::NamedFeature;
use crate::recording::{Dataset, Table};
use anyhow::ensure;
use bellwether::model::Scale;

/// Share of the healthy rows that fit; the others calibrate.
const FIT: f64 = 0.8;
/// A column must be present in this share of the rows that fit.
const PRESENT: f64 = 0.95;

/// Columns that are present and vary, and the scale of each: smallest and largest value of the rows
/// that fit become 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// Their indices in a recording's row.
    pub places: Vec<usize>,
    /// Their names.
    pub features: Vec<NamedFeature>,
    /// One scale each.
    pub scales: Vec<Scale>,
}

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

impl Columns {
    /// From the rows that fit, of one recording or several with the same columns.
    ///
    /// # Errors
    /// No column is left.
    pub fn of(parts: &[(&Table, &Split)]) -> anyhow::Result<Self> {
        let names = parts.first().map(|(table, _)| table.names.clone());
        let mut columns = Self {
            places: Vec::new(),
            features: Vec::new(),
            scales: Vec::new(),
        };
        for (place, name) in names.unwrap_or_default().into_iter().enumerate() {
            let all = parts
                .iter()
                .flat_map(|(table, split)| split.fit.iter().map(move |row| table.row(*row)[place]));
            let rows: usize = parts.iter().map(|(_, split)| split.fit.len()).sum();
            let there: Vec<f64> = all.filter(|x| x.is_finite()).map(f64::from).collect();
            let low = there.iter().copied().fold(f64::INFINITY, f64::min);
            let high = there.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let divisor = (high - low) as f32;
            if (there.len() as f64) < PRESENT * rows as f64 || !divisor.is_normal() {
                continue;
            }
            columns.places.push(place);
            columns.features.push(NamedFeature {
                name,
                unit: String::new(),
            });
            columns.scales.push(Scale {
                offset: low as f32,
                divisor,
                mean: (there.iter().sum::<f64>() / there.len() as f64) as f32,
            });
        }
        ensure!(
            !columns.places.is_empty(),
            "no column is there in {PRESENT} of the {} rows that fit, and varies",
            parts
                .iter()
                .map(|(_, split)| split.fit.len())
                .sum::<usize>()
        );
        Ok(columns)
    }

    /// Number of columns.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// The values of a row, in the recording's units.
    pub fn raw(&self, table: &Table, row: usize) -> Vec<f32> {
        let values = table.row(row);
        self.places.iter().map(|place| values[*place]).collect()
    }

    /// The values of a row, scaled, the mean where one is missing; and whether each was there.
    pub fn scaled(&self, table: &Table, row: usize) -> (Vec<f32>, Vec<bool>) {
        let values = self.raw(table, row);
        let there = values.iter().map(|x| x.is_finite()).collect();
        let scaled = values
            .iter()
            .zip(&self.scales)
            .map(|(x, scale)| scale.apply(if x.is_finite() { *x } else { scale.mean }));
        (scaled.collect(), there)
    }

    /// Whether fewer than half of a row's columns are there.
    pub fn is_blind(&self, table: &Table, row: usize) -> bool {
        let values = table.row(row);
        let there = self.places.iter().filter(|p| values[**p].is_finite());
        2 * there.count() < self.count()
    }

    /// The rows that fit and are complete, scaled.
    pub fn complete(&self, table: &Table, split: &Split) -> Vec<Vec<f32>> {
        let rows = split.fit.iter().map(|row| self.scaled(table, *row));
        rows.filter(|(_, there)| there.iter().all(|t| *t))
            .map(|(scaled, _)| scaled)
            .collect()
    }
}
