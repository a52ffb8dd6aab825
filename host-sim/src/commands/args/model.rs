//! The model of a command and its frames, as arguments.

use crate::model::{Stored, key};
use crate::recording::{Options, Table, frames};
use anyhow::Context;
use bellwether::Model;
use std::path::PathBuf;

/// A model in a file, and the public key of its signature.
#[derive(clap::Args)]
pub struct Input {
    /// The model
    #[arg(value_name = "MODEL")]
    path: PathBuf,
    /// A public key; a model without a signature by its private key is refused
    #[arg(long, value_name = "PUBKEY")]
    key: Option<PathBuf>,
}

impl Input {
    /// The model's name in messages.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self) -> anyhow::Result<Stored> {
        let bytes = std::fs::read(&self.path).with_context(|| self.name())?;
        Ok(Stored::new(&bytes))
    }

    /// Checks the file's bytes, and the signature where a key was given.
    ///
    /// # Errors
    /// The key cannot be read, or the model is refused.
    pub fn parse<'m>(&self, stored: &'m Stored) -> anyhow::Result<Model<'m>> {
        let model = match &self.key {
            Some(key) => Model::parse_signed(stored.bytes(), &key::read_public(key)?),
            None => Model::parse(stored.bytes()),
        };
        model.with_context(|| self.name())
    }
}

/// Frames for a model.
#[derive(clap::Args)]
pub struct Rows {
    /// A recording with the model's variables by name, or raw little-endian f32 frames
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    #[command(flatten)]
    reading: Options,
}

impl Rows {
    /// Reads the model's variables.
    ///
    /// # Errors
    /// The file cannot be read, lacks a variable, or does not consist of whole frames.
    pub fn read(&self, model: &Model<'_>) -> anyhow::Result<Table> {
        frames::for_model(&self.input, &self.reading, model)
    }
}
