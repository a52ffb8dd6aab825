//! Frames for a network: the model's variables of a recording, or raw little-endian f32.

use crate::recording::{Layout, Recording, Table, decompress};
use anyhow::Context;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads the variables of a recording, or raw f32 (plain, gzip or zstd). Without a layout, a file
/// is a recording if it is named `.csv`, with any header, or `.parquet`.
///
/// # Errors
/// It cannot be read, lacks a variable, or does not hold whole frames.
pub fn read(path: &Path, layout: Option<Layout>, names: &[&str]) -> anyhow::Result<Table> {
    if let Some(layout) = layout.or_else(|| named(path)) {
        let mut recording = Recording::open_as(path, Some(layout))?;
        recording.select(names)?;
        return Table::of(recording);
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

/// The layout of a recording by its name. The header of a `.csv` is not looked at: it can have any
/// names in any order.
fn named(path: &Path) -> Option<Layout> {
    let ends = |path: &Path, end: &str| {
        let found = path.extension().and_then(OsStr::to_str);
        found.is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    let bare = if ends(path, "gz") || ends(path, "zst") {
        path.with_extension("")
    } else {
        path.to_owned()
    };
    if ends(path, "parquet") {
        Some(Layout::Parquet)
    } else {
        ends(&bare, "csv").then_some(Layout::Plain)
    }
}
