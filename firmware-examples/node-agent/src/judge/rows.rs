//! The rows of frames that a group is fitted to: a ring of bounded size in a file, or in memory.
//!
//! ```text
//! file    header of 32 bytes, then places of 8 + 4 V bytes
//! header  "BWROWS1\0"  hash of the names u64  V u32  places u32  0 u64           little endian
//! place   number of the row and whether it was flagged: u32, 0 if empty   CRC-32 of the values u32   V f32, NaN: missing
//! ```
//!
//! The file is written in place. A row that a crash has torn is found by its checksum and left out.

use anyhow::{Context, ensure};
use bellwether::node::fit::Rows;
use bellwether::wire::checksum;
use bellwether::{Cause, Reading};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"BWROWS1\0";
const HEADER: u64 = 32;
/// Rows between two times that the file is made sure to be on disk.
const SYNCED: u32 = 120;

/// The place of the rows.
enum Store {
    File(Arc<File>),
    Memory(Vec<f32>),
}

/// A ring of rows.
pub struct Ring {
    store: Store,
    variables: usize,
    /// Of each place: twice the number of its row, and 1 more if it was flagged; 0 if it is empty.
    places: Vec<u32>,
    /// Number of the next row, from 1 on.
    next: u32,
    /// Bytes of a place, for writing and reading.
    bytes: Vec<u8>,
}

impl Ring {
    /// One in memory.
    pub fn in_memory(variables: usize, places: usize) -> Self {
        Self {
            store: Store::Memory(vec![f32::NAN; variables * places]),
            variables,
            places: vec![0; places],
            next: 1,
            bytes: Vec::new(),
        }
    }

