//! The layout of a file, told by its name and its first line.

use super::columns::is_number;
use super::lines::Lines;
use super::text::Plan;
use super::{Problem, line_protocol, nab, psm, skab, smd, tsb, ucr};
use std::path::Path;

/// Layouts of recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// A table whose first column is `timestamp`
    Wide,
    /// A table with any names; without a column of times, rows are numbered
    Plain,
    /// A table with one value a row: time, name, value
    Long,
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
    /// JSON: objects, one per line or in a list, `sensors -j`, Prometheus range queries
    Json,
    /// InfluxDB line protocol
    Influx,
    /// The first sheet of an .xlsx workbook
    Xlsx,
}

impl Layout {
    /// The layout of a text with this first line, cut at commas; `timed`: one of its columns is a
    /// time.
    pub fn of(path: &Path, first: &Lines, timed: impl FnOnce() -> bool) -> Self {
        let named = |name: &str| first.field(0) == name;
        let last = first.field(first.len().saturating_sub(1));
        if ucr::Name::of(path).is_some() {
            Self::Ucr
        } else if skab::is(first) {
            Self::Skab
        } else if named(psm::TIME) {
            Self::Psm
        } else if tsb::training(path).is_some() || last == "Label" && !timed() {
            Self::Tsb
        } else if first.fields().all(is_number) && smd::is(path) {
            Self::Smd
        } else if nab::is(first) && !matches!(nab::windows(path), Ok(None)) {
            Self::Nab
        } else if line_protocol::is(first.raw()) {
            Self::Influx
        } else if named("timestamp") {
            Self::Wide
        } else {
            Self::Plain
        }
    }

    /// The rule from lines to rows, of a layout of a public data set.
    ///
    /// # Errors
    /// The file is not of this layout.
    pub fn plan(self, path: &Path, first: &Lines) -> Result<Plan, Problem> {
        match self {
            Self::Nab => nab::plan(path, first),
            Self::Skab => skab::plan(first),
            Self::Smd => smd::plan(path, first),
            Self::Psm => psm::plan(path, first),
            Self::Tsb => tsb::plan(path, first),
            Self::Ucr => ucr::plan(path),
            Self::Parquet => Err(Problem::Layout("not a Parquet file".to_owned())),
            Self::Json => Err(Problem::Layout(
                "not JSON: it begins with neither { nor [".to_owned(),
            )),
            Self::Xlsx => Err(Problem::Layout("not an .xlsx workbook".to_owned())),
            Self::Wide | Self::Plain | Self::Long | Self::Influx => Err(Problem::Layout(
                "a table, whose columns tell the rule".to_owned(),
            )),
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
