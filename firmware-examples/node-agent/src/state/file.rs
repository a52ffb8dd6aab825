//! State files: two generations, each whole or refused.
//!
//! ```text
//! 0   8  magic "BWAGENT\n"
//! 8   4  version, 1
//! 12  4  zero
//! 16  8  generation, one more at each save
//! 24  8  number of the last record of the journal that the state knows
//! 32  8  samples that the state has seen
//! 40  8  time of the save, in milliseconds since 1970
//! 48  8  length of the content
//! 56  …  content
//!     4  CRC-32 (ISO-HDLC) of everything before
//! ```
//! All numbers are little-endian.

use crate::config::{trusted_folder, trusted_metadata};
use anyhow::{Context as _, anyhow, ensure};
use rustix::fs::{Mode, OFlags, open};
use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The checksum of everything on disk.
pub const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

const MAGIC: &[u8; 8] = b"BWAGENT\n";
const VERSION: u32 = 1;
const HEADER: usize = 56;
/// The largest file, in bytes.
const LARGEST: u64 = 1 << 30;
/// Damaged files that are kept.
const KEPT: usize = 3;

const NEWEST: &str = "state.bin";
const BEFORE: &str = "state.1.bin";
const FRESH: &str = "state.bin.new";

/// The numbers in front of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// One more at each save.
    pub generation: u64,
    /// Number of the last record of the journal that it knows.
    pub record: u64,
    /// Samples that it has seen.
    pub samples: u64,
    /// Time of the save, in milliseconds since 1970.
    pub saved_ms: u64,
}

/// The folder of the state.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Takes a folder, and makes it (mode 0700) if it is missing.
    ///
    /// # Errors
    /// It cannot be made or written, or others can write it.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let open = || -> anyhow::Result<()> {
            match DirBuilder::new().mode(0o700).recursive(true).create(folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
                _ => {}
            }
            trusted_folder(folder)?;
            let probe = folder.join(".writable");
            File::create(&probe)?;
            Ok(fs::remove_file(&probe)?)
        };
        open().with_context(|| format!("agent.state {}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Hands the states to `take`, the newest first, until it accepts one, whose header is the answer. Those that
    /// are damaged, or that it refuses, are set aside, each with a line in `told`.
    pub fn load(
        &self,
        told: &mut Vec<String>,
        mut take: impl FnMut(&Header, &[u8]) -> anyhow::Result<()>,
    ) -> Option<Header> {
        let mut whole = Vec::new();
        for name in [FRESH, NEWEST, BEFORE] {
            let path = self.folder.join(name);
            match read(&path) {
                Ok(None) => {}
                Ok(Some((header, _))) => whole.push((header, path)),
                // It was being written when the agent died. The one before it is whole.
                Err(_) if name == FRESH => {}
                Err(error) => self.set_aside(&path, &error, told),
            }
        }
        whole.sort_by_key(|(header, _)| std::cmp::Reverse(header.generation));
        for (header, path) in whole {
            // Read again rather than keep two in memory.
            let taken = match read(&path) {
                Ok(Some((header, bytes))) => {
                    content(&bytes).and_then(|content| take(&header, content))
                }
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            match taken {
                Ok(()) => return Some(header),
                Err(error) => self.set_aside(&path, &error, told),
            }
        }
        None
    }

    /// Renames a file to one of a bounded number of names, the oldest of which it replaces.
    pub fn set_aside(&self, path: &Path, error: &anyhow::Error, told: &mut Vec<String>) {
        let name = |n| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".damaged-{n}"));
            PathBuf::from(name)
        };
        let age = |path: &PathBuf| {
            fs::symlink_metadata(path)
                .and_then(|file| file.modified())
                .ok()
        };
        let places = (1..=KEPT).map(name);
        let Some(place) = places.min_by_key(age) else {
            return;
        };
        let moved = match fs::rename(path, &place) {
            Ok(()) => format!("set aside as {}", place.display()),
            Err(error) => format!("cannot be set aside: {error}"),
        };
        told.push(format!("{}: {error:#}; {moved}", path.display()));
    }

    /// Writes a state: it is on disk when this returns, and until then the one before it is.
    ///
    /// # Errors
    /// The disk is full or broken. The states before are as they were.
    pub fn save(&self, header: &Header, content: &[u8]) -> anyhow::Result<()> {
        let [fresh, newest, before] = [FRESH, NEWEST, BEFORE].map(|name| self.folder.join(name));
        let save = || -> anyhow::Result<()> {
            let mut file = create(&fresh)?;
            let head = head(header, content.len());
            let mut sum = CRC.digest();
            sum.update(&head);
            sum.update(content);
            file.write_all(&head)?;
            file.write_all(content)?;
            file.write_all(&sum.finalize().to_le_bytes())?;
            file.sync_all()?;
            match fs::rename(&newest, &before) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
            fs::rename(&fresh, &newest)?;
            sync(&self.folder)
        };
        save().with_context(|| format!("{}", newest.display()))
    }
}

/// Creates a file for its owner alone; a link in its place is not followed.
pub fn create(path: &Path) -> anyhow::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    Ok(File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?)
}

/// Waits until the names in a folder are on disk.
pub fn sync(folder: &Path) -> anyhow::Result<()> {
    Ok(File::open(folder)?.sync_all()?)
}

/// Opens a file that only its owner can have written; `None` if there is none.
pub fn open_trusted(path: &Path) -> anyhow::Result<Option<File>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    ensure!(metadata.is_file(), "no regular file");
    trusted_metadata(path, &metadata)?;
    ensure!(
        metadata.len() <= LARGEST,
        "{} bytes are too many",
        metadata.len()
    );
    Ok(Some(file))
}

fn head(header: &Header, length: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEADER);
    head.extend(MAGIC);
    head.extend(VERSION.to_le_bytes());
    head.extend([0; 4]);
    for number in [
        header.generation,
        header.record,
        header.samples,
        header.saved_ms,
        length as u64,
    ] {
        head.extend(number.to_le_bytes());
    }
    head
}

/// A whole file, checked.
fn read(path: &Path) -> anyhow::Result<Option<(Header, Vec<u8>)>> {
    let Some(file) = open_trusted(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    let header = check(&bytes)?;
    Ok(Some((header, bytes)))
}

/// Checks the bytes of a state file.
///
/// # Errors
/// They are not a state of this version, or damaged.
pub fn check(bytes: &[u8]) -> anyhow::Result<Header> {
    let head = bytes
        .get(..HEADER)
        .ok_or_else(|| anyhow!("only {} bytes", bytes.len()))?;
    ensure!(head.starts_with(MAGIC), "no state of this agent");
    let word = |at: usize| {
        let bytes = head.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u64::from_le_bytes)
    };
    let version = word(8);
    ensure!(
        version == u64::from(VERSION),
        "version {version} is not known"
    );
    let [generation, record, samples, saved_ms, length] = [16, 24, 32, 40, 48].map(word);
    let expected = length.checked_add(HEADER as u64 + 4);
    ensure!(
        expected == Some(bytes.len() as u64),
        "{} bytes instead of {length} and header",
        bytes.len()
    );
    let (body, sum) = bytes.split_at(bytes.len() - 4);
    ensure!(
        CRC.checksum(body).to_le_bytes() == *sum,
        "the checksum is wrong"
    );
    Ok(Header {
        generation,
        record,
        samples,
        saved_ms,
    })
}

/// The content of a checked file.
fn content(bytes: &[u8]) -> anyhow::Result<&[u8]> {
    let end = bytes.len().saturating_sub(4);
    bytes.get(HEADER..end).context("too short")
}

#[cfg(test)]
mod tests;
