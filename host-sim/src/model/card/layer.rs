//! The description of a layer in `bellwether model inspect`.

use super::GridView;
use bellwether::model::{Dense, Layer, Rounding};
use serde::Serialize;
use std::fmt;

/// A layer: the facts of all kinds, and those of its own.
#[derive(Serialize)]
pub(super) struct LayerView {
    kind: &'static str,
    inputs: usize,
    outputs: usize,
    #[serde(flatten)]
    own: Own,
    output: GridView,
}

/// Facts of single kinds of layers.
#[derive(Serialize)]
#[serde(untagged)]
enum Own {
    Dense(Sums),
    Lookup {
        function: &'static str,
        #[serde(skip_serializing_if = "is_one")]
        tables: usize,
    },
    Conv1d {
        frames: usize,
        channels: usize,
        filters: usize,
        kernel: usize,
        stride: usize,
        before: usize,
        after: usize,
        #[serde(flatten)]
        sums: Sums,
    },
    Recurrent {
        frames: usize,
        channels: usize,
        units: usize,
        sequence: bool,
        bits_behind_point: u32,
    },
    /// A kind that this program does not know.
    Other {},
}

/// As serde needs it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_one(count: &usize) -> bool {
    *count == 1
}

/// Sums of products, and the function that follows.
#[derive(Serialize)]
struct Sums {
    activation: &'static str,
    per_channel: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rounding: Option<&'static str>,
}

impl From<&Dense<'_>> for Sums {
    fn from(dense: &Dense<'_>) -> Self {
        Self {
            activation: dense.activation.name(),
            per_channel: dense.per_channel(),
            rounding: dense.rounding.map(Rounding::name),
        }
    }
}

impl LayerView {
    pub(super) fn new(layer: Layer<'_>) -> Self {
        let own = match layer {
            Layer::Dense(dense) => Own::Dense(Sums::from(&dense)),
            Layer::Lookup(lookup) => Own::Lookup {
                function: lookup.function.name(),
                tables: lookup.tables.count(),
            },
            Layer::Curve(curve) => Own::Lookup {
                function: curve.function.name(),
                tables: 1,
            },
            Layer::Conv1d(conv) => Own::Conv1d {
                frames: conv.frames,
                channels: conv.channels,
                filters: conv.dense.outputs,
                kernel: conv.kernel(),
                stride: conv.stride,
                before: conv.before,
                after: conv.after,
                sums: Sums::from(&conv.dense),
            },
            Layer::Recurrent(cell) => Own::Recurrent {
                frames: cell.frames,
                channels: cell.channels,
                units: cell.units,
                sequence: cell.sequence,
                bits_behind_point: cell.bits,
            },
            _ => Own::Other {},
        };
        Self {
            kind: layer.name(),
            inputs: layer.inputs(),
            outputs: layer.outputs(),
            own,
            output: layer.output().into(),
        }
    }
}

impl fmt::Display for LayerView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} > {}", self.kind, self.inputs, self.outputs)?;
        write!(f, "{}, output: {}", self.own, self.output)
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = if self.per_channel {
            "channel"
        } else {
            "tensor"
        };
        write!(f, ", {}, per {per}", self.activation)?;
        match self.rounding {
            Some(rule) => write!(f, ", rounding {rule}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dense(sums) => sums.fmt(f),
            Self::Lookup {
                function,
                tables: 1,
            } => write!(f, ", {function}"),
            Self::Lookup { function, tables } => write!(f, ", {function}, {tables} tables"),
            Self::Conv1d {
                frames,
                channels,
                filters,
                kernel,
                stride,
                before,
                after,
                sums,
            } => {
                write!(f, ", {frames} frames of {channels}, {filters} filters")?;
                write!(f, ", kernel {kernel}, stride {stride}")?;
                write!(f, ", padding {before} + {after}{sums}")
            }
            Self::Recurrent {
                frames,
                channels,
                units,
                sequence,
                bits_behind_point,
            } => {
                let gives = if *sequence { "every" } else { "the last" };
                write!(f, ", {frames} frames of {channels}, {units} units")?;
                write!(f, ", gives {gives} state")?;
                write!(f, ", {bits_behind_point} bits behind the point")
            }
            Self::Other {} => Ok(()),
        }
    }
}
