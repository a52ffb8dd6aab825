//! Files with secrets: passwords and private keys. Others must not be able to read them.

use anyhow::{Context as _, bail, ensure};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::{env, fs};

/// Secrets are short.
const LARGEST: u64 = 64 * 1024;

/// The content of a file that group and world can neither read nor write.
///
/// A credential of systemd may show the mask of its access list as rights of the group, so that these rights are
/// not looked at below `$CREDENTIALS_DIRECTORY`.
///
/// # Errors
/// It cannot be read, is no file, is too large, or its mode is too open.
pub fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let credentials = env::var_os("CREDENTIALS_DIRECTORY");
    let credential =
        credentials.is_some_and(|folder| !folder.is_empty() && path.starts_with(folder));
    read_with(path, if credential { 0o007 } else { 0o077 })
}

fn read_with(path: &Path, forbidden: u32) -> anyhow::Result<Vec<u8>> {
    let name = || format!("{}", path.display());
    // Before it is opened: a pipe would wait for a writer.
    ensure!(
        fs::metadata(path).with_context(name)?.is_file(),
        "{} is no file",
        path.display()
    );
    let file = File::open(path).with_context(name)?;
    let mode = file.metadata().with_context(name)?.mode();
    if mode & forbidden != 0 {
        let mode = mode & 0o7777;
        bail!(
            "{}: mode {mode:04o} gives others rights to a secret: chmod 600",
            path.display()
        );
    }
    let mut content = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut content)
        .with_context(name)?;
    ensure!(
        content.len() as u64 <= LARGEST,
        "{}: more than {LARGEST} bytes",
        path.display()
    );
    Ok(content)
}

/// The password in a file: its first line.
///
/// # Errors
/// As [`read`], or it is empty or no UTF-8.
pub fn password(path: &Path) -> anyhow::Result<String> {
    let text = String::from_utf8(read(path)?);
    let text = text
        .ok()
        .with_context(|| format!("{}: no UTF-8", path.display()))?;
    let line = text.lines().next().unwrap_or_default();
    ensure!(
        !line.is_empty(),
        "{}: no password in its first line",
        path.display()
    );
    Ok(line.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::TempDir::new().expect("folder");
        let path = folder.path().join("secret");
        fs::write(&path, content).expect("write");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
        (folder, path)
    }

    /// Broken if a secret that others can read or change is used.
    #[test]
    fn open_modes_are_refused() {
        for mode in [0o640, 0o620, 0o604, 0o602, 0o666, 0o610] {
            let (_folder, path) = file(b"secret\n", mode);
            let refused = password(&path).expect_err("refused");
            assert!(format!("{refused:#}").contains("chmod 600"), "{refused:#}");
        }
        for mode in [0o600, 0o400] {
            let (_folder, path) = file(b"secret\n", mode);
            assert_eq!(password(&path).expect("taken"), "secret");
        }
    }

    /// Broken if systemd's credentials are refused, or a world-readable file passes for one.
    #[test]
    fn credentials_may_show_a_mask() {
        let (_folder, path) = file(b"secret", 0o440);
        read_with(&path, 0o007).expect("taken");
        let (_folder, path) = file(b"secret", 0o444);
        read_with(&path, 0o007).expect_err("refused");
    }

    /// Broken if a strange file becomes a password, or stops the agent.
    #[test]
    fn strange_files_are_refused() {
        for content in [&b""[..], b"\nsecret", b"\xff\xfe", &[b'x'; 70_000]] {
            let (_folder, path) = file(content, 0o600);
            password(&path).expect_err("refused");
        }
        password(Path::new("/dev/zero")).expect_err("refused");
        password(Path::new("/nonexistent")).expect_err("refused");
    }
}
