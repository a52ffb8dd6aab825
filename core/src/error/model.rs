//! Reasons why a model is refused.

use core::fmt;

/// The reason why the bytes of a model were refused, or why a model cannot be used here. A refused
/// model leaves nothing behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ModelError {
    /// The first four bytes are not a model's.
    Magic,
    /// Written in an unknown format version.
    Version {
        /// The version found.
        found: u16,
    },
    /// Fewer bytes than the header, or than its length field announces.
    Truncated {
        /// Bytes needed.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// More bytes than the header announces.
    TrailingBytes {
        /// Bytes of the model.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// The first byte is not at a multiple of 4 (see [`Aligned`](crate::model::Aligned)).
    Misaligned,
    /// The checksum does not match: the bytes were damaged.
    Checksum {
        /// Checksum in the model.
        expected: u32,
        /// Checksum of the bytes given.
        found: u32,
    },
    /// The checksum matches, but the field at `offset` is invalid.
    Content {
        /// Bytes into the model.
        offset: usize,
    },
    /// An unknown kind of layer.
    LayerKind {
        /// Index of the layer.
        layer: usize,
        /// The kind found.
        found: u8,
    },
    /// Layers, inputs or outputs of the network that do not fit each other.
    Shape {
        /// Index of the layer; the number of layers for the network's outputs.
        layer: usize,
        /// Number of values offered.
        expected: usize,
        /// Number of values the layer takes.
        found: usize,
    },
    /// Weights, biases and zero points with which a sum could overflow 32 bits.
    Accumulator {
        /// Index of the layer.
        layer: usize,
        /// Index of its output.
        output: usize,
    },
    /// The arena is too small for a layer.
    Capacity {
        /// Values that the widest layer needs.
        needed: usize,
        /// Capacity of the arena in values.
        found: usize,
    },
    /// The variables at hand differ from the model's, or have another order.
    Feature {
        /// Index of the first difference; the shorter length if one list is longer.
        index: usize,
    },
    /// A signature is required, and the model has none.
    Unsigned,
    /// The 32 bytes are no public key of Ed25519, or a weak one for which anybody can sign.
    Key,
    /// The model was not signed with this key, or was changed after signing.
    Signature,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Magic => f.write_str("not a model (wrong magic)"),
            Self::Version { found } => write!(f, "model format version {found} is not read"),
            Self::Truncated { expected, found } => {
                write!(f, "truncated: {expected} bytes needed, {found} given")
            }
            Self::TrailingBytes { expected, found } => {
                write!(f, "trailing bytes: the model has {expected}, {found} given")
            }
            Self::Misaligned => f.write_str("the model does not begin at a multiple of 4 bytes"),
            Self::Checksum { expected, found } => write!(
                f,
                "checksum {found:#010x} of the bytes differs from {expected:#010x}"
            ),
            Self::Content { offset } => write!(f, "impossible content at byte {offset}"),
            Self::LayerKind { layer, found } => {
                write!(f, "layer {layer} is of the unknown kind {found}")
            }
            Self::Shape {
                layer,
                expected,
                found,
            } => write!(f, "layer {layer} takes {found} values, {expected} arrive"),
            Self::Accumulator { layer, output } => {
                write!(
                    f,
                    "the sum of output {output} of layer {layer} could leave 32 bits"
                )
            }
            Self::Capacity { needed, found } => {
                write!(
                    f,
                    "the widest layer has {needed} values, a buffer holds {found}"
                )
            }
            Self::Feature { index } => {
                write!(
                    f,
                    "variable {index} is not the one the model was trained on"
                )
            }
            Self::Unsigned => f.write_str("the model is not signed"),
            Self::Key => f.write_str("not a usable public key of Ed25519"),
            Self::Signature => f.write_str("the signature is not that of the key and these bytes"),
        }
    }
}

impl core::error::Error for ModelError {}
