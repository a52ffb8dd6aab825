//! Secrets of the broker's users: as all secrets of the agent, and not even the group may read them.

use crate::outputs::secret;
use anyhow::{Context as _, ensure};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::{env, fs};

/// The content of a file that group and world can neither read nor write.
///
/// A credential of systemd may show the mask of its access list as rights of the group, so that these rights are
/// not looked at below `$CREDENTIALS_DIRECTORY`.
///
/// # Errors
/// It cannot be read, is no file, is too large, or its mode is too open.
pub fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    closed(path)?;
    secret::read(path)
}

/// The password in a file: its first line.
///
/// # Errors
/// As [`read`], or it is empty or no UTF-8.
pub fn password(path: &Path) -> anyhow::Result<String> {
    closed(path)?;
    secret::line(path)
}

fn closed(path: &Path) -> anyhow::Result<()> {
    let folder = env::var_os("CREDENTIALS_DIRECTORY");
    let credential = folder.is_some_and(|folder| !folder.is_empty() && path.starts_with(folder));
    let metadata = fs::metadata(path).with_context(|| format!("{}", path.display()))?;
    // Looked at before it is opened: a pipe would wait for a writer.
    ensure!(metadata.is_file(), "{}: no regular file", path.display());
    let mode = metadata.mode() & 0o777;
    ensure!(
        credential || mode & 0o077 == 0,
        "{}: mode {mode:04o} gives others rights to a secret: chmod 0600",
        path.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// Broken if a secret that others can read or change is used.
    #[test]
    fn open_modes_are_refused() {
        let folder = tempfile::TempDir::new().expect("folder");
        let path = folder.path().join("secret");
        fs::write(&path, b"word\n").expect("write");
        for mode in [0o640, 0o620, 0o604, 0o602, 0o666, 0o610] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
            let refused = password(&path).expect_err("refused");
            assert!(format!("{refused:#}").contains("chmod 0600"), "{refused:#}");
        }
        for mode in [0o600, 0o400] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
            assert_eq!(password(&path).expect("taken"), "word");
        }
        password(Path::new("/dev/zero")).expect_err("refused");
        password(Path::new("/nonexistent")).expect_err("refused");
    }
}
