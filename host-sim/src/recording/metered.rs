//! A recording with its reading progress on a terminal.

use crate::recording::{Layout, Recording, Row};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::path::Path;

/// Rows between two updates of the progress bar.
const GLANCE: u64 = 1024;

/// A progress bar over this number of steps, or a counter without it, on a terminal only.
pub fn bar(steps: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    match steps {
        Some(size) => {
            let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::stderr());
            match ProgressStyle::with_template("{wide_bar} {percent:>3} % {eta} left") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        }
        None => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
    }
}

/// A recording, with a progress bar over the bytes of its file.
pub struct MeteredRecording {
    recording: Recording,
    bar: ProgressBar,
}

impl MeteredRecording {
    /// Opens a file, or standard input if the path is `-`. Without a layout, name and content
    /// determine it.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn open(input: &Path, layout: Option<Layout>) -> anyhow::Result<Self> {
        let recording = Recording::open_as(input, layout)?;
        let bar = bar(recording.progress().1);
        Ok(Self { recording, bar })
    }

    /// Names of the variables, in order.
    pub fn names(&self) -> &[String] {
        self.recording.names()
    }

    /// The recording itself.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Reads the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_row(&mut self) -> anyhow::Result<Option<Row<'_>>> {
        if self.recording.rows().is_multiple_of(GLANCE) {
            self.bar.set_position(self.recording.progress().0);
        }
        let row = self.recording.next_row()?;
        if row.is_none() {
            self.bar.finish_and_clear();
        }
        Ok(row)
    }
}
