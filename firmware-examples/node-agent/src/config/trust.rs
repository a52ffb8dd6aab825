//! Trust in a file: nobody but its owner can have written it, and its owner is this user or root.

use std::fs::{self, File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// The group's and everybody's right to write.
const WRITABLE: u32 = 0o022;
/// Only owners rename and remove in such a folder.
const STICKY: u32 = 0o1000;

/// The reason why a file or folder is refused.
#[derive(Debug)]
pub enum Untrusted {
    /// Group or others can write it.
    Writable {
        /// The file or folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It belongs to a stranger.
    Owner {
        /// The file or folder.
        path: PathBuf,
        /// Its owner.
        uid: u32,
    },
    /// It cannot be looked at.
    Io(io::Error),
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Writable { path, mode } => write!(
                f,
                "refused: group or others can write {} (mode {mode:04o}); chmod go-w {}",
                path.display(),
                path.display()
            ),
            Self::Owner { path, uid } => write!(
                f,
                "refused: {} belongs to user {uid}, neither to this one nor to root",
                path.display()
            ),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Untrusted {}

/// Trusts an opened file and the folder it is in. In a folder such as `/tmp`, where only owners rename, the file
/// counts alone.
///
/// # Errors
/// Group or others can write one of both, or it belongs to a stranger.
pub fn trusted(path: &Path, file: &File) -> Result<(), Untrusted> {
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    };
    check(path, &file.metadata().map_err(Untrusted::Io)?)?;
    let above = fs::metadata(folder).map_err(Untrusted::Io)?;
    if above.mode() & STICKY != 0 {
        return Ok(());
    }
    check(folder, &above)
}

/// Trusts a folder.
///
/// # Errors
/// As [`trusted`].
pub fn trusted_folder(path: &Path) -> Result<(), Untrusted> {
    check(path, &fs::metadata(path).map_err(Untrusted::Io)?)
}

/// Trusts what is already looked at.
///
/// # Errors
/// As [`trusted`].
pub fn check(path: &Path, metadata: &Metadata) -> Result<(), Untrusted> {
    let path = path.to_owned();
    let (uid, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if uid != 0 && uid != rustix::process::geteuid().as_raw() {
        return Err(Untrusted::Owner { path, uid });
    }
    if mode & WRITABLE != 0 {
        return Err(Untrusted::Writable { path, mode });
    }
    Ok(())
}