    /// One in a file, with the rows that are there if they are of the same variables. Answers how many.
    ///
    /// # Errors
    /// The file can be neither read nor written.
    pub fn open(
        path: &Path,
        names: u64,
        variables: usize,
        places: usize,
    ) -> anyhow::Result<(Self, usize)> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options
            .open(path)
            .with_context(|| path.display().to_string())?;
        let mut ring = Self {
            store: Store::Memory(Vec::new()),
            variables,
            places: vec![0; places],
            next: 1,
            bytes: vec![0; 8 + 4 * variables],
        };
        let header = ring.header(names);
        let mut found = [0; HEADER as usize];
        let length = HEADER + places as u64 * ring.bytes.len() as u64;
        let same = file.metadata()?.len() == length
            && file.read_exact_at(&mut found, 0).is_ok()
            && found == header;
        if same {
            for place in 0..places {
                let offset = ring.offset(place);
                file.read_exact_at(&mut ring.bytes, offset)?;
                ring.take_over(place);
            }
        } else {
            file.set_len(0)?;
            file.set_len(length)?;
            file.write_all_at(&header, 0)
                .with_context(|| path.display().to_string())?;
        }
        let found = ring.places.iter().filter(|place| **place > 0).count();
        ring.store = Store::File(Arc::new(file));
        Ok((ring, found))
    }

    fn header(&self, names: u64) -> [u8; HEADER as usize] {
        let mut header = [0; HEADER as usize];
        let numbers = [self.variables as u32, self.places.len() as u32];
        let parts = MAGIC.iter().copied().chain(names.to_le_bytes());
        let parts = parts.chain(numbers.into_iter().flat_map(u32::to_le_bytes));
        header
            .iter_mut()
            .zip(parts)
            .for_each(|(to, byte)| *to = byte);
        header
    }

    fn offset(&self, place: usize) -> u64 {
        HEADER + place as u64 * (8 + 4 * self.variables as u64)
    }

    /// Takes a place of a file over, whose bytes were read.
    fn take_over(&mut self, place: usize) {
        let Some(number) = checked(&self.bytes) else {
            return;
        };
        let sound = number > 1 && !self.places.is_empty();
        let row = number / 2;
        // A place has every so-many-th row.
        if sound && (row as usize - 1).checked_rem(self.places.len()) == Some(place) {
            if let Some(known) = self.places.get_mut(place) {
                *known = number;
            }
            self.next = self.next.max(row.saturating_add(1));
        }
    }

    /// Appends a row in place of the oldest one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn push(&mut self, values: &[f32], flagged: bool) -> anyhow::Result<()> {
        let count = self.places.len();
        ensure!(
            count > 0 && values.len() == self.variables,
            "rows of another width"
        );
        if self.next >= u32::MAX / 2 {
            self.clear();
        }
        let place = (self.next as usize - 1) % count;
        let number = 2 * self.next + u32::from(flagged);
        let offset = self.offset(place);
        match &mut self.store {
            Store::Memory(all) => {
                let from = place * self.variables;
                let to = all.iter_mut().skip(from);
                to.zip(values).for_each(|(to, value)| *to = *value);
            }
            Store::File(file) => {
                self.bytes.clear();
                self.bytes.extend([0; 8]);
                let values = values.iter().flat_map(|value| value.to_le_bytes());
                self.bytes.extend(values);
                let crc = checksum(self.bytes.get(8..).unwrap_or_default());
                let head = number.to_le_bytes().into_iter().chain(crc.to_le_bytes());
                self.bytes
                    .iter_mut()
                    .zip(head)
                    .for_each(|(to, byte)| *to = byte);
                file.write_all_at(&self.bytes, offset)?;
                if self.next.is_multiple_of(SYNCED) {
                    file.sync_data()?;
                }
            }
        }
        if let Some(known) = self.places.get_mut(place) {
            *known = number;
        }
        self.next += 1;
        Ok(())
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.places.fill(0);
        self.next = 1;
    }

    /// Rows that were not flagged.
    pub fn normal(&self) -> usize {
        let places = self.places.iter();
        places
            .filter(|number| **number > 1 && **number % 2 == 0)
            .count()
    }

    /// The last `count` rows, oldest first, to be read while the ring goes on; `flagged` ones too, or not.
    pub fn last(&self, count: usize, flagged: bool) -> Stored {
        let places = self.places.iter().copied().enumerate();
        let kept = places.filter(|(_, number)| *number > 1 && (flagged || number % 2 == 0));
        let mut kept: Vec<(usize, u32)> = kept.collect();
        kept.sort_unstable_by_key(|(_, number)| *number);
        let first = kept.len().saturating_sub(count);
        kept.drain(..first);
        let source = match &self.store {
            Store::File(file) => Source::File {
                file: Arc::clone(file),
                offsets: kept.iter().map(|(place, _)| self.offset(*place)).collect(),
                bytes: vec![0; 8 + 4 * self.variables],
            },
            Store::Memory(all) => {
                let row = |(place, _): &(usize, u32)| {
                    let from = place * self.variables;
                    all.get(from..from + self.variables).unwrap_or_default()
                };
                Source::Memory(kept.iter().flat_map(row).copied().collect())
            }
        };
        Stored {
            source,
            variables: self.variables,
            count: kept.len() as u32,
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let stored = match &self.store {
            Store::Memory(all) => 4 * all.len(),
            Store::File(_) => 0,
        };
        stored + 4 * self.places.len() + self.bytes.len()
    }
}

/// The number of a place whose values are whole.
fn checked(bytes: &[u8]) -> Option<u32> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    let (crc, values) = rest.split_first_chunk::<4>()?;
    (checksum(values) == u32::from_le_bytes(*crc)).then_some(u32::from_le_bytes(*number))
}

enum Source {
    File {
        file: Arc<File>,
        offsets: Vec<u64>,
        bytes: Vec<u8>,
    },
    Memory(Vec<f32>),
}

/// Rows for a fit. One that cannot be read, or that the ring has replaced meanwhile, is missing or a newer one.
pub struct Stored {
    source: Source,
    variables: usize,
    count: u32,
}

impl Rows for Stored {
    fn count(&self) -> u32 {
        self.count
    }

    fn read(&mut self, row: u32, frame: &mut [Reading]) {
        match &mut self.source {
            Source::Memory(all) => {
                let from = row as usize * self.variables;
                let values = all.get(from..from + self.variables).unwrap_or_default();
                let pairs = frame.iter_mut().zip(values);
                pairs.for_each(|(to, value)| *to = (*value).into());
            }
            Source::File {
                file,
                offsets,
                bytes,
            } => {
                let read = offsets.get(row as usize);
                let read = read.is_some_and(|offset| file.read_exact_at(bytes, *offset).is_ok());
                let (values, _) = bytes.get(8..).unwrap_or_default().as_chunks::<4>();
                for (to, value) in frame.iter_mut().zip(values) {
                    *to = match read {
                        true => f32::from_le_bytes(*value).into(),
                        false => Reading::Absent(Cause::Missing),
                    };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
