//! Writing a model: the parts, and the bytes of `docs/formats/model-blob.md`.

mod conv1d;
mod curve;
mod dense;
mod lookup;
mod record;
mod recurrent;
mod tiles;

pub use conv1d::Conv1dLayer;
pub use curve::CurveLayer;
pub use dense::DenseLayer;
pub use lookup::LookupLayer;
pub use recurrent::{GateWeights, RecurrentLayer};

use record::Record;

use super::edit::limits_bytes;
use bellwether::model::header::{
    BLOCK_ALIGNMENT, CHECKSUM_BYTES, HEADER_BYTES, Head, SIGNATURE_BYTES,
};
use bellwether::model::layer::LAYER_BYTES;
use bellwether::model::{Limits, MAGIC, MODEL_VERSION, QuantParams, Rounding, Scale, Threshold};
use bellwether::threshold::ema;
use bellwether::vote::k_of_n;
use bellwether::{Model, ModelError};

/// One layer, quantised.
#[derive(Clone, Debug, PartialEq)]
pub enum BlobLayer {
    /// Every output from every input.
    Dense(DenseLayer),
    /// A function of each value by itself.
    Lookup(LookupLayer),
    /// A dense layer that slides along the frames.
    Conv1d(Conv1dLayer),
    /// LSTM or GRU.
    Recurrent(RecurrentLayer),
    /// Sigmoid or tanh of each value of 16 bits.
    Curve(CurveLayer),
}

impl BlobLayer {
    fn record(&self) -> Record {
        match self {
            Self::Dense(dense) => dense.record(),
            Self::Lookup(lookup) => lookup.record(),
            Self::Conv1d(conv) => conv.record(),
            Self::Recurrent(cell) => cell.record(),
            Self::Curve(curve) => curve.record(),
        }
    }

    fn block(&self, out: &mut Vec<u8>) {
        match self {
            Self::Dense(dense) => dense.block(out),
            Self::Lookup(lookup) => lookup.block(out),
            Self::Conv1d(conv) => conv.dense.block(out),
            Self::Recurrent(cell) => cell.block(out),
            Self::Curve(curve) => curve.block(out),
        }
    }

    /// Values it takes.
    pub fn inputs(&self) -> usize {
        self.record().inputs
    }

    /// Values it gives.
    pub fn outputs(&self) -> usize {
        self.record().outputs
    }

    /// The quantisation of its outputs.
    pub fn output(&self) -> QuantParams {
        self.record().output
    }

    /// Its smallest output.
    pub fn least(&self) -> i16 {
        self.record().range.0
    }

    /// Size of the arena for its computation, as
    /// [`Layer::arena_len`](bellwether::model::Layer::arena_len).
    fn arena_len(&self) -> usize {
        let spare = match self {
            Self::Conv1d(conv) => conv.dense.inputs,
            Self::Recurrent(cell) => cell.spare(),
            _ => 0,
        };
        let counts = [self.inputs(), spare, self.outputs()];
        counts.map(|count| count.next_multiple_of(2)).iter().sum()
    }

    /// Its sums, if it is of dense layers.
    const fn sums_mut(&mut self) -> Option<&mut DenseLayer> {
        match self {
            Self::Dense(dense) => Some(dense),
            Self::Conv1d(conv) => Some(&mut conv.dense),
            Self::Lookup(_) | Self::Recurrent(_) | Self::Curve(_) => None,
        }
    }

    /// Its own rounding, if it is of dense layers and has one.
    pub fn rounding(&mut self) -> Option<&mut Option<Rounding>> {
        self.sums_mut().map(|sums| &mut sums.rounding)
    }

    /// With weights in tiles, if the shape allows tiles.
    #[must_use]
    pub fn in_tiles(self) -> Self {
        match self {
            Self::Dense(dense) => Self::Dense(dense.in_tiles()),
            Self::Conv1d(conv) => Self::Conv1d(Conv1dLayer {
                dense: conv.dense.in_tiles(),
                ..conv
            }),
            other => other,
        }
    }
}

/// Layers with weights in tiles, where tiles can hold them: not behind a layer that gives -32,768, which
/// kernels for tiles cannot negate.
pub fn in_tiles(layers: Vec<BlobLayer>) -> Vec<BlobLayer> {
    let mut negatable = true;
    let tiled = layers.into_iter().map(|layer| {
        let behind = std::mem::replace(&mut negatable, layer.least() > i16::MIN);
        if behind { layer.in_tiles() } else { layer }
    });
    tiled.collect()
}

impl From<LookupLayer> for BlobLayer {
    fn from(lookup: LookupLayer) -> Self {
        Self::Lookup(lookup)
    }
}

impl From<CurveLayer> for BlobLayer {
    fn from(curve: CurveLayer) -> Self {
        Self::Curve(curve)
    }
}

impl From<Conv1dLayer> for BlobLayer {
    fn from(conv: Conv1dLayer) -> Self {
        Self::Conv1d(conv)
    }
}

impl From<DenseLayer> for BlobLayer {
    fn from(dense: DenseLayer) -> Self {
        Self::Dense(dense)
    }
}

/// A variable of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedFeature {
    /// Its name.
    pub name: String,
    /// Its unit, empty if unknown.
    pub unit: String,
}

