//! A recording and its detector: arguments of both `run` and `report`.

use crate::detect::{Entry, FitFile, REGISTRY, Session, Setup};
use crate::model::Stored;
use crate::recording::learning::rows_in_front;
use crate::recording::{MeteredRecording, Options, Recording, notes};
use anyhow::{Context, ensure};
use bellwether::Model;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::io;
use std::path::PathBuf;

/// The recording, the detector and its settings, as arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Source {
    /// The recording, or `-` for standard input
    #[arg(value_name = "RECORDING")]
    pub input: PathBuf,
    /// The detector
    #[arg(long, value_name = "NAME", value_parser = detectors(|_| true), default_value = "sentinel")]
    pub detector: &'static Entry,
    /// The trained model with its limits or thresholds, for a detector that needs one
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// The fit to start from, written by `bellwether fit`, instead of one to the first rows
    #[arg(long, value_name = "FILE")]
    pub fit: Option<PathBuf>,
    /// Sets a setting of the detector; may be repeated (--help lists the keys)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// The reading of the recording.
    #[command(flatten)]
    pub reading: Options,
}

/// The names in the registry of all that are `wanted`, with a line about each.
pub fn detectors(wanted: fn(&Entry) -> bool) -> impl TypedValueParser<Value = &'static Entry> {
    let names = REGISTRY
        .iter()
        .filter(move |entry| wanted(entry))
        .map(|entry| PossibleValue::new(entry.name).help(entry.about));
    PossibleValuesParser::new(names).try_map(|name| Entry::named(&name))
}

impl Source {
    /// Reads the model, if the detector needs one.
    ///
    /// # Errors
    /// A model is missing, superfluous or unreadable, or a setting is not understood.
    pub fn stored(&self) -> anyhow::Result<Option<Stored>> {
        self.detector.accepts(&self.set, self.model.is_some())?;
        let name = self.detector.name;
        ensure!(
            self.fit.is_none() || self.detector.has_fit,
            "--fit does not apply to {name}, which is not fitted to rows in front"
        );
        self.model.as_deref().map(Stored::read).transpose()
    }

    /// Opens the recording.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn recording(&self) -> anyhow::Result<MeteredRecording> {
        MeteredRecording::open(&self.input, &self.reading)
    }

    /// Opens the recording and makes the detector.
    ///
    /// # Errors
    /// The recording cannot be read, or settings or the model do not fit it.
    pub fn open<'m>(&self, model: Option<Model<'m>>) -> anyhow::Result<Session<'m>> {
        let fit = self.fit.as_deref().map(FitFile::read).transpose()?;
        let mut recording = self.recording()?;
        if let Some(model) = &model {
            recording.through_front_end(model)?;
        }
        let mut settings = self.set.clone();
        settings.extend(self.learned(recording.recording())?);
        let setup = Setup {
            names: recording.names(),
            settings: &settings,
            model,
            fit: fit.as_ref(),
        };
        let watch = self.detector.watch(&setup);
        let watch = watch.with_context(|| self.input.display().to_string())?;
        Ok(Session::new(recording, watch))
    }

    /// The number of rows to learn from as a setting, if nobody set it and the recording decides: its
    /// training part, or a quarter of few rows. Only a file can be read twice: a pipe would lose its rows.
    fn learned(&self, recording: &Recording) -> anyhow::Result<Option<String>> {
        let key = self.detector.learning_key(&self.set, self.fit.is_some());
        let Some(key) = key else { return Ok(None) };
        let Some(rows) = rows_in_front(&self.input, &self.reading, recording)? else {
            return Ok(None);
        };
        let said = format!("the first {rows} rows are learned from (--set {key}=N)");
        notes::write(&mut io::stderr(), &self.input, &[said]);
        Ok(Some(format!("{key}={rows}")))
    }
}
