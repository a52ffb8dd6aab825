//! Forms of printed results.

/// A form of printed verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object per frame
    Jsonl,
    /// One row per flagged variable (with --all: per variable; of a model: per variable that
    /// is named)
    Csv,
    /// Aligned columns to read
    Table,
}
