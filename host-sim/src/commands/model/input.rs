//! The model that a command works on, as arguments.

use crate::model::{Stored, key};
use anyhow::Context;
use bellwether::Model;
use std::path::PathBuf;

/// A model in a file, and the key it must be signed with.
#[derive(clap::Args)]
pub struct Input {
    /// The model
    #[arg(value_name = "MODEL")]
    path: PathBuf,
    /// A public key: refuses a model that is not signed with its private key
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
