//! Frames for a network: the model's variables of a recording, or raw little-endian f32.

use crate::recording::front_end::Bursts;
use crate::recording::{FrontEnd, Options, Recording, Table, decompress, notes};
use anyhow::Context;
use bellwether::model::front_end::Source;
use bellwether::{Model, Reading};
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
    let raw = |bytes: &[u8]| Table::raw(bytes, names.iter().map(ToString::to_string).collect());
    let select = |recording: &mut Recording| Ok(recording.select(names)?);
    read_with(path, options, select, raw)
}

/// The same with the variables of a model, through its front end if it has one.
///
/// # Errors
/// As [`read`].
pub fn for_model(path: &Path, options: &Options, model: &Model<'_>) -> anyhow::Result<Table> {
    let select = |recording: &mut Recording| recording.select_for(model);
    read_with(path, options, select, |bytes| raw(bytes, model))
}

fn read_with(
    path: &Path,
    options: &Options,
    select: impl Fn(&mut Recording) -> anyhow::Result<()>,
    raw: impl Fn(&[u8]) -> anyhow::Result<Table>,
) -> anyhow::Result<Table> {
    if options.layout.is_some() || is_table(path) {
        let mut recording = notes::open(path, options)?;
        select(&mut recording)?;
        let table = Table::of(&mut recording)?;
        notes::write(&mut io::stderr(), path, &recording.remarks());
        return Ok(table);
    }
    let read = || {
        let mut bytes = Vec::new();
        let input = decompress(&path.to_string_lossy(), File::open(path)?);
        let mut input = input.map_err(anyhow::Error::msg)?;
        input.read_to_end(&mut bytes)?;
        raw(&bytes)
    };
    read().with_context(|| path.display().to_string())
}

/// Frames of raw values, through the model's front end if it has one.
fn raw(bytes: &[u8], model: &Model<'_>) -> anyhow::Result<Table> {
    let names: Vec<String> = model.features().map(|f| f.name.to_owned()).collect();
    let Some((front_end, signals)) = FrontEnd::of_model(model)? else {
        return Table::raw(bytes, names);
    };
    let end = model.front_end().context("a front end")?;
    let mut bursts = Bursts::new(&front_end, signals.len())?;
    let mut table = Table::new(names);
    for row in Table::raw(bytes, signals)?.rows() {
        let samples: Vec<Reading> = row.iter().map(|x| Reading::from(*x)).collect();
        if let Some(features) = bursts.push(&samples) {
            let of = |source: Source| {
                let feature = features[usize::from(source.signal)];
                let feature = feature[usize::from(source.statistic.code())];
                feature.usable().unwrap_or(f32::NAN)
            };
            table.push(end.sources().map(of));
        }
    }
    Ok(table)
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