/// The whole content of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Blob {
    /// The rounding of products, but for layers with their own.
    pub rounding: Rounding,
    /// The meaning of the outputs.
    pub head: Head,
    /// Variables, in order.
    pub features: Vec<NamedFeature>,
    /// One scale per variable, or none at all.
    pub scales: Vec<Scale>,
    /// Frames per inference.
    pub window: usize,
    /// Quantisation of the inputs.
    pub input: QuantParams,
    /// The layers.
    pub layers: Vec<BlobLayer>,
    /// Thresholds, in order of evaluation.
    pub thresholds: Vec<Threshold>,
    /// Largest accepted number of saturated inputs; more are an anomaly.
    pub saturation_limit: Option<u16>,
    /// SHA-256 of the training data.
    pub training: Option<[u8; 32]>,
    /// Settings of single heads, and of the way from assessments to alarms.
    pub judging: Judging,
}

/// Settings of single heads, and of the way from assessments to alarms; nothing by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judging {
    /// Likelihood: scale of the logarithms of variances, and the largest accepted one.
    pub variances: Option<(f32, f32)>,
    /// Distance: one coordinate per output.
    pub centre: Vec<f32>,
    /// k of n: the assessments that confirm an alarm.
    pub confirm: Option<k_of_n::Rules>,
    /// The moving threshold.
    pub moving: Option<ema::Rules>,
    /// Limits of a score, from rows that were not fitted.
    pub limits: Option<Limits>,
}

impl Blob {
    /// The bytes of a model that the library accepts.
    ///
    /// # Errors
    /// The library refuses the model.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let bytes = self.encode(None);
        let at_a_multiple = super::stored::Stored::new(&bytes);
        Model::parse(at_a_multiple.bytes()).map(|_| bytes)
    }

    /// The bytes, whether they make sense or not. Numbers too large for their field are cut.
    pub fn encode(&self, signature: Option<&[u8; SIGNATURE_BYTES]>) -> Vec<u8> {
        let mut names = Vec::new();
        for feature in &self.features {
            for text in [&feature.name, &feature.unit] {
                names.push(text.len() as u8);
                names.extend_from_slice(text.as_bytes());
            }
        }
        let mut out = self.header(names.len(), signature.is_some());
        out.resize(HEADER_BYTES + LAYER_BYTES * self.layers.len(), 0);
        for threshold in &self.thresholds {
            out.extend_from_slice(&[threshold.score.code(), 0, 0, 0]);
            put(&mut out, threshold.value.to_le_bytes());
            put(&mut out, threshold.quantile.to_le_bytes());
            put(&mut out, threshold.rows.to_le_bytes());
        }
        out.extend(self.judging.limits.iter().flat_map(limits_bytes));
        for scale in &self.scales {
            put(&mut out, scale.offset.to_le_bytes());
            put(&mut out, scale.divisor.to_le_bytes());
            put(&mut out, scale.mean.to_le_bytes());
        }
        for coordinate in &self.judging.centre {
            put(&mut out, coordinate.to_le_bytes());
        }
        out.extend_from_slice(&names);
        for (k, layer) in self.layers.iter().enumerate() {
            pad(&mut out);
            let offset = out.len();
            layer.block(&mut out);
            let record = layer.record().write(offset, out.len() - offset);
            let at = HEADER_BYTES + LAYER_BYTES * k;
            out[at..at + LAYER_BYTES].copy_from_slice(&record);
        }
        pad(&mut out);
        out.extend(signature.into_iter().flatten());
        let total = (out.len() + CHECKSUM_BYTES) as u32;
        out[8..12].copy_from_slice(&total.to_le_bytes());
        let sum = checksum(&out);
        put(&mut out, sum.to_le_bytes());
        out
    }

    fn header(&self, names: usize, signed: bool) -> Vec<u8> {
        let room = self.layers.iter().map(BlobLayer::arena_len).max();
        let outputs = self.layers.last().map_or(0, BlobLayer::outputs);
        let mut out = Vec::from(MAGIC);
        put(&mut out, MODEL_VERSION.to_le_bytes());
        out.extend_from_slice(&[self.rounding.code(), self.head.code()]);
        put(&mut out, 0_u32.to_le_bytes());
        for count in [
            self.layers.len(),
            self.thresholds.len(),
            self.features.len(),
            self.window,
            outputs,
            room.unwrap_or(0),
        ] {
            put(&mut out, (count as u16).to_le_bytes());
        }
        out.extend_from_slice(&[u8::from(!self.scales.is_empty()), u8::from(signed)]);
        put(&mut out, self.input.zero_point.to_le_bytes());
        put(&mut out, self.input.scale.to_le_bytes());
        put(&mut out, (names as u32).to_le_bytes());
        put(
            &mut out,
            self.saturation_limit.unwrap_or(u16::MAX).to_le_bytes(),
        );
        put(&mut out, [0; 2]);
        put(&mut out, self.training.unwrap_or_default());
        let Judging {
            variances,
            confirm,
            moving,
            ..
        } = &self.judging;
        let (second_scale, certainty) = variances.unwrap_or_default();
        put(&mut out, second_scale.to_le_bytes());
        put(&mut out, certainty.to_le_bytes());
        put(&mut out, [bits(&self.input)]);
        put(&mut out, confirm.map_or([0; 2], |c| [c.k(), c.n()]));
        put(
            &mut out,
            moving.map_or([0; 3], |m| [m.shift(), m.length(), 0]),
        );
        put(&mut out, moving.map_or(0, ema::Rules::latch).to_le_bytes());
        put(&mut out, [u8::from(self.judging.limits.is_some())]);
        put(&mut out, [0; 7]);
        out
    }
}

const fn bits(grid: &QuantParams) -> u8 {
    if grid.wide { 16 } else { 8 }
}

fn put<const K: usize>(out: &mut Vec<u8>, bytes: [u8; K]) {
    out.extend_from_slice(&bytes);
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(BLOCK_ALIGNMENT), 0);
}

/// CRC-32/ISO-HDLC, as at the end of a model.
pub fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
