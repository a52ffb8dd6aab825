//! A bounded queue on disk: what was put into it is there after a restart, until it is taken off or the bound
//! pushes it out, the oldest first.
//!
//! Messages have numbers that follow each other. A new queue begins with the milliseconds since 1970, so that
//! numbers also grow when a queue was lost. Records are appended to segments, an eighth of the bound each; a
//! segment goes when it is done with, or as the oldest when the bound is reached. The file `done` has the first
//! number that is not yet taken off. Without a readable one, the messages of the segments are told again.

mod record;
mod segment;
#[cfg(test)]
mod tests;

use crate::config::trusted_folder;
use anyhow::Context as _;
use segment::Segment;
use std::collections::VecDeque;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Numbers stay exact where they are read as floating-point numbers.
const LARGEST: u64 = 1 << 53;
/// Tries to own a folder, and the pause between two. A program that is being started shares every open file with its
/// parent for a moment, and the lock with it.
const TRIES: u32 = 25;
const PAUSE: Duration = Duration::from_millis(20);

/// A queue. One process has it open.
#[derive(Debug)]
pub struct Queue {
    folder: PathBuf,
    bound: u64,
    durable: bool,
    segments: VecDeque<Segment>,
    /// First number not taken off.
    done: u64,
    /// Number of the next message.
    next: u64,
    /// Number and byte in the segment of the next message to hand out.
    cursor: (u64, u64),
    /// First number that was never handed out.
    fresh: u64,
    dropped: u64,
    repeated: u64,
    mark: File,
    _lock: File,
}

impl Queue {
    /// Opens or makes a queue of at most `bound` bytes. A `durable` one puts each message on the disk before it
    /// goes on. The second value says what was wrong with the files.
    ///
    /// # Errors
    /// The folder cannot be made or written, others can write it, or another process has it.
    pub fn open(
        folder: &Path,
        bound: u64,
        durable: bool,
        now_ms: u64,
    ) -> anyhow::Result<(Self, Vec<String>)> {
        let name = || format!("{}", folder.display());
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(name)?;
        trusted_folder(folder).with_context(name)?;
        if durable && let Some(parent) = folder.parent() {
            File::open(parent)
                .and_then(|parent| parent.sync_all())
                .with_context(name)?;
        }
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        let lock = options.open(folder.join("lock")).with_context(name)?;
        own(&lock).with_context(|| format!("{} is in use by another agent", folder.display()))?;
        let mark = options.open(folder.join("done")).with_context(name)?;
        let mut complaints = Vec::new();
        let mut segments = load(folder, bound, &mut complaints)?;
        let oldest = segments.front().map(|segment| segment.first);
        let newest = segments.back().map(|segment| segment.end);
        let (done, next) = match (marked(&mark), oldest.zip(newest)) {
            (Some(done), None) => (done, done),
            (None, Some((oldest, newest))) => (oldest, newest),
            (Some(done), Some((oldest, newest))) => (done.max(oldest), newest.max(done)),
            (None, None) => (now_ms, now_ms),
        };
        while segments.front().is_some_and(|segment| segment.end <= done) {
            segments.pop_front().into_iter().for_each(Segment::remove);
        }
        let ends = segments.iter().map(|segment| segment.end);
        let gap = |(end, next): (u64, &Segment)| next.first - end.max(done).min(next.first);
        let dropped = ends.zip(segments.iter().skip(1)).map(gap).sum();
        let mut queue = Self {
            folder: folder.to_owned(),
            bound,
            durable,
            segments,
            done,
            next,
            cursor: (done, 0),
            fresh: done,
            dropped,
            repeated: 0,
            mark,
            _lock: lock,
        };
        queue.rewind();
        Ok((queue, complaints))
    }

    /// Number of the next message.
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Messages that wait, those that are on their way included.
    pub fn waiting(&self) -> u64 {
        let left = |segment: &Segment| segment.end - segment.first.max(self.done).min(segment.end);
        self.segments.iter().map(left).sum()
    }

    /// Messages that the bound has pushed out, or that a damaged file has lost while it was in use.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Messages that were handed out again, because nobody had confirmed the first time.
    pub const fn repeated(&self) -> u64 {
        self.repeated
    }

    /// The largest message that is taken.
    pub const fn largest(&self) -> usize {
        let largest = self.bound / 4;
        if largest < 256 * 1024 {
            largest as usize
        } else {
            256 * 1024
        }
    }

