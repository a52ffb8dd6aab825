//! Secrets: passwords, tokens and keys, from files that others cannot read.

use anyhow::{Context as _, ensure};
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Bytes of a file of a secret, at most.
const LARGEST: u64 = 64 * 1024;

/// Opens a file to read it. Does not wait for the other side of a pipe.
///
/// # Errors
/// It cannot be read or is no regular file.
pub fn regular(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("no regular file"));
    }
    Ok(file)
}

/// Reads a file of a secret.
///
/// # Errors
/// It cannot be read, is no regular file, is longer than 64 KiB, others can read or write it, or its group can
/// write it.
pub fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let named = || path.display().to_string();
    let mut file = regular(path).with_context(named)?;
    let metadata = file.metadata().with_context(named)?;
    let mode = metadata.mode() & 0o777;
    ensure!(
        mode & 0o027 == 0,
        "{}: mode {mode:04o}: a secret is neither readable by others nor writable by its group; chmod 0640",
        named()
    );
    let mut secret = Vec::new();
    let limit = LARGEST + 1;
    file.by_ref()
        .take(limit)
        .read_to_end(&mut secret)
        .with_context(named)?;
    ensure!(
        secret.len() < limit as usize,
        "{}: longer than 64 KiB",
        named()
    );
    Ok(secret)
}

/// Reads a password or a token: the first line of a file, without spaces around it.
///
/// # Errors
/// As [`read`]; it is no UTF-8, is empty, has more lines, or has a control character.
pub fn line(path: &Path) -> anyhow::Result<String> {
    let named = || path.display().to_string();
    let text = String::from_utf8(read(path)?).with_context(named)?;
    let text = text.trim();
    ensure!(!text.is_empty(), "{}: empty", named());
    ensure!(
        !text.chars().any(char::is_control),
        "{}: more than a line",
        named()
    );
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    fn file(text: &[u8], mode: u32) -> tempfile::TempPath {
        let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        file
    }

    /// Broken if the mode is not looked at.
    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        for mode in [0o600, 0o640, 0o400, 0o440] {
            assert_eq!(line(&file(b" word \n", mode)).unwrap(), "word");
        }
        for mode in [0o644, 0o604, 0o660, 0o602, 0o620, 0o777] {
            let error = format!("{:#}", line(&file(b"word", mode)).unwrap_err());
            assert!(error.contains("chmod 0640"), "{mode:o}: {error}");
        }
    }

    /// Broken if the file is taken as it is.
    #[test]
    fn what_is_no_line_is_refused() {
        let long = vec![b'x'; 65 * 1024];
        for text in [&b""[..], b" \n", b"a\nb", b"a\0b", b"\xff\xfe", &long] {
            assert!(line(&file(text, 0o600)).is_err(), "{text:?}");
        }
        assert!(line(Path::new("/nowhere/at/all")).is_err());
        assert!(line(Path::new("/")).is_err());
        // A pipe without a writer would keep the agent from starting.
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(line(&pipe).is_err());
    }
}
