//! The output of verdicts: arguments of both `run` and `device`.

use crate::detect::Profile;
use crate::output::file::create;

use crate::output::{Format, Wanted, Writer};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The output's format and file, as arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Output {
    /// Format of the output
    #[arg(long, value_enum, default_value = "jsonl")]
    pub format: Format,
    /// Writes every lane or contribution of every frame to this CSV file
    #[arg(long, value_name = "FILE")]
    pub points: Option<PathBuf>,
    /// Prints every frame, including those that are not flagged
    #[arg(long)]
    pub all: bool,
    /// Prints also rows in which a sensor falls silent or sticks, or comes back, from a detector that watches
    /// the health of sensors
    #[arg(long)]
    pub health: bool,
}

impl Output {
    /// Whether every lane of every frame is wanted, not only the flagged ones.
    pub fn wants_everything(&self) -> bool {
        self.all || self.health || self.points.is_some()
    }

    /// Opens the file of points and prints the header. `input` is the recording, which must not be
    /// overwritten.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open<W: Write>(
        &self,
        input: &Path,
        profile: &Profile,
        out: W,
    ) -> anyhow::Result<Writer<W>> {
        let points = self.points.as_deref();
        let points = points.map(|path| create(path, input)).transpose()?;
        let wanted = if self.all {
            Wanted::All
        } else if self.health {
            Wanted::Health
        } else {
            Wanted::Anomalous
        };
        Writer::new(self.format, wanted, points, profile, out)
    }
}
