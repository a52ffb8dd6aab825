//! The roles of a recording's columns, and the parts left out, on standard error.

use super::{Options, Recording, RecordingError, Table};
use std::io::{self, Write};
use std::path::Path;

/// Opens a recording, and says what was taken for what.
///
/// # Errors
/// It cannot be read, or options do not fit it.
pub fn open(path: &Path, options: &Options) -> Result<Recording, RecordingError> {
    let recording = Recording::open_with(path, options)?;
    write(&mut io::stderr(), path, recording.notes());
    Ok(recording)
}

/// Reads a recording as a whole, and says what was taken for what, left out or remarkable.
///
/// # Errors
/// It cannot be read; file and line are named.
pub fn table(path: &Path, options: &Options) -> anyhow::Result<Table> {
    let mut recording = open(path, options)?;
    let table = Table::of(&mut recording)?;
    write(&mut io::stderr(), path, &recording.remarks());
    Ok(table)
}

/// Says these lines about a recording. What is only said may be lost.
pub fn write(log: &mut impl Write, path: &Path, lines: &[String]) {
    for line in lines {
        let _ = writeln!(log, "{}: {line}", path.display());
    }
}
