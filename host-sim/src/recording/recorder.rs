//! Recordings that are written: CSV `timestamp,<variable>...` and `label` where it is known, values in the shortest
//! spelling that reads back to the same bits.

use bellwether::{Cause, Reading};
use std::io::Write;

/// A writer of rows.
pub struct Recorder<W: Write> {
    out: csv::Writer<W>,
    labelled: bool,
}

impl<W: Write> Recorder<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new<S: AsRef<str>>(out: W, names: &[S]) -> anyhow::Result<Self> {
        Self::with(out, names, true)
    }

    /// Writes the header of a recording without labels.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn unlabelled<S: AsRef<str>>(out: W, names: &[S]) -> anyhow::Result<Self> {
        Self::with(out, names, false)
    }

    fn with<S: AsRef<str>>(out: W, names: &[S], labelled: bool) -> anyhow::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_field("timestamp")?;
        for name in names {
            out.write_field(name.as_ref())?;
        }
        out.write_record(labelled.then_some("label"))?;
        Ok(Self { out, labelled })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(
        &mut self,
        timestamp: &str,
        readings: impl IntoIterator<Item = Reading>,
        label: bool,
    ) -> anyhow::Result<()> {
        self.out.write_field(timestamp)?;
        for reading in readings {
            match reading.usable() {
                Ok(value) => self.out.write_field(value.to_string())?,
                Err(Cause::NotFinite) => self.out.write_field("inf")?,
                Err(_) => self.out.write_field("")?,
            }
        }
        let label = if label { "1" } else { "0" };
        self.out.write_record(self.labelled.then_some(label))?;
        Ok(())
    }

    /// Flushes the buffer.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }

    /// Flushes the buffer for the last time.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }
}
