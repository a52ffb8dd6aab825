//! A segment: a file of records with numbers that follow each other.

use super::record;
use anyhow::Context as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A segment and its extent. The file is open while it is read or written.
#[derive(Debug)]
pub struct Segment {
    path: PathBuf,
    /// Number of the first record.
    pub first: u64,
    /// Number after the last record.
    pub end: u64,
    /// Bytes of whole records.
    pub bytes: u64,
    file: File,
}

impl Segment {
    /// Makes an empty one.
    pub fn create(folder: &Path, first: u64) -> anyhow::Result<Self> {
        let path = folder.join(format!("{first:020}.queue"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let file = options.mode(0o600).open(&path);
        Ok(Self {
            file: file.with_context(|| format!("{}", path.display()))?,
            path,
            first,
            end: first,
            bytes: 0,
        })
    }

    /// Opens one that is there, up to its first damaged record; `None` if it is empty. The rest of the file is cut
    /// off; its bytes are the second value.
    pub fn open(path: &Path, bound: u64) -> anyhow::Result<Option<(Self, u64)>> {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let first: u64 = stem
            .and_then(|stem| stem.parse().ok())
            .context("the name is no number")?;
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let meta = file.metadata()?;
        anyhow::ensure!(
            meta.is_file() && meta.len() <= bound,
            "{} bytes",
            meta.len()
        );
        if meta.len() == 0 {
            return Ok(None);
        }
        let content = fs::read(path)?;
        let (mut rest, mut end, mut bytes) = (&content[..], first, 0_u64);
        while let Some((number, body)) = record::decode(rest)
            && number == end
        {
            let length = record::HEAD + body.len();
            rest = rest.get(length..).unwrap_or_default();
            bytes += length as u64;
            end = end.saturating_add(1);
        }
        anyhow::ensure!(bytes > 0, "no record of number {first} in front");
        let cut = content.len() as u64 - bytes;
        if cut > 0 {
            file.set_len(bytes)?;
        }
        let segment = Self {
            path: path.to_owned(),
            first,
            end,
            bytes,
            file,
        };
        Ok(Some((segment, cut)))
    }

    /// Appends a record of the number [`end`](Self::end). A failed write leaves no trace of it.
    pub fn append(&mut self, body: &[u8], durable: bool) -> anyhow::Result<()> {
        let record = record::encode(self.end, body).context("a message of more than 4 GiB")?;
        let written = self
            .file
            .seek(SeekFrom::Start(self.bytes))
            .and_then(|_| self.file.write_all(&record))
            .and_then(|()| {
                if durable {
                    self.file.sync_data()
                } else {
                    Ok(())
                }
            });
        if let Err(error) = written {
            // If this fails too, the next record is written over it.
            let _ = self.file.set_len(self.bytes);
            return Err(error).with_context(|| format!("{}", self.path.display()));
        }
        self.bytes += record.len() as u64;
        self.end += 1;
        Ok(())
    }

    /// The body of the record at a byte, if its number is the given one.
    pub fn read(&self, at: u64, number: u64) -> Option<Vec<u8>> {
        let mut head = [0; record::HEAD];
        self.file.read_exact_at(&mut head, at).ok()?;
        let (length, _) = head.split_first_chunk::<4>()?;
        let length = u64::from(u32::from_le_bytes(*length)) + record::HEAD as u64;
        if length > self.bytes.checked_sub(at)? {
            return None;
        }
        let mut whole = vec![0; usize::try_from(length).ok()?];
        self.file.read_exact_at(&mut whole, at).ok()?;
        let (found, body) = record::decode(&whole)?;
        (found == number).then(|| body.to_vec())
    }

    /// Removes the file.
    pub fn remove(self) {
        // One that stays is read again at the next start, and told twice: never worth an end.
        let _ = fs::remove_file(&self.path);
    }
}
