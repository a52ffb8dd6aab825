//! The rows in front of a recording that a detector learns from, where nobody says how many.

use super::{Options, Recording, Training};
use crate::detect::quartet::options::LEARN;
use std::path::Path;

/// Rows to learn from, at least.
const FEWEST_ROWS: u64 = 20;

/// The rows of the training part, or a quarter of few rows; `None` if the detector's own number will do, or the
/// recording is no file, which alone can be read twice.
///
/// # Errors
/// It cannot be read again.
pub fn rows_in_front(
    input: &Path,
    options: &Options,
    recording: &Recording,
) -> anyhow::Result<Option<u64>> {
    if recording.progress().1.is_none() {
        return Ok(None);
    }
    if let Training::Rows(rows) = recording.training() {
        return Ok(Some(*rows));
    }
    let enough = u64::from(LEARN);
    let mut again = Recording::open_with(input, options)?;
    // Malformed rows are told where the rows are used.
    while again.rows() < 4 * enough && matches!(again.next_row(), Ok(Some(_))) {}
    Ok(match again.rows() {
        0 => None,
        rows if rows >= 4 * enough => None,
        rows => Some((rows / 4).max(FEWEST_ROWS)),
    })
}
