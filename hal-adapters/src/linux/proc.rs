//! Tables of the kernel's `/proc`: load, times, memory, pressure, interrupts, disks and networks.
//!
//! An identity is the file, the row and the quantity, as `proc/stat/cpu/user` or `proc/diskstats/sda/read_bytes`.
//! Quantities have node_exporter's names. Rows that appear later are not added.

mod columns;
mod rows;

use crate::linux::file::{Files, Text};
use crate::linux::probe::{Channel, Probe, Raw};
use crate::linux::selection::Selection;
use bellwether::Cause;
use columns::{Column, TABLES, Table};
use std::borrow::ToOwned;
use std::boxed::Box;
use std::collections::HashMap;
use std::format;
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;

/// The kernel's folder.
pub const ROOT: &str = "/proc";

/// Longest table.
const MOST: usize = 4 << 20;
/// Rows at most. No machine has as many disks; a hostile table may.
const ROWS: usize = 4096;

/// The tables below `root` ([`ROOT`] on a real machine), one probe each. Tables that are not there are left out, and
/// with `light` those that are longer than 64 KiB: a kernel of many processors works long for them.
///
/// Cost of a reading: two or more reads and a pass over the text.
pub fn probes(
    root: &Path,
    selection: &Selection,
    light: bool,
    files: &Files,
) -> Vec<Box<dyn Probe>> {
    let found = |table| Reader::find(table, root, selection, light, files);
    let readers = TABLES.iter().filter_map(found);
    readers
        .map(|reader| Box::new(reader) as Box<dyn Probe>)
        .collect()
}

/// The longest table that is light.
const LIGHT: usize = 64 << 10;

/// A table as a probe.
struct Reader {
    name: String,
    table: &'static Table,
    root: PathBuf,
    text: Text,
    channels: Vec<Channel>,
    /// By row, its columns in their order, each with its place.
    places: HashMap<String, Vec<(Column, usize)>>,
    files: Files,
    buffer: Vec<u8>,
    readings: usize,
}

impl Reader {
    fn find(
        table: &'static Table,
        root: &Path,
        selection: &Selection,
        light: bool,
        files: &Files,
    ) -> Option<Self> {
        let mut text = Text::new(table.file.to_owned());
        let mut buffer = Vec::new();
        let most = if light { LIGHT } else { MOST };
        let bytes = text.bytes(root, files, most, &mut buffer).ok()?;
        let mut channels: Vec<Channel> = Vec::new();
        let mut places: HashMap<String, Vec<(Column, usize)>> = HashMap::new();
        rows::each(bytes, table.shape, |row, _| {
            if places.len() >= ROWS || places.contains_key(row) {
                return;
            }
            let mut columns = Vec::new();
            for column in (table.columns)(row) {
                let channel = column.channel(table, row);
                if selection.admits(&channel.identity) {
                    columns.push((*column, channels.len()));
                    channels.push(channel);
                }
            }
            if !columns.is_empty() {
                places.insert(row.to_owned(), columns);
            }
        });
        if channels.is_empty() {
            return None;
        }
        Some(Self {
            name: format!("proc/{}", table.file),
            table,
            root: root.to_owned(),
            text,
            channels,
            places,
            files: files.clone(),
            buffer,
            readings: 0,
        })
    }
}

impl Probe for Reader {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn read(&mut self, into: &mut [Raw]) {
        self.readings += 1;
        if self.readings.is_multiple_of(10) {
            self.text.check(&self.root);
        }
        let bytes = self
            .text
            .bytes(&self.root, &self.files, MOST, &mut self.buffer);
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(cause) => return into.fill(Err(cause)),
        };
        into.fill(Err(Cause::Missing));
        let places = &self.places;
        rows::each(bytes, self.table.shape, |row, fields| {
            let mut wanted = places.get(row).into_iter().flatten().peekable();
            for (k, field) in fields.enumerate() {
                if wanted.peek().is_none() {
                    break;
                }
                while let Some((column, place)) = wanted.next_if(|(column, _)| column.field == k) {
                    if let Some(raw) = into.get_mut(*place) {
                        *raw = column.value(field);
                    }
                }
            }
        });
    }
}
