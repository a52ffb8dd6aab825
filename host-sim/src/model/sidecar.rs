//! The JSON file beside a `.safetensors` file: `docs/formats/model-sidecar.md`.

use super::blob::NamedFeature;
use super::float::Function;
use anyhow::{Context, Result, bail, ensure};
use bellwether::model::{Head, Scale};
use serde::Deserialize;

/// The value of `format`.
pub const FORMAT: &str = "bellwether-network";
/// The value of `version`.
pub const VERSION: u32 = 1;

/// The way from tensors to a network, and the network's context.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Values that enter; or frames, and values of each.
    pub input: Vec<usize>,
    /// The layers, in order.
    pub layers: Vec<Layer>,
    /// Frames per inference.
    pub window: Option<usize>,
    /// Variables of a frame, in order.
    features: Option<Vec<Feature>>,
    /// The meaning of the outputs, by name.
    head: Option<String>,
    /// SHA-256 of the training data, hexadecimal.
    training_sha256: Option<String>,
}

/// A step from inputs to outputs. Texts without further explanation are names of tensors.
///
/// The kind is the key of the object, not one of its fields: the latter would have serde keep the
/// object until the kind is known, and numbers do not survive that where another crate of the
/// build turns on `arbitrary_precision`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Layer {
    /// Every output from every value of the last axis.
    Dense {
        /// Weights.
        weights: String,
        /// Order of their axes.
        layout: DenseLayout,
        /// One per output.
        biases: Option<String>,
        /// The function of the sums.
        #[serde(default = "linear")]
        function: Function,
    },
    /// The same weights along the frames.
    Conv1d {
        /// Weights.
        weights: String,
        /// Order of their axes.
        layout: ConvLayout,
        /// One per filter.
        biases: Option<String>,
        /// Frames from one output to the next.
        #[serde(default = "one")]
        stride: usize,
        /// Frames from one weight to the next.
        #[serde(default = "one")]
        dilation: usize,
        /// Frames of zeros around.
        #[serde(default)]
        padding: Padding,
        /// The function of the sums.
        #[serde(default = "linear")]
        function: Function,
    },
    /// Long short-term memory.
    Lstm(Recurrent),
    /// Gated recurrent unit that resets behind the product.
    Gru(Recurrent),
    /// `scale·(x - mean)/√(variance + epsilon) + shift` along the last axis.
    BatchNorm {
        /// 1 if absent.
        scale: Option<String>,
        /// 0 if absent.
        shift: Option<String>,
        /// Mean.
        mean: String,
        /// Variance.
        variance: String,
        /// Added to the variance.
        epsilon: f32,
    },
    /// A function of every value.
    Function(Function),
    /// Frames become values.
    Flatten {
        /// The order of the values.
        #[serde(default)]
        order: Order,
    },
    /// Values become frames.
    Frames {
        /// How many.
        frames: usize,
        /// The order of the values.
        #[serde(default)]
        order: Order,
    },
    /// Only the last frame goes on.
    LastFrame {},
    /// The values become each of several frames.
    Repeat {
        /// How many.
        frames: usize,
    },
}

/// Fields of a recurrent layer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recurrent {
    /// Weights of the inputs.
    pub kernel: String,
    /// Weights of the state.
    pub recurrent: String,
    /// Order of the axes of both.
    pub layout: DenseLayout,
    /// The gates in the order of the file, a letter each: of i f g o, or of r z n.
    pub gates: String,
    /// Beside the kernel.
    pub biases: Option<String>,
    /// Beside the recurrent weights.
    pub recurrent_biases: Option<String>,
    /// Whether it gives the state after every frame, or after the last only.
    pub sequence: bool,
}

/// Axes of a matrix of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DenseLayout {
    /// As PyTorch has them.
    OutputsInputs,
    /// As Keras has them.
    InputsOutputs,
}

/// Axes of the weights of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConvLayout {
    /// As PyTorch has them.
    FiltersChannelsKernel,
    /// As Keras has them.
    KernelChannelsFilters,
}

/// Frames of zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// Before the first frame, and behind the last.
    Zeros(usize, usize),
    /// As many as give an output for every `stride`-th frame; an odd one comes behind.
    Same,
}

impl Default for Padding {
    fn default() -> Self {
        Self::Zeros(0, 0)
    }
}

