//! A model's bytes in memory, at a multiple of 4 as the library wants them.

use anyhow::Context;
use bellwether::Model;
use std::path::Path;

/// Bytes that begin at a multiple of [`ALIGNMENT`].
#[derive(Debug)]
pub struct Stored {
    /// Name of the file of these bytes, if any.
    name: Option<String>,
    store: Vec<u8>,
    start: usize,
    length: usize,
}

/// A model must begin at a multiple of this.
pub const ALIGNMENT: usize = 4;

impl Stored {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).with_context(|| name.clone())?;
        Ok(Self {
            name: Some(name),
            ..Self::new(&bytes)
        })
    }

    /// The model.
    ///
    /// # Errors
    /// The bytes are refused; the file is named.
    pub fn model(&self) -> anyhow::Result<Model<'_>> {
        let model = Model::parse(self.bytes());
        match &self.name {
            Some(name) => model.with_context(|| name.clone()),
            None => Ok(model?),
        }
    }

    /// Copies bytes to an aligned address.
    pub fn new(bytes: &[u8]) -> Self {
        let mut store = vec![0; bytes.len() + ALIGNMENT];
        let start = store.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        store[start..start + bytes.len()].copy_from_slice(bytes);
        Self {
            name: None,
            store,
            start,
            length: bytes.len(),
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.store[self.start..self.start + self.length]
    }
}
