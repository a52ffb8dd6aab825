//! One node on its way through the detector, wherever its frames come from: rows in, lines out.

use super::counts::{Counts, is_told};
use super::line::{Begin, End, about, of_node};
use crate::detect::{Entry, FitFile, Record, Setup, Watch};
use crate::output::jsonl;
use crate::recording::cadence::Cadence;
use bellwether::{Model, Reading, Tick};
use sha2::{Digest, Sha256};

/// The way in which every node is judged.
pub struct Manner<'m> {
    /// The detector.
    pub entry: &'static Entry,
    /// Its settings.
    pub set: Vec<String>,
    /// The trained model, for a detector that needs one.
    pub model: Option<Model<'m>>,
    /// The fit to start from.
    pub fit: Option<FitFile>,
    /// Whether every frame has a line.
    pub all: bool,
}

impl<'m> Manner<'m> {
    /// The detector of a node before its first frame; it learns from this number of rows, if nobody set another.
    ///
    /// # Errors
    /// Settings, model or fit do not fit the variables.
    pub fn judging(
        &self,
        node: &str,
        names: &[String],
        learn: Option<u64>,
    ) -> anyhow::Result<Judging<'m>> {
        let mut settings = self.set.clone();
        let key = self.entry.learning_key(&self.set, self.fit.is_some());
        settings.extend(key.zip(learn).map(|(key, rows)| format!("{key}={rows}")));
        let watch = self.entry.watch(&Setup {
            names,
            settings: &settings,
            model: self.model,
            fit: self.fit.as_ref(),
        })?;
        Ok(Judging {
            node: node.to_owned(),
            detector: self.entry.name,
            watch,
            all: self.all,
            cadence: Cadence::default(),
            counts: Counts::default(),
            lines: 0,
            digest: Sha256::new(),
        })
    }
}

/// A node's detector in progress.
pub struct Judging<'m> {
    node: String,
    detector: &'static str,
    watch: Box<dyn Watch + 'm>,
    all: bool,
    cadence: Cadence,
    counts: Counts,
    lines: u64,
    digest: Sha256,
}

impl Judging<'_> {
    /// The first line.
    ///
    /// # Errors
    /// None in practice.
    pub fn begin(&self) -> anyhow::Result<String> {
        let profile = self.watch.profile();
        let begin = Begin {
            detector: self.detector.to_owned(),
            settings: profile.settings.clone(),
            variables: profile.names.len(),
        };
        Ok(about(&self.node, "begin", &begin)?)
    }

    /// Frames so far, which is the number of the next one.
    pub fn frames(&self) -> u64 {
        self.counts.frames
    }

    /// Counters so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Judges the next frame; its line, if it has one.
    ///
    /// # Errors
    /// None in practice.
    pub fn take(
        &mut self,
        timestamp: &str,
        readings: &[Reading],
    ) -> anyhow::Result<Option<String>> {
        Ok(self.judge(timestamp, readings)?.1)
    }

    /// The same with the record.
    ///
    /// # Errors
    /// None in practice.
    pub fn judge(
        &mut self,
        timestamp: &str,
        readings: &[Reading],
    ) -> anyhow::Result<(Record, Option<String>)> {
        let step = self.cadence.step(timestamp);
        let tick = Tick(self.counts.frames);
        let record = self.watch.observe(tick, step, readings);
        self.counts.push(&record);
        if !self.all && !is_told(&record) {
            return Ok((record, None));
        }
        let profile = self.watch.profile();
        let line = match profile.has_lanes() {
            true => jsonl::of_lanes(&record, timestamp, &profile.names)?,
            false => jsonl::of_scores(&record, timestamp, &profile.names, &[])?,
        };
        let line = of_node(&self.node, &line)?;
        self.digest.update(line.as_bytes());
        self.digest.update(b"\n");
        self.lines += 1;
        Ok((record, Some(line)))
    }

    /// The last line.
    ///
    /// # Errors
    /// None in practice.
    pub fn end(&self) -> anyhow::Result<String> {
        let end = End {
            counts: self.counts,
            lines: self.lines,
            sha256: hexadecimal(&self.digest.clone().finalize()),
        };
        Ok(about(&self.node, "end", &end)?)
    }
}

/// Bytes in hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
