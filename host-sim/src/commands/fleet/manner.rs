//! The detector of all nodes, as arguments.

use crate::commands::args::source::detectors;
use crate::detect::{Entry, FitFile};
use crate::fleet::judging::{Manner, hexadecimal};
use crate::fleet::plan::{Plan, VERSION};
use crate::model::Stored;
use anyhow::{Context, ensure};
use bellwether::Model;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// The detector, its settings, and the lines.
#[derive(Clone, Debug, clap::Args)]
pub struct MannerArgs {
    /// The detector
    #[arg(long, value_name = "NAME", value_parser = detectors(|_| true), default_value = "sentinel")]
    detector: &'static Entry,
    /// The trained model, for a detector that needs one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The fit that every node starts from, written by `bellwether fit`, instead of one to its own first rows
    #[arg(long, value_name = "FILE")]
    fit: Option<PathBuf>,
    /// Sets a setting of the detector; may be repeated (`bellwether run --help` lists the keys)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Writes a line for every frame, including those that are not anomalous
    #[arg(long)]
    all: bool,
}

impl MannerArgs {
    /// Reads the model, if the detector needs one.
    ///
    /// # Errors
    /// A model is missing, superfluous or unreadable, or a setting is not understood.
    pub fn stored(&self) -> anyhow::Result<Option<Stored>> {
        self.detector.accepts(&self.set, self.model.is_some())?;
        ensure!(
            self.fit.is_none() || self.detector.has_fit,
            "--fit does not apply to {}, which is not fitted to rows in front",
            self.detector.name
        );
        self.model.as_deref().map(Stored::read).transpose()
    }

    /// The way in which every node is judged.
    ///
    /// # Errors
    /// The fit cannot be read.
    pub fn manner<'m>(&self, model: Option<Model<'m>>) -> anyhow::Result<Manner<'m>> {
        Ok(Manner {
            entry: self.detector,
            set: self.set.clone(),
            model,
            fit: self.fit.as_deref().map(FitFile::read).transpose()?,
            all: self.all,
        })
    }

    /// The plan for these nodes.
    ///
    /// # Errors
    /// The model or the fit cannot be read.
    pub fn plan(&self, nodes: Vec<String>) -> anyhow::Result<Plan> {
        let mut from = String::new();
        if let Some(path) = self.model.as_ref().or(self.fit.as_ref()) {
            let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
            from = hexadecimal(&Sha256::digest(&bytes));
        }
        Ok(Plan {
            version: VERSION,
            detector: self.detector.name.to_owned(),
            settings: self.set.clone(),
            from,
            all: self.all,
            nodes,
        })
    }
}
