//! A file that is replaced as a whole: a reader sees the old one or the new one, never half of it.

use anyhow::Context as _;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// A file that everybody may read, and its name while it is being written.
pub struct Replaced {
    path: PathBuf,
    temporary: PathBuf,
}

impl Replaced {
    /// Tries that it can be made; it is not there yet.
    ///
    /// # Errors
    /// It cannot be made in its folder.
    pub fn new(path: &Path) -> anyhow::Result<Self> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        let replaced = Self {
            path: path.to_owned(),
            temporary: temporary.into(),
        };
        let tried = replaced.create();
        tried.with_context(|| format!("path: {}", replaced.temporary.display()))?;
        fs::remove_file(&replaced.temporary)?;
        Ok(replaced)
    }

    /// A new file under the temporary name. One that was left there, even a link, is removed and not followed.
    fn create(&self) -> io::Result<File> {
        match fs::remove_file(&self.temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o644);
        let file = options.open(&self.temporary)?;
        // Whatever the mask of the process: the reader is another user.
        file.set_permissions(Permissions::from_mode(0o644))?;
        Ok(file)
    }

    /// Writes it anew. Not synced: after a crash of the machine it is of no use to anybody.
    ///
    /// # Errors
    /// It cannot be written; the old one stays.
    pub fn write(
        &self,
        content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let write = || {
            let mut out = BufWriter::new(self.create()?);
            content(&mut out)?;
            out.flush()?;
            fs::rename(&self.temporary, &self.path)
        };
        let written = write();
        if written.is_err() {
            // That it cannot be removed either is told by the next try.
            let _ = fs::remove_file(&self.temporary);
        }
        written.with_context(|| self.path.display().to_string())
    }
}