    /// Appends a message, and pushes out the oldest ones if there is no room.
    ///
    /// # Errors
    /// It is too large, or the disk refuses it; the queue is as before.
    pub fn push(&mut self, body: &[u8]) -> anyhow::Result<u64> {
        anyhow::ensure!(
            body.len() <= self.largest(),
            "a message of {} bytes",
            body.len()
        );
        let length = (record::HEAD + body.len()) as u64;
        let full = |segment: &Segment| {
            segment.end != self.next
                || (segment.bytes > 0 && segment.bytes + length > self.bound / 8)
        };
        if self.segments.back().is_none_or(full) {
            self.segments
                .push_back(Segment::create(&self.folder, self.next)?);
            if self.durable {
                File::open(&self.folder)?.sync_all()?;
            }
        }
        let used: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
        let mut over = (used + length).saturating_sub(self.bound);
        while over > 0 && self.segments.len() > 1 {
            let Some(oldest) = self.segments.pop_front() else {
                break;
            };
            over = over.saturating_sub(oldest.bytes);
            self.forget(oldest);
        }
        let number = self.next;
        let last = self.segments.back_mut().context("no segment")?;
        last.append(body, self.durable)?;
        self.next += 1;
        Ok(number)
    }

    /// Hands out the next message: first all that nobody has confirmed after a [`rewind`](Self::rewind), in order.
    pub fn hand_out(&mut self) -> Option<(u64, Vec<u8>)> {
        loop {
            let number = self.cursor.0;
            let index = self
                .segments
                .iter()
                .position(|segment| number < segment.end)?;
            let segment = self.segments.get(index)?;
            if number <= segment.first {
                self.cursor = (segment.first, 0);
            }
            let number = self.cursor.0;
            let Some(body) = segment.read(self.cursor.1, number) else {
                // Damaged while in use: what follows in the file cannot be found.
                let lost = self.segments.remove(index)?;
                self.cursor = (lost.end, 0);
                self.forget(lost);
                continue;
            };
            self.cursor = (
                number + 1,
                self.cursor.1 + (record::HEAD + body.len()) as u64,
            );
            if number < self.fresh {
                self.repeated += 1;
            } else {
                self.fresh = number + 1;
            }
            return Some((number, body));
        }
    }

    /// Begins again with the oldest message that nobody has confirmed.
    pub fn rewind(&mut self) {
        self.cursor = (self.done, 0);
        let Some(segment) = self.segments.iter().find(|segment| self.done < segment.end) else {
            return;
        };
        let (mut number, mut at) = (segment.first, 0);
        while number < self.done
            && let Some(body) = segment.read(at, number)
        {
            at += (record::HEAD + body.len()) as u64;
            number += 1;
        }
        self.cursor = (number, at);
    }

    /// Takes off all messages up to this one.
    pub fn confirm(&mut self, number: u64) {
        if number < self.done || number >= self.next {
            return;
        }
        self.done = number + 1;
        let mut mark = self.done.to_le_bytes().to_vec();
        mark.extend_from_slice(&record::checksum(self.done, b"").to_le_bytes());
        // An old mark only means that something is told twice.
        let _ = self.mark.write_all_at(&mark, 0);
        while self.segments.len() > 1
            && self
                .segments
                .front()
                .is_some_and(|oldest| oldest.end <= self.done)
        {
            self.segments
                .pop_front()
                .into_iter()
                .for_each(Segment::remove);
        }
    }

    fn forget(&mut self, segment: Segment) {
        self.dropped += segment.end - segment.first.max(self.done).min(segment.end);
        segment.remove();
    }
}

/// Takes the lock of a folder; `None` if another agent has it.
fn own(lock: &File) -> Option<()> {
    (0..TRIES).find_map(|attempt| {
        if attempt > 0 {
            thread::sleep(PAUSE);
        }
        lock.try_lock().ok()
    })
}

fn marked(mark: &File) -> Option<u64> {
    let mut bytes = [0; 12];
    mark.read_exact_at(&mut bytes, 0).ok()?;
    let (number, sum) = bytes.split_first_chunk::<8>()?;
    let number = u64::from_le_bytes(*number);
    (record::checksum(number, b"").to_le_bytes() == *sum && number <= LARGEST).then_some(number)
}

/// The segments of a folder, in order. A file without a usable record is kept as `damaged`, the last such file only.
fn load(
    folder: &Path,
    bound: u64,
    complaints: &mut Vec<String>,
) -> anyhow::Result<VecDeque<Segment>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "queue")
        })
        .collect();
    paths.sort();
    let mut segments = VecDeque::<Segment>::new();
    for path in paths {
        let follows = |segment: &Segment| {
            segment.end <= LARGEST && segments.back().is_none_or(|last| last.end <= segment.first)
        };
        match Segment::open(&path, bound) {
            Ok(Some((segment, cut))) if follows(&segment) => {
                if cut > 0 {
                    let (path, end) = (path.display(), segment.end);
                    complaints.push(format!(
                        "{path}: {cut} damaged bytes from message {end} on cut off"
                    ));
                }
                segments.push_back(segment);
            }
            Ok(None) => fs::remove_file(&path)?,
            refused => {
                let reason = refused
                    .err()
                    .map(|error| format!(": {error:#}"))
                    .unwrap_or_default();
                complaints.push(format!("{} set aside as `damaged`{reason}", path.display()));
                fs::rename(&path, folder.join("damaged"))?;
            }
        }
    }
    Ok(segments)
}
