//! Small files of the kernel that are read again and again: kept open, read from their start, never beyond a bound.
//!
//! A file that is kept open costs one system call per reading. The kernel answers for a device that is gone with an
//! error, also if another has its number by then.

use crate::linux::probe::Raw;
use bellwether::Cause;
use std::boxed::Box;
use std::fs::File;
use std::path::Path;
use std::string::String;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::vec::Vec;
use std::{fs, io};

/// Longest number with white space around it.
const NUMBER_MAX: usize = 64;
/// First size of the buffer of a text.
const PAGE: usize = 4096;

/// A number of files that may be kept open at a time, shared by its clones. Further ones are opened at each reading.
#[derive(Clone, Debug)]
pub struct Files(Arc<AtomicUsize>);

impl Files {
    /// At most so many.
    pub fn keeping(most: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(most)))
    }

    /// Files that may still be opened.
    pub fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn permit(&self) -> Option<Permit> {
        let less = |left: usize| left.checked_sub(1);
        let order = Ordering::Relaxed;
        self.0.fetch_update(order, order, less).ok()?;
        Some(Permit(Self(Arc::clone(&self.0))))
    }
}

/// One of them.
#[derive(Debug)]
struct Permit(Files);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A file of a folder that may move.
#[derive(Debug)]
pub(super) struct Text {
    name: Box<str>,
    open: Option<Open>,
}

/// A file that is kept open.
#[derive(Debug)]
struct Open {
    file: File,
    identity: Identity,
    _permit: Permit,
}

impl Text {
    pub(super) fn new(name: String) -> Self {
        Self {
            name: name.into_boxed_str(),
            open: None,
        }
    }

    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// Closes a file that is no longer the one of its path.
    pub(super) fn check(&mut self, folder: &Path) {
        if let Some(open) = &self.open {
            let there = fs::metadata(folder.join(&*self.name));
            if !there.is_ok_and(|there| identity(&there) == open.identity) {
                self.close();
            }
        }
    }

    /// Whole number of a file that has nothing else.
    pub(super) fn number(&mut self, folder: &Path, files: &Files) -> Raw {
        let mut buffer = [0; NUMBER_MAX];
        let length = self.with(folder, files, |file| read_at(file, &mut buffer, 0));
        number(&buffer[..length.map_err(|error| cause(&error))?])
    }

    /// The bytes of a file of at most `most` bytes.
    pub(super) fn bytes<'a>(
        &mut self,
        folder: &Path,
        files: &Files,
        most: usize,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], Cause> {
        let read = |file: &File| {
            let mut length = 0;
            loop {
                if length == buffer.len() {
                    if length >= most {
                        return Err(io::ErrorKind::FileTooLarge.into());
                    }
                    buffer.resize((2 * length).max(PAGE).min(most), 0);
                }
                match read_at(file, &mut buffer[length..], length as u64)? {
                    0 => return Ok(length),
                    more => length += more,
                }
            }
        };
        let length = self.with(folder, files, read);
        Ok(&buffer[..length.map_err(|error| cause(&error))?])
    }

    /// Opens the file if it is not, and keeps it if it may. One that fails is opened again next time.
    fn with<T>(
        &mut self,
        folder: &Path,
        files: &Files,
        read: impl FnOnce(&File) -> io::Result<T>,
    ) -> io::Result<T> {
        if let Some(open) = &self.open {
            let answer = read(&open.file);
            if answer.is_err() {
                self.close();
            }
            return answer;
        }
        let file = File::open(folder.join(&*self.name))?;
        let answer = read(&file)?;
        if let Some(permit) = files.permit() {
            self.open = Some(Open {
                identity: identity(&file.metadata()?),
                file,
                _permit: permit,
            });
        }
        Ok(answer)
    }
}

/// A number of nothing but a sign and digits.
fn number(bytes: &[u8]) -> Raw {
    let digits = bytes.trim_ascii();
    if digits.is_empty() {
        return Err(Cause::Missing);
    }
    let text = str::from_utf8(digits).map_err(|_| Cause::Sensor)?;
    let whole = bytes.len() < NUMBER_MAX && !text.starts_with('+');
    // Nearly all fit 64 bits, which are read several times faster.
    let short = text.parse::<i64>().map(|value| value as f64);
    let value = short.or_else(|_| text.parse::<i128>().map(|value| value as f64));
    value.ok().filter(|_| whole).ok_or(Cause::Sensor)
}

/// A file that is not there, or whose device is gone or has no data, is missing. Any other error is the sensor's.
fn cause(error: &io::Error) -> Cause {
    const ENXIO: i32 = 6;
    const ENODEV: i32 = 19;
    const ENODATA: i32 = 61;
    match error.raw_os_error() {
        Some(ENXIO | ENODEV | ENODATA) => Cause::Missing,
        _ if error.kind() == io::ErrorKind::NotFound => Cause::Missing,
        _ => Cause::Sensor,
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;
    file.read_at(buffer, offset)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read(buffer)
}

/// Device and number of a file.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(file: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino())
}

/// Elsewhere only whether there is a file.
#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> Identity {}

/// The text of a small file, without white space around it.
#[cfg(any(
    feature = "hwmon",
    feature = "thermal",
    feature = "powercap",
    feature = "edac"
))]
pub(super) fn text(path: &Path) -> io::Result<String> {
    use std::borrow::ToOwned;
    use std::io::Read;
    /// The kernel's are a few dozen bytes.
    const TEXT_MAX: u64 = 256;
    let mut text = String::new();
    File::open(path)?.take(TEXT_MAX).read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if anything but a whole number is a value, or what is absent is called broken.
    #[test]
    fn only_a_whole_number_is_a_number() {
        for (text, value) in [("41250\n", 41250.0), (" -5 ", -5.0), ("0", 0.0)] {
            assert_eq!(number(text.as_bytes()), Ok(value));
        }
        assert_eq!(number(b"18446744073709551615\n"), Ok(u64::MAX as f64));
        for text in ["", "\n", "  "] {
            assert_eq!(number(text.as_bytes()), Err(Cause::Missing));
        }
        for text in ["nan", "1e3", "+1", "0x10", "1 2", "1.5", "-", "N/A", "1\0"] {
            assert_eq!(number(text.as_bytes()), Err(Cause::Sensor), "{text}");
        }
        assert_eq!(number(b"\xFF\xFE"), Err(Cause::Sensor));
        assert_eq!(number(&[b'1'; NUMBER_MAX]), Err(Cause::Sensor));
        assert_eq!(number(&[b'9'; 50]), Err(Cause::Sensor));
    }
}
