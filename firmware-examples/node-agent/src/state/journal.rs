//! The journal: single facts that must not be lost, each on disk before anybody is told.
//!
//! A line per record: CRC-32 of the rest in hex, the number of the record, and the record as JSON. A line that is
//! cut or damaged is left out; the lines around it count.

use super::file::{CRC, create, open_trusted, sync};
use crate::event::{Event, Phase};
use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The largest journal, in bytes, and records at which the oldest go.
const LARGEST: u64 = 64 << 20;
const MOST: usize = 20_000;

const NAME: &str = "journal";
const FRESH: &str = "journal.new";

/// A fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// An event was told.
    Event(Event),
    /// Somebody has seen an event.
    Acknowledged(u64),
    /// The present state of a group is normal.
    Accepted(String),
    /// Silence until a time, in milliseconds since 1970; `None`: it has ended.
    Silence(Option<u64>),
    /// Whether somebody works on the node.
    Maintenance(bool),
}

/// The journal of a folder.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    file: File,
    records: Vec<(u64, Record)>,
}

impl Journal {
    /// Reads the journal, or begins one. Damaged lines are counted in a line of `told`; with one of them, the
    /// file as it was is kept as `journal.damaged-1`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(folder: &Path, told: &mut Vec<String>) -> anyhow::Result<Self> {
        let path = folder.join(NAME);
        let name = path.display();
        let mut bytes = Vec::new();
        match open_trusted(&path) {
            Ok(None) => {}
            Ok(Some(file)) => {
                file.take(LARGEST)
                    .read_to_end(&mut bytes)
                    .with_context(|| name.to_string())?;
            }
            Err(error) => {
                let aside = folder.join("journal.damaged-1");
                fs::rename(&path, &aside).with_context(|| name.to_string())?;
                told.push(format!(
                    "{name}: {error:#}; set aside as {}",
                    aside.display()
                ));
            }
        }
        let (records, damaged, cut) = read(&bytes);
        if damaged > 0 {
            let aside = folder.join("journal.damaged-1");
            let kept = fs::copy(&path, &aside).is_ok();
            let kept = if kept {
                format!("; the file is kept as {}", aside.display())
            } else {
                String::new()
            };
            told.push(format!(
                "{name}: {damaged} damaged lines are left out{kept}"
            ));
        } else if cut {
            told.push(format!(
                "{name}: the last line was not finished; nobody was told of it"
            ));
        }
        // Written anew, so that no half line is in front of the next.
        let file = write(folder, &records)?;
        Ok(Self {
            folder: folder.to_owned(),
            file,
            records,
        })
    }

    /// All records with their numbers, oldest first.
    pub fn records(&self) -> &[(u64, Record)] {
        &self.records
    }

    /// Appends records, the first with this number. They are on disk when this returns.
    ///
    /// # Errors
    /// The disk is full or broken.
    pub fn append(&mut self, first: u64, records: Vec<Record>) -> anyhow::Result<()> {
        let records: Vec<_> = (first..).zip(records).collect();
        let mut text = Vec::new();
        for (number, record) in &records {
            text.extend(line(*number, record)?);
        }
        self.records.extend(records);
        self.file.write_all(&text)?;
        self.file.sync_data()?;
        Ok(())
    }

    /// Leaves out the records that both states know, but for those of events that are on, and the newest of silence
    /// and maintenance.
    ///
    /// # Errors
    /// The disk is full or broken. The records on disk are as they were.
    pub fn compact(&mut self, known: u64) -> anyhow::Result<()> {
        let before = self.records.len();
        let mut on = BTreeSet::new();
        let (mut silence, mut maintenance) = (0, 0);
        for (number, record) in &self.records {
            match record {
                Record::Event(event) if event.phase == Phase::Clear => on.remove(&event.id),
                Record::Event(event) => on.insert(event.id),
                Record::Silence(_) => {
                    silence = *number;
                    false
                }
                Record::Maintenance(_) => {
                    maintenance = *number;
                    false
                }
                _ => false,
            };
        }
        self.records.retain(|(number, record)| match record {
            _ if *number > known => true,
            Record::Event(event) => on.contains(&event.id),
            Record::Acknowledged(id) => on.contains(id),
            Record::Silence(_) => *number == silence,
            Record::Maintenance(_) => *number == maintenance,
            Record::Accepted(_) => false,
        });
        let many = self.records.len().saturating_sub(MOST);
        self.records.drain(..many);
        if self.records.len() != before {
            self.file = write(&self.folder, &self.records)?;
        }
        Ok(())
    }
}

fn line(number: u64, record: &Record) -> anyhow::Result<Vec<u8>> {
    let text = format!("{number} {}", serde_json::to_string(record)?);
    Ok(format!("{:08x} {text}\n", CRC.checksum(text.as_bytes())).into_bytes())
}

/// The records, the number of damaged lines, and whether the last one was cut.
fn read(bytes: &[u8]) -> (Vec<(u64, Record)>, usize, bool) {
    let (mut records, mut damaged, mut cut) = (Vec::<(u64, Record)>::new(), 0, false);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match (parse(line), line.ends_with(b"\n")) {
            (Ok((number, record)), true) if records.last().is_none_or(|last| last.0 < number) => {
                records.push((number, record));
            }
            (_, false) => cut = true,
            _ => damaged += 1,
        }
    }
    let many = records.len().saturating_sub(MOST);
    records.drain(..many);
    (records, damaged, cut)
}

fn parse(line: &[u8]) -> anyhow::Result<(u64, Record)> {
    let line = std::str::from_utf8(line)?.trim_end_matches('\n');
    let (sum, text) = line.split_once(' ').context("no sum")?;
    ensure!(
        u32::from_str_radix(sum, 16)? == CRC.checksum(text.as_bytes()),
        "damaged"
    );
    let (number, record) = text.split_once(' ').context("no number")?;
    Ok((number.parse()?, serde_json::from_str(record)?))
}

/// Replaces the journal of a folder and opens it for more.
fn write(folder: &Path, records: &[(u64, Record)]) -> anyhow::Result<File> {
    let [fresh, path] = [FRESH, NAME].map(|name| folder.join(name));
    let write = || -> anyhow::Result<File> {
        let mut text = Vec::new();
        for (number, record) in records {
            text.extend(line(*number, record)?);
        }
        let mut file = create(&fresh)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        sync(folder)?;
        Ok(File::options().append(true).mode(0o600).open(&path)?)
    };
    write().with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests;
