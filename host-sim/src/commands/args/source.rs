//! A recording and its detector: arguments of both `run` and `report`.

use crate::detect::{Entry, REGISTRY, Session, Setup};
use crate::model::Stored;
use crate::recording::{MeteredRecording, Options};
use anyhow::Context;
use bellwether::Model;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

/// The recording, the detector and its settings, as arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Source {
    /// The recording, or `-` for standard input
    #[arg(value_name = "RECORDING")]
    pub input: PathBuf,
    /// The detector
    #[arg(long, value_name = "NAME", value_parser = detectors(), default_value = "sentinel")]
    pub detector: &'static Entry,
    /// The trained model with its thresholds, for a detector that needs one
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Sets a setting of the detector; may be repeated (--help lists the keys)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// How the recording is read.
    #[command(flatten)]
    pub reading: Options,
}

/// The names of the registry, with a line about each.
fn detectors() -> impl TypedValueParser<Value = &'static Entry> {
    let names = REGISTRY
        .iter()
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
        let recording = self.recording()?;
        let setup = Setup {
            names: recording.names(),
            settings: &self.set,
            model,
        };
        let watch = self.detector.watch(&setup);
        let watch = watch.with_context(|| self.input.display().to_string())?;
        Ok(Session::new(recording, watch))
    }
}
