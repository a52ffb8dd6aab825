//! The layout of a file, told by its name and its first line.

use super::columns::{is_number, is_time};
use super::lines::Lines;
use super::text::Plan;
use super::{Problem, nab, plain, psm, skab, smd, tsb, ucr, wide};
use std::path::Path;

/// Layouts of recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// CSV `timestamp,<variable>...[,label]`
    Wide,
    /// CSV with any names; without a column of times, rows are numbered
    Plain,
    /// Numenta Anomaly Benchmark: windows in labels/combined_windows.json
    Nab,
    /// Skoltech Anomaly Benchmark: semicolons
    Skab,
    /// Server Machine Dataset, or ASD written the same way: no header, labels in `test_label`
    Smd,
    /// Pooled Server Metrics: labels in `test_label.csv`
    Psm,
    /// TSB-AD: a column `Label`, the training part in the name
    Tsb,
    /// UCR Anomaly Archive: training part and labels in the name
    Ucr,
    /// Parquet, one column per variable
    Parquet,
}

impl Layout {
    /// The layout of a text with this first line.
    pub fn of(path: &Path, first: &Lines) -> Self {
        let named = |name: &str| first.field(0) == name;
        let last = first.field(first.len().saturating_sub(1));
        if ucr::Name::of(path).is_some() {
            Self::Ucr
        } else if skab::is(first) {
            Self::Skab
        } else if named(psm::TIME) {
            Self::Psm
        } else if tsb::training(path).is_some() || last == "Label" {
            Self::Tsb
        } else if first.fields().all(is_number) && smd::is(path) {
            Self::Smd
        } else if nab::is(first) && !matches!(nab::windows(path), Ok(None)) {
            Self::Nab
        } else if is_time(first.field(0)) && !named("timestamp") {
            Self::Plain
        } else {
            Self::Wide
        }
    }

    /// The rule from lines to rows.
    ///
    /// # Errors
    /// The file is not of this layout.
    pub fn plan(self, path: &Path, first: &Lines) -> Result<Plan, Problem> {
        match self {
            Self::Wide => wide::plan(path, first),
            Self::Plain => plain::plan(first),
            Self::Nab => nab::plan(path, first),
            Self::Skab => skab::plan(first),
            Self::Smd => smd::plan(path, first),
            Self::Psm => psm::plan(path, first),
            Self::Tsb => tsb::plan(path, first),
            Self::Ucr => ucr::plan(path),
            Self::Parquet => Err(Problem::Layout("not a Parquet file".to_owned())),
        }
    }
}

/// The name of a file without folder and compression.
pub fn bare(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    let ends = [".gz", ".zst"].iter();
    ends.filter_map(|end| name.strip_suffix(end))
        .next()
        .unwrap_or(name)
}

/// Names in the first line.
pub fn names(first: &Lines) -> Vec<String> {
    first.fields().map(str::to_owned).collect()
}