/// The order of values when frames become one row of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Those of a frame.
    #[default]
    Frames,
    /// Those of a channel.
    Channels,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    name: String,
    #[serde(default)]
    unit: String,
    offset: Option<f32>,
    divisor: Option<f32>,
    mean: Option<f32>,
}

const fn linear() -> Function {
    Function::Linear
}

const fn one() -> usize {
    1
}

impl Sidecar {
    /// Reads it.
    ///
    /// # Errors
    /// Names the field, and line and column where the text is no JSON.
    pub fn parse(text: &str) -> Result<Self> {
        // Of another format, the first thing that can be wrong is that.
        #[derive(Deserialize)]
        struct Opening {
            format: String,
            version: u32,
        }
        let opening: Opening = serde_json::from_str(text)?;
        ensure!(
            opening.format == FORMAT,
            "format: `{}`, expected `{FORMAT}`",
            opening.format
        );
        ensure!(
            opening.version == VERSION,
            "version: {}, only {VERSION} is read",
            opening.version
        );
        let mut json = serde_json::Deserializer::from_str(text);
        Ok(serde_path_to_error::deserialize(&mut json)?)
    }

    /// Names and units.
    ///
    /// # Errors
    /// A text is empty or too long.
    pub fn features(&self) -> Result<Option<Vec<NamedFeature>>> {
        let Some(features) = &self.features else {
            return Ok(None);
        };
        let features = features.iter().enumerate().map(|(k, feature)| {
            let Feature { name, unit, .. } = feature;
            ensure!(!name.is_empty(), "features[{k}].name is empty");
            for (field, text) in [("name", name), ("unit", unit)] {
                ensure!(
                    text.len() <= 255,
                    "features[{k}].{field} is longer than 255 bytes"
                );
            }
            Ok(NamedFeature {
                name: name.clone(),
                unit: unit.clone(),
            })
        });
        features.collect::<Result<_>>().map(Some)
    }

    /// One scale per feature, or none at all.
    ///
    /// # Errors
    /// Some features have one and some do not, or one is not usable.
    pub fn scales(&self) -> Result<Vec<Scale>> {
        let features = self.features.as_deref().unwrap_or_default();
        let mut scales = Vec::new();
        for (k, feature) in features.iter().enumerate() {
            let scale = match (feature.offset, feature.divisor, feature.mean) {
                (None, None, None) => continue,
                (Some(offset), Some(divisor), Some(mean)) => Scale {
                    offset,
                    divisor,
                    mean,
                },
                _ => bail!("features[{k}]: offset, divisor and mean come together or not at all"),
            };
            ensure!(
                scale.divisor.is_normal() && scale.divisor > 0.0,
                "features[{k}].divisor: {} is not above 0 (drop constant variables)",
                scale.divisor
            );
            ensure!(
                scale.offset.is_finite() && scale.mean.is_finite(),
                "features[{k}]: offset or mean is not finite"
            );
            scales.push(scale);
        }
        ensure!(
            scales.is_empty() || scales.len() == features.len(),
            "features: {} of {} have a scale; all or none must",
            scales.len(),
            features.len()
        );
        Ok(scales)
    }

    /// The meaning of the outputs.
    ///
    /// # Errors
    /// It has another name.
    pub fn head(&self) -> Result<Option<Head>> {
        let Some(name) = &self.head else {
            return Ok(None);
        };
        let found = Head::ALL.into_iter().find(|head| head.name() == name);
        let names = || Head::ALL.map(Head::name).join(", ");
        let found = found.with_context(|| format!("head: `{name}`, expected one of {}", names()));
        found.map(Some)
    }

    /// SHA-256 of the training data.
    ///
    /// # Errors
    /// It is not 64 hexadecimal digits.
    pub fn training(&self) -> Result<Option<[u8; 32]>> {
        let Some(text) = &self.training_sha256 else {
            return Ok(None);
        };
        let mut digest = [0; 32];
        let good = text.len() == 64 && text.is_ascii();
        let bytes = digest.iter_mut().zip(text.as_bytes().chunks(2));
        let read = bytes.filter_map(|(byte, pair)| {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
            Some(())
        });
        ensure!(
            good && read.count() == 32 && !text.contains('+'),
            "training_sha256: expected 64 hexadecimal digits"
        );
        Ok(Some(digest))
    }
}
