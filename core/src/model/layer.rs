//! Layers: what the layer table says of each, and views of their weights where they lie.

pub mod dense;
mod record;

pub use dense::{Activation, Dense, Order};
pub use record::LAYER_BYTES;

use super::bytes::{block, require};
use super::header::{Header, aligned};
use super::{Grid, ModelError};
use record::Record;

/// One layer of a network.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Layer<'m> {
    /// Every output from every input.
    Dense(Dense<'m>),
}

impl Layer<'_> {
    /// The layer's kind as one lower-case word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Dense(_) => "dense",
        }
    }

    /// Values it takes, at least 1.
    pub const fn inputs(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.inputs,
        }
    }

    /// Values it gives, at least 1.
    pub const fn outputs(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.outputs,
        }
    }

    /// What its outputs mean.
    pub const fn output(&self) -> Grid {
        match self {
            Self::Dense(dense) => dense.output,
        }
    }

    /// Smallest and largest output.
    pub const fn range(&self) -> (i16, i16) {
        match self {
            Self::Dense(dense) => (dense.low, dense.high),
        }
    }

    /// Multiply-and-add steps.
    pub const fn macs(&self) -> u64 {
        match self {
            Self::Dense(dense) => dense.inputs as u64 * dense.outputs as u64,
        }
    }

    /// Values it needs beside its inputs and outputs.
    const fn spare(&self) -> usize {
        match self {
            Self::Dense(_) => 0,
        }
    }

    /// Values that must be held while it is computed: inputs and outputs, an even number of
    /// each, and what lies between.
    pub const fn room(&self) -> usize {
        even(self.inputs()) + even(self.outputs()) + even(self.spare())
    }
}

/// The next even number.
pub(crate) const fn even(count: usize) -> usize {
    count.saturating_add(1) & !1
}

/// What a layer finds: where its block may begin, what enters it, and the room needed so far.
pub(super) struct Arriving {
    pub(super) at: usize,
    pub(super) values: usize,
    pub(super) wide: bool,
    pub(super) range: (i16, i16),
    pub(super) room: usize,
}

impl Arriving {
    pub(super) const fn at_the_first(header: &Header) -> Self {
        Self {
            at: header.names_end(),
            values: header.inputs(),
            wide: header.input.wide,
            range: (header.input.low(), header.input.high()),
            room: 0,
        }
    }
}

/// The layer of a checked model.
pub(super) fn get(bytes: &[u8], at: usize) -> Layer<'_> {
    Layer::Dense(Dense::get(bytes, &Record::get(bytes, at)))
}

/// Checks layer `index`, whose record is at `at` and whose block must end before `limit`;
/// returns what the next one finds.
pub(super) fn read(
    bytes: &[u8],
    (index, at): (usize, usize),
    arriving: &Arriving,
    limit: usize,
) -> Result<Arriving, ModelError> {
    let record = Record::read(bytes, at)?;
    let offset = aligned(arriving.at);
    let (layer, length) = match record.kind {
        dense::KIND => {
            let dense = Dense::get(bytes, &record);
            (Layer::Dense(dense), dense.check(&record, at)?)
        }
        found => {
            return Err(ModelError::LayerKind {
                layer: index,
                found,
            });
        }
    };
    if layer.inputs() != arriving.values {
        return Err(ModelError::Shape {
            layer: index,
            expected: arriving.values,
            found: layer.inputs(),
        });
    }
    let end = offset.saturating_add(length);
    require(record.offset == offset, at + 20)?;
    require(record.length == length, at + 24)?;
    require(end <= limit, at + 24)?;
    padding(bytes, arriving.at, offset)?;
    match layer {
        Layer::Dense(dense) => {
            require(dense.wide_inputs == arriving.wide, at + 28)?;
            dense.check_block(index, offset, arriving.range)?;
        }
    }
    Ok(Arriving {
        at: end,
        values: layer.outputs(),
        wide: layer.output().wide,
        range: layer.range(),
        room: arriving.room.max(layer.room()),
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
