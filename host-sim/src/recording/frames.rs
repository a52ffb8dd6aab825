//! Frames for a network: the model's variables of a recording, or raw little-endian f32.

use crate::recording::{Options, Table, decompress, notes};
use anyhow::Context;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Reads the variables of a recording, or raw f32 (plain, gzip or zstd). Without a layout, a file
/// is a recording if its name ends as that of a table does, such as `.csv` or `.parquet`.
///
/// # Errors
/// It cannot be read, lacks a variable, or does not hold whole frames.
pub fn read(path: &Path, options: &Options, names: &[&str]) -> anyhow::Result<Table> {
    if options.layout.is_some() || is_table(path) {
        let mut recording = notes::open(path, options)?;
        recording.select(names)?;
        let table = Table::of(&mut recording)?;
        notes::write(&mut io::stderr(), path, &recording.remarks());
        return Ok(table);
    }
    let read = || {
        let mut bytes = Vec::new();
        let input = decompress(&path.to_string_lossy(), File::open(path)?);
        let mut input = input.map_err(anyhow::Error::msg)?;
        input.read_to_end(&mut bytes)?;
        Table::raw(&bytes, names.iter().map(ToString::to_string).collect())
    };
    read().with_context(|| path.display().to_string())
}

/// Whether a file is a recording by its name.
fn is_table(path: &Path) -> bool {
    let ends = |path: &Path, known: &[&str]| {
        let found = path.extension().and_then(OsStr::to_str);
        found.is_some_and(|found| known.iter().any(|end| found.eq_ignore_ascii_case(end)))
    };
    let bare = if ends(path, &["gz", "zst"]) {
        path.with_extension("")
    } else {
        path.to_owned()
    };
    ends(
        &bare,
        &[
            "csv", "tsv", "txt", "json", "jsonl", "ndjson", "lp", "xlsx", "parquet", "dat", "log",
        ],
    )
}
