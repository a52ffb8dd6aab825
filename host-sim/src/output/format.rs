//! Formats of printed results.

/// A format of printed verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object per frame
    Jsonl,
    /// One row per flagged variable (with --all: per variable; of a model: per named
    /// variable)
    Csv,
    /// Aligned columns for reading
    Table,
}
