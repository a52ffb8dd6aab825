//! Trained networks in f32 from the files of frameworks.

pub mod arithmetic;
pub mod cell;
pub mod chain;
pub mod elements;
pub mod kernel;
pub mod kind;
pub mod norm;
pub mod pool;
pub mod transposed;
pub mod view;

use super::blob::NamedFeature;
use super::float::FloatNet;
use super::{onnx, safetensors, tflite};
use anyhow::{Context, bail};
use bellwether::model::{Head, Scale};
use kind::Kind;
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
    /// Inputs of a batch that the file fixes, if it is not 1; one of them is read.
    pub batch: Option<usize>,
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
            batch: None,
            head: None,
            training: None,
        }
    }
}

/// Reads a network; the bytes of its file determine the kind, and its name only where these do not.
///
/// # Errors
/// It cannot be read, or contains an operation that the library lacks; its position is named.
pub fn read(path: &Path) -> anyhow::Result<Imported> {
    read_as(path, None)
}

/// The same; of an input of two axes, the first is the batch unless it is this number of frames.
///
/// # Errors
/// As [`read`].
pub fn read_as(path: &Path, window: Option<usize>) -> anyhow::Result<Imported> {
    let name = || path.display().to_string();
    let (kind, bytes) = open(path)?;
    match kind {
        Kind::Onnx => onnx::read_as(&bytes, path.parent(), window).with_context(name),
        Kind::Tflite => tflite::float::read_as(&bytes, window).with_context(name),
        Kind::Safetensors => safetensors::read(path),
    }
}

/// The batch that a shape fixes: its first size, where that is no 1 and not the frames of a window. A
/// batch of inputs is read as one of them.
pub fn batch(shape: &[usize], window: Option<usize>) -> Option<usize> {
    match *shape {
        [first, _] if first > 1 => Some(first).filter(|first| window != Some(*first)),
        [first, _, _, ..] if first > 1 => Some(first),
        _ => None,
    }
}

/// The bytes of a network's file, and its kind.
///
/// # Errors
/// It cannot be read, or is no network; the text says what it is, and what to do.
pub fn open(path: &Path) -> anyhow::Result<(Kind, Vec<u8>)> {
    let name = || path.display().to_string();
    if path.is_dir() {
        bail!("{}: {}", name(), kind::of_folder(path));
    }
    let bytes = std::fs::read(path).with_context(name)?;
    Ok((kind::of(path, &bytes).with_context(name)?, bytes))
}
