//! The textfile: metrics for node_exporter's textfile collector, replaced as a whole.
//!
//! The file stays when the agent ends. `bellwether_last_reading_timestamp_seconds` tells that it is old.

use super::prometheus;
use crate::event::Event;
use crate::sink::Sink;
use crate::status::Status;
use anyhow::{Context as _, ensure};
use serde::Deserialize;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Section `[outputs.textfile]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The file, in the folder of `--collector.textfile.directory`. Its name ends in `.prom`, because the
    /// collector reads no other.
    pub path: PathBuf,
}

/// Starts it.
///
/// # Errors
/// The name does not end in `.prom`, or the file cannot be made in its folder.
pub fn open(settings: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    Ok(Box::new(Textfile::new(&settings.path)?))
}

struct Textfile {
    path: PathBuf,
    /// The file that is written before it takes the name. The collector does not read it: it does not end in `.prom`.
    temporary: PathBuf,
}

impl Textfile {
    fn new(path: &Path) -> anyhow::Result<Self> {
        let named = path.display();
        let ending = path.extension() == Some("prom".as_ref());
        ensure!(ending, "path: {named}: does not end in .prom");
        let textfile = Self {
            path: path.to_owned(),
            temporary: path.with_extension("prom.tmp"),
        };
        textfile.create()?;
        fs::remove_file(&textfile.temporary)?;
        Ok(textfile)
    }

    /// A new file under the temporary name. One that was left there, even a link, is removed and not followed.
    fn create(&self) -> anyhow::Result<File> {
        let named = || format!("path: {}", self.temporary.display());
        match fs::remove_file(&self.temporary) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(named);
            }
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o644);
        let file = options.open(&self.temporary).with_context(named)?;
        // Whatever the mask of the process: the collector is another user.
        file.set_permissions(fs::Permissions::from_mode(0o644))
            .with_context(named)?;
        Ok(file)
    }

    fn write(&self, status: &Status) -> anyhow::Result<()> {
        let mut out = BufWriter::new(self.create()?);
        prometheus::write(status, &mut out)?;
        out.flush()?;
        fs::rename(&self.temporary, &self.path)?;
        Ok(())
    }
}

impl Sink for Textfile {
    fn name(&self) -> &'static str {
        "textfile"
    }

    fn tell(&mut self, _: &Event) -> anyhow::Result<()> {
        Ok(())
    }

    fn show(&mut self, status: &Arc<Status>) -> anyhow::Result<()> {
        let written = self.write(status);
        if written.is_err() {
            // Half a file is of no use to anybody; that it cannot be removed either is told by the next try.
            let _ = fs::remove_file(&self.temporary);
        }
        written.with_context(|| self.path.display().to_string())
    }
}

#[cfg(test)]
mod tests;
