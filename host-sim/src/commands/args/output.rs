//! Where verdicts go: arguments that `run` and `device` have in common.

use crate::output::file::create;
use crate::output::{Format, Records, Verdicts};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What is written, and where, as arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Output {
    /// What is printed
    #[arg(long, value_enum, default_value = "jsonl")]
    pub out: Format,
    /// Writes every lane of every frame to this CSV file
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Prints every frame, also those in which no variable flagged
    #[arg(long)]
    pub all: bool,
}

impl Output {
    /// Whether every lane of every frame is wanted, not only the flagged ones.
    pub fn wants_everything(&self) -> bool {
        self.all || self.trace.is_some()
    }

    /// Opens the file of points and prints the header. `input` is the recording, which is not
    /// overwritten.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open<W: Write>(
        &self,
        input: &Path,
        names: &[String],
        out: W,
    ) -> anyhow::Result<Verdicts<W>> {
        Verdicts::new(self.out, self.all, self.points(input)?, names, out)
    }

    /// The same for a model: `names` are its variables, `window` its frames.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open_records<W: Write>(
        &self,
        input: &Path,
        names: Vec<String>,
        window: usize,
        out: W,
    ) -> anyhow::Result<Records<W>> {
        Records::new(self.out, self.all, self.points(input)?, names, window, out)
    }

    fn points(&self, input: &Path) -> anyhow::Result<Option<BufWriter<File>>> {
        let points = self.trace.as_deref();
        points.map(|path| create(path, input)).transpose()
    }
}
