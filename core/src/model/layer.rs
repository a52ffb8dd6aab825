//! Layers: their entries in the layer table, and views of their weights in place.

pub(crate) mod conv1d;
pub mod curve;
pub(crate) mod dense;
pub mod lookup;
mod record;
pub(crate) mod recurrent;

pub use conv1d::Conv1d;
pub use curve::Curve;
pub use dense::{Activation, Dense, Order};
pub use lookup::{Function, Lookup};
pub use record::LAYER_BYTES;
pub use recurrent::{Cell, Recurrent};

use super::bytes::{block, require};
use super::header::{Header, aligned};
use super::{ModelError, QuantParams, Rounding};
use record::Record;

/// One layer of a network.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Layer<'m> {
    /// Every output from every input.
    Dense(Dense<'m>),
    /// A function of single values.
    Lookup(Lookup<'m>),
    /// A dense layer that slides along the frames.
    Conv1d(Conv1d<'m>),
    /// A state carried from frame to frame: LSTM or GRU.
    Recurrent(Recurrent<'m>),
    /// Sigmoid or tanh of single values of 16 bits.
    Curve(Curve<'m>),
}

/// The fields common to all kinds.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Shape {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) output: QuantParams,
    /// Smallest and largest output.
    pub(crate) range: (i16, i16),
    pub(crate) macs: u64,
    /// Number of values needed besides inputs and outputs.
    pub(crate) spare: usize,
}

impl Layer<'_> {
    /// The layer's kind as one lower-case word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Dense(_) => "dense",
            Self::Lookup(_) => "lookup",
            Self::Conv1d(_) => "conv1d",
            Self::Recurrent(cell) => cell.cell.name(),
            Self::Curve(_) => "curve",
        }
    }

    pub(crate) const fn shape(&self) -> Shape {
        match self {
            Self::Dense(dense) => dense.shape(),
            Self::Lookup(lookup) => lookup.shape(),
            Self::Conv1d(conv) => conv.shape(),
            Self::Recurrent(cell) => cell.shape(),
            Self::Curve(curve) => curve.shape(),
        }
    }

    /// Number of inputs, at least 1.
    pub const fn inputs(&self) -> usize {
        self.shape().inputs
    }

    /// Number of outputs, at least 1.
    pub const fn outputs(&self) -> usize {
        self.shape().outputs
    }

    /// The grid of the outputs.
    pub const fn output(&self) -> QuantParams {
        self.shape().output
    }

    /// The layer's own rounding; `None`: the model's.
    pub const fn rounding(&self) -> Option<Rounding> {
        match self {
            Self::Dense(dense) => dense.rounding,
            Self::Conv1d(conv) => conv.dense.rounding,
            Self::Lookup(_) | Self::Recurrent(_) | Self::Curve(_) => None,
        }
    }

    /// Multiply-and-add steps.
    pub const fn macs(&self) -> u64 {
        self.shape().macs
    }

    /// Size of the arena for this layer in values: inputs and outputs, an even number of each, and
    /// the values between.
    pub const fn arena_len(&self) -> usize {
        let shape = self.shape();
        even(shape.inputs)
            .saturating_add(even(shape.outputs))
            .saturating_add(even(shape.spare))
    }
}

/// The next even number.
pub(crate) const fn even(count: usize) -> usize {
    count.saturating_add(1) & !1
}

/// The position before a layer: first offset of its block, its inputs, and the arena needed so far.
pub(super) struct Arriving {
    pub(super) at: usize,
    pub(super) values: usize,
    pub(super) grid: QuantParams,
    pub(super) range: (i16, i16),
    pub(super) room: usize,
}

impl Arriving {
    pub(super) const fn at_the_first(header: &Header) -> Self {
        Self {
            at: header.names_end(),
            values: header.inputs(),
            grid: header.input,
            range: (header.input.low(), header.input.high()),
            room: 0,
        }
    }
}

/// The layer of a valid record.
fn view<'m>(bytes: &'m [u8], record: &Record) -> Layer<'m> {
    match record.kind {
        lookup::KIND => Layer::Lookup(Lookup::get(bytes, record)),
        conv1d::KIND => Layer::Conv1d(Conv1d::get(bytes, record)),
        recurrent::LSTM | recurrent::GRU => Layer::Recurrent(Recurrent::get(bytes, record)),
        curve::KIND => Layer::Curve(Curve::get(bytes, record)),
        _ => Layer::Dense(Dense::get(bytes, record)),
    }
}

/// The layer of a checked model.
pub(super) fn get(bytes: &[u8], at: usize) -> Layer<'_> {
    view(bytes, &Record::get(bytes, at))
}

/// Checks layer `index` with its record at `at` and its block before `limit`; returns the position
/// before the next layer.
pub(super) fn read(
    bytes: &[u8],
    (index, at): (usize, usize),
    arriving: &Arriving,
    limit: usize,
) -> Result<Arriving, ModelError> {
    let record = Record::read(bytes, at)?;
    if !(dense::KIND..=curve::KIND).contains(&record.kind) {
        return Err(ModelError::LayerKind {
            layer: index,
            found: record.kind,
        });
    }
    if record.inputs != arriving.values {
        return Err(ModelError::Shape {
            layer: index,
            expected: arriving.values,
            found: record.inputs,
        });
    }
    let layer = view(bytes, &record);
    let length = match layer {
        Layer::Dense(dense) => dense.check(&record, at, arriving)?,
        Layer::Lookup(lookup) => lookup.check(&record, at, arriving)?,
        Layer::Conv1d(conv) => conv.check(&record, at, arriving)?,
        Layer::Recurrent(cell) => cell.check(&record, at, arriving)?,
        Layer::Curve(curve) => curve.check(&record, at, arriving)?,
    };
    let offset = aligned(arriving.at);
    let end = offset.saturating_add(length);
    require(record.offset == offset, at + 20)?;
    require(record.length == length, at + 24)?;
    require(end <= limit, at + 24)?;
    padding(bytes, arriving.at, offset)?;
    match layer {
        Layer::Dense(dense) => dense.check_block(index, offset, arriving.range)?,
        Layer::Lookup(lookup) => lookup.check_block(offset)?,
        Layer::Conv1d(conv) => conv.dense.check_block(index, offset, arriving.range)?,
        Layer::Recurrent(cell) => cell.check_block(index, offset, arriving.range)?,
        // Any entry may be there.
        Layer::Curve(_) => {}
    }
    let shape = layer.shape();
    Ok(Arriving {
        at: end,
        values: shape.outputs,
        grid: shape.output,
        range: shape.range,
        room: arriving.room.max(layer.arena_len()),
    })
}

/// Bytes between blocks are zeros.
pub(super) fn padding(bytes: &[u8], from: usize, to: usize) -> Result<(), ModelError> {
    let between = block(bytes, from, to.saturating_sub(from));
    match between.iter().position(|&byte| byte != 0) {
        None => Ok(()),
        Some(k) => Err(ModelError::Content { offset: from + k }),
    }
}
