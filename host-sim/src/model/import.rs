//! Trained networks in f32 from the files of frameworks.

pub mod arithmetic;
pub mod cell;
pub mod chain;
pub mod elements;
pub mod kernel;
pub mod norm;
pub mod view;

use super::blob::NamedFeature;
use super::float::FloatNet;
use super::{onnx, safetensors, tflite};
use anyhow::{Context, bail};
use bellwether::model::{Head, Scale};
use std::path::Path;

/// A network, with the facts in its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The network.
    pub net: FloatNet,
    /// Names and units of the variables.
    pub features: Option<Vec<NamedFeature>>,
    /// One scale per variable, or none at all.
    pub scales: Vec<Scale>,
    /// Frames that enter together.
    pub window: Option<usize>,
    /// The meaning of the outputs.
    pub head: Option<Head>,
    /// SHA-256 of the training data.
    pub training: Option<[u8; 32]>,
}

impl Imported {
    /// A network without further facts.
    pub const fn bare(net: FloatNet) -> Self {
        Self {
            net,
            features: None,
            scales: Vec::new(),
            window: None,
            head: None,
            training: None,
        }
    }
}

/// Reads a file; its name determines the kind.
///
/// # Errors
/// It cannot be read, or contains an operation that the library lacks; its position is named.
pub fn read(path: &Path) -> anyhow::Result<Imported> {
    let name = || path.display().to_string();
    let bytes = || std::fs::read(path).with_context(name);
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    match extension {
        "onnx" => onnx::read(&bytes()?).with_context(name),
        "tflite" => tflite::float::read(&bytes()?).with_context(name),
        "safetensors" => safetensors::read(path),
        _ => bail!("{}: no network is read from `.{extension}`", name()),
    }
}
