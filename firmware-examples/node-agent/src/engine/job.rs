//! The job file: the job that runs on this node, as the scheduler's prolog writes it and its epilog removes it.
//!
//! JSON with the keys that Omnistat's prolog writes, of which only the first is needed:
//!
//! ```json
//! {"RMS_JOB_ID": "74129", "RMS_JOB_USER": "ann", "RMS_JOB_PARTITION": "batch", "RMS_JOB_NUM_NODES": "2",
//!  "RMS_STEP_ID": -1, "RMS_JOB_NAME": "cfd", "RMS_JOB_NODELIST": "n[01-02]", "RMS_JOB_START": 1764400000}
//! ```
//!
//! The last three are the agent's: the job's name, its nodes as Slurm writes them, and its start in seconds since
//! 1970 (without it, the time of the file). A step's number, if it is not -1, is no change of the job.
//!
//! The file is hostile input: links and what is no regular file are refused, so are more than [`LARGEST`] bytes,
//! and a file that a stranger could have written, unless the configuration accepts anyone's.

mod hosts;

use crate::config::trusted_metadata;
use crate::judge::Job;
use anyhow::{Context as _, anyhow, ensure};
use rustix::fs::{Mode, OFlags, open};
use serde_json::{Map, Value};
use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The largest file, in bytes.
pub const LARGEST: u64 = 64 << 10;
/// The longest text of a key, in characters.
const LONGEST: usize = 256;

/// The file, looked at each wake-up and read when it has changed.
#[derive(Debug)]
pub struct JobFile {
    path: PathBuf,
    anyone: bool,
    /// Inode, size and times at the last reading.
    seen: Option<[i64; 6]>,
    job: Option<Job>,
    /// The last complaint, told once.
    told: Option<String>,
}

impl JobFile {
    /// Watches a file, which need not be there.
    pub const fn new(path: PathBuf, anyone: bool) -> Self {
        Self {
            path,
            anyone,
            seen: None,
            job: None,
            told: None,
        }
    }

    /// The job now, and a complaint that is new. A file that cannot be read means no job.
    pub fn look(&mut self) -> (Option<&Job>, Option<String>) {
        let found = fs::symlink_metadata(&self.path).ok().as_ref().map(identity);
        if found == self.seen {
            return (self.job.as_ref(), None);
        }
        self.seen = found;
        let read = match found {
            None => Ok(None),
            Some(_) => read(&self.path, self.anyone).map(Some),
        };
        let mut complaint = None;
        self.job = match read {
            Ok(job) => {
                self.told = None;
                job
            }
            Err(error) => {
                let line = format!("job file {}: {error:#}", self.path.display());
                if self.told.as_ref() != Some(&line) {
                    complaint = Some(line.clone());
                }
                self.told = Some(line);
                None
            }
        };
        (self.job.as_ref(), complaint)
    }
}

/// Everything that changes when a file does.
fn identity(metadata: &Metadata) -> [i64; 6] {
    [
        metadata.ino().cast_signed(),
        metadata.size().cast_signed(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    ]
}

fn read(path: &Path, anyone: bool) -> anyhow::Result<Job> {
    // Opening a pipe that nobody writes to must not wait.
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(open(path, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    ensure!(metadata.is_file(), "no regular file");
    if !anyone {
        trusted_metadata(path, &metadata)?;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= LARGEST, "more than {LARGEST} bytes");
    let modified = metadata.mtime().saturating_mul(1000) + metadata.mtime_nsec() / 1_000_000;
    parse(&bytes, u64::try_from(modified).unwrap_or(0))
}

/// Reads the content of a job file; `modified_ms` is the time of the file.
///
/// # Errors
/// It is no JSON object, or has no `RMS_JOB_ID`.
pub fn parse(bytes: &[u8], modified_ms: u64) -> anyhow::Result<Job> {
    let text = std::str::from_utf8(bytes).map_err(|_| anyhow!("not UTF-8"))?;
    let keys: Map<String, Value> = serde_json::from_str(text).context("no JSON object")?;
    let id = words(&keys, "RMS_JOB_ID");
    ensure!(!id.is_empty(), "RMS_JOB_ID is missing");
    let started = match keys.get("RMS_JOB_START") {
        Some(Value::Number(seconds)) => seconds.as_f64(),
        Some(Value::String(seconds)) => seconds.trim().parse().ok(),
        _ => None,
    };
    // A year beyond 2200 is no start.
    let started = started.filter(|seconds| (0.0..7.3e9).contains(seconds));
    let nodes = match keys.get("RMS_JOB_NODELIST") {
        Some(Value::String(list)) => hosts::expand(list)?,
        Some(Value::Array(names)) => {
            let names = names.iter().take(hosts::MOST).filter_map(Value::as_str);
            names.map(cut).collect()
        }
        _ => Vec::new(),
    };
    Ok(Job {
        id,
        name: words(&keys, "RMS_JOB_NAME"),
        started_ms: started.map_or(modified_ms, |seconds| (seconds * 1000.0) as u64),
        nodes,
    })
}

/// A key as text, whether it is text or a number.
fn words(keys: &Map<String, Value>, key: &str) -> String {
    match keys.get(key) {
        Some(Value::String(text)) => cut(text.trim()),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A text of bounded length without control characters.
fn cut(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}

#[cfg(test)]
mod tests;
