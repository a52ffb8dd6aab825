//! Common parts of every page: bins of rows, labels, and their times.

use super::axis::{self, Tick};
use super::bins::{Bins, Cell};
use crate::recording::time::Stamps;

/// Rows that were taken so far.
#[derive(Clone, Debug)]
pub struct Timeline {
    bins: Bins,
    /// Runs of labelled rows; `None` if nothing has a label.
    labels: Option<Vec<(u64, u64)>>,
    last: String,
}

impl Timeline {
    /// No rows yet.
    pub fn new(variables: usize) -> Self {
        Self {
            bins: Bins::new(variables),
            labels: None,
            last: String::new(),
        }
    }

    /// Takes the next row: a cell per variable.
    pub fn push(&mut self, cells: &[Cell], timestamp: &str, label: Option<bool>) {
        let tick = self.bins.rows();
        self.bins.push(cells, timestamp);
        if let Some(label) = label {
            let labels = self.labels.get_or_insert_default();
            match labels.last_mut() {
                Some((_, last)) if label && *last + 1 == tick => *last = tick,
                _ if label => labels.push((tick, tick)),
                _ => {}
            }
        }
        timestamp.clone_into(&mut self.last);
    }

    /// The bins.
    pub fn bins(&self) -> &Bins {
        &self.bins
    }

    /// Whether rows have labels.
    pub fn is_labelled(&self) -> bool {
        self.labels.is_some()
    }

    /// Runs of labelled rows, first and last.
    pub fn labels(&self) -> &[(u64, u64)] {
        self.labels.as_deref().unwrap_or_default()
    }

    /// The reading of timestamps.
    pub fn stamps(&self) -> Stamps {
        let shown = self.bins.times().iter().chain([&self.last]);
        let shown: Vec<String> = shown.filter(|time| !time.is_empty()).cloned().collect();
        Stamps::of(&shown)
    }

    /// First and last time as they are shown, and the span between; `None` without rows.
    pub fn range(&self, stamps: Stamps) -> Option<(String, String, String)> {
        let first = self.bins.times().first()?;
        let apart = stamps.seconds(first).zip(stamps.seconds(&self.last));
        let span = apart.map_or_else(String::new, |(a, b)| axis::span(b - a));
        Some((stamps.show(first), stamps.show(&self.last), span))
    }

    /// Ticks of the time axis.
    pub fn ticks(&self, stamps: Stamps) -> Vec<Tick> {
        let bins = &self.bins;
        axis::rows(stamps, bins.times(), bins.width(), bins.rows(), 6)
    }
}
