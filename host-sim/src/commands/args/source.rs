//! A recording and how it is watched: what `run` and `report` have in common.

use crate::detect::Options;
use crate::detect::session::{ModelSession, RolaSession};
use crate::model::Stored;
use crate::recording::{Layout, MeteredRecording};
use anyhow::{Context, ensure};
use bellwether::Model;
use std::path::PathBuf;

/// The recording, the detector and its settings, as arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Source {
    /// The recording, or `-` for standard input
    #[arg(value_name = "TRACE")]
    pub input: PathBuf,
    /// Layout of the recording [default: told by its name and first line]
    #[arg(long, value_enum, value_name = "LAYOUT")]
    pub format: Option<Layout>,
    /// The detector
    #[arg(long, value_enum, default_value = "rola")]
    pub detector: Detector,
    /// The autoencoder's model, which has its thresholds
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Changes a setting of rola; may be repeated (--help lists the keys)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// Detectors a recording can be replayed through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Detector {
    /// One lane per variable, and a vote among those that correlate
    Rola,
    /// A trained network that reconstructs its inputs (--model)
    Autoencoder,
}

impl Source {
    /// The settings of rola.
    ///
    /// # Errors
    /// An assignment is not understood, or a model is given, which rola has no use for.
    pub fn options(&self) -> anyhow::Result<Options> {
        ensure!(
            self.model.is_none(),
            "--model does not apply to rola, which learns from the recording: say \
             --detector autoencoder, or leave it out"
        );
        Options::parse(&self.set)
    }

    /// The autoencoder's model.
    ///
    /// # Errors
    /// None is given, or it cannot be read, or there are settings, which a model has of its own.
    pub fn stored(&self) -> anyhow::Result<Stored> {
        ensure!(
            self.set.is_empty(),
            "--set {} does not apply to an autoencoder: its settings are in its model",
            self.set.join(" --set ")
        );
        let model = self.model.as_deref();
        Stored::read(model.context("--detector autoencoder needs its --model FILE")?)
    }

    /// Opens the recording.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn recording(&self) -> anyhow::Result<MeteredRecording> {
        MeteredRecording::open(&self.input, self.format)
    }

    /// Opens the recording and makes rola.
    ///
    /// # Errors
    /// The recording cannot be read, or a setting does not fit it.
    pub fn open(&self, options: &Options) -> anyhow::Result<RolaSession> {
        RolaSession::new(self.recording()?, options)
    }

    /// Opens the recording and finds the model's variables in it.
    ///
    /// # Errors
    /// The recording cannot be read or lacks a variable, or the model cannot judge.
    pub fn open_model<'m>(&self, model: Model<'m>) -> anyhow::Result<ModelSession<'m>> {
        let session = ModelSession::new(self.recording()?, model);
        session.with_context(|| self.input.display().to_string())
    }
}
