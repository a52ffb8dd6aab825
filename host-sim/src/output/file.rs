//! Written files: named in errors, never the recording itself, and in the old one's place only when
//! complete.

use anyhow::{Context, bail};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Refuses to overwrite the recording, and to write to standard output instead of a file.
///
/// # Errors
/// The file is one of these.
pub fn spare(path: &Path, input: &Path) -> anyhow::Result<()> {
    if path == Path::new("-") {
        bail!("`-` is standard output, where verdicts go: name a file");
    }
    let same = path.canonicalize().ok().zip(input.canonicalize().ok());
    if same.is_some_and(|(path, input)| path == input) {
        bail!("{} is the recording: name another file", path.display());
    }
    Ok(())
}

/// Makes a file for the points, which is neither the recording nor standard output.
///
/// # Errors
/// It is one of these, or cannot be written.
pub fn create(path: &Path, input: &Path) -> anyhow::Result<BufWriter<File>> {
    spare(path, input)?;
    let file = File::create(path).with_context(|| path.display().to_string())?;
    Ok(BufWriter::new(file))
}

/// Writes a file, and names it if that fails.
pub(crate) fn save(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> anyhow::Result<()> {
    let write = || {
        let mut out = BufWriter::new(File::create(path)?);
        content(&mut out)?;
        out.flush()
    };
    write().with_context(|| path.display().to_string())
}

/// Writes a file beside the old one, then replaces it: a run may be interrupted at any time.
///
/// # Errors
/// It cannot be written; the file is named.
pub fn replace(path: &Path, write: impl FnOnce(File) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let file = File::create(&beside).with_context(|| path.display().to_string())?;
    write(file)?;
    std::fs::rename(&beside, path).with_context(|| path.display().to_string())
}

/// Whether the reader of our output has gone: no reason to complain.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_broken_pipe_is_quiet() {
        let error = |kind| anyhow::Error::from(io::Error::from(kind)).context("writing");
        assert!(is_broken_pipe(&error(io::ErrorKind::BrokenPipe)));
        assert!(!is_broken_pipe(&error(io::ErrorKind::NotFound)));
    }
}
