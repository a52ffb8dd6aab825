//! A trained network as bytes in flash: validated once, then used in place.
//!
//! A model is one block of bytes (`docs/formats/model-blob.md`): header, layer table, thresholds,
//! limits, scaler, front end, names, weights, an optional signature, and a CRC-32. [`Model::parse`] checks all of it,
//! including sums that could overflow 32 bits. Afterwards nothing can fail and nothing is copied.
//! Training and conversion happen on a host (`bellwether model train`, `bellwether model pack`).

mod bytes;
mod feature;
pub mod front_end;
pub mod header;
pub mod layer;
pub mod limits;
mod rounding;
pub mod scaler;
#[cfg(feature = "ed25519")]
mod signature;
pub mod threshold;

pub use crate::error::ModelError;
pub use feature::{Feature, Features};
pub use front_end::FrontEnd;
pub use header::Head;
pub use layer::{
    Activation, Cell, Conv1d, Curve, Dense, Function, Layer, Lookup, Order, Recurrent,
};
pub use limits::Limits;
pub use rounding::{QuantParams, Rounding};
pub use scaler::Scale;
pub use threshold::{Score, Threshold};

use crate::threshold::ema;
use crate::vote::k_of_n;
use crate::wire::checksum;
use bytes::{block, chunk, f32_at, require, u16_at, u32_at};
use header::{
    CHECKSUM_BYTES, FEATURES_AT, HEADER_BYTES, Header, LENGTH_AT, ROOM_AT, SIGNATURE_BYTES,
    SIGNED_AT, WINDOW_AT,
};

/// Version of the model format.
pub const MODEL_VERSION: u16 = 1;
/// First bytes of a model.
pub const MAGIC: [u8; 4] = *b"BWMB";

/// Places bytes at a multiple of 4, as a model needs. `include_bytes!` alone may place them
/// anywhere.
///
/// ```
/// use bellwether::model::Aligned;
/// # use bellwether::Model;
/// const BYTES: &[u8; 244] = include_bytes!(concat!(
///     env!("CARGO_MANIFEST_DIR"), // firmware: the file's path alone
///     "/examples/pump.bwm"
/// ));
/// static PUMP: Aligned<[u8; BYTES.len()]> = Aligned(*BYTES);
/// assert_eq!(PUMP.0.as_ptr().addr() % 4, 0);
/// assert!(Model::parse(&PUMP.0).is_ok());
/// ```
#[repr(C, align(4))]
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Aligned<T: ?Sized>(pub T);

/// Arena of the model in `blob`: the number of values in its
/// [`Activations`](crate::network::Activations).
///
/// A constant of the model, so that firmware can write `const N: usize = arena_len(&BLOB.0)`. It is
/// read from the header without a check; 0 without a header.
pub const fn arena_len(blob: &[u8]) -> usize {
    if blob.len() < HEADER_BYTES {
        return 0;
    }
    u16::from_le_bytes([blob[ROOM_AT], blob[ROOM_AT + 1]]) as usize
}

/// Variables of the model in `blob`, a constant as [`arena_len`] is.
pub const fn feature_count(blob: &[u8]) -> usize {
    if blob.len() < HEADER_BYTES {
        return 0;
    }
    u16::from_le_bytes([blob[FEATURES_AT], blob[FEATURES_AT + 1]]) as usize
}

/// Frames of a window of the model in `blob`, a constant as [`arena_len`] is.
pub const fn window(blob: &[u8]) -> usize {
    if blob.len() < HEADER_BYTES {
        return 0;
    }
    u16::from_le_bytes([blob[WINDOW_AT], blob[WINDOW_AT + 1]]) as usize
}

/// A checked model, borrowed from the place of its bytes.
///
/// ```
/// # use bellwether::model::Aligned;
/// # static PUMP: Aligned<[u8; 244]> = Aligned(*include_bytes!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"),
/// #     "/examples/pump.bwm"
/// # )));
/// use bellwether::{Model, ModelError};
/// let model = Model::parse(&PUMP.0)?;
/// let features: Vec<_> = model.features().map(|f| (f.name, f.unit)).collect();
/// assert_eq!(features, [("motor", "°C"), ("power", "W")]);
/// assert_eq!((model.inputs(), model.outputs(), model.arena_len(), model.macs()), (2, 2, 4, 4));
/// assert_eq!(model.expect_features(&["power", "motor"]), Err(ModelError::Feature { index: 0 }));
///
/// let mut damaged = PUMP; // one bit flipped in transit
/// damaged.0[200] ^= 1;
/// assert!(matches!(Model::parse(&damaged.0), Err(ModelError::Checksum { .. })));
/// # Ok::<(), ModelError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Model<'m> {
    bytes: &'m [u8],
    header: Header,
}

impl<'m> Model<'m> {
    /// Checks the bytes of a model: one pass for the checksum, one over the weights.
    ///
    /// # Errors
    /// The reason why the bytes were refused; see [`ModelError`].
    pub fn parse(bytes: &'m [u8]) -> Result<Self, ModelError> {
        let end = envelope(bytes)?;
        Self::content(bytes, end)
    }

    /// Checks the content of a model of `end` bytes, after its envelope.
    fn content(bytes: &'m [u8], end: usize) -> Result<Self, ModelError> {
        let header = Header::read(bytes)?;
        let limit = end.saturating_sub(header.tail());
        require(header.names_end() <= limit, 32)?;
        for k in 0..header.thresholds {
            let at = header.thresholds_at() + k * threshold::THRESHOLD_BYTES;
            let score = Threshold::read(bytes, at)?.score;
            require(header.head.scores().contains(&score), at)?;
        }
        if header.limited {
            let score = Limits::read(bytes, header.limits_at())?.score;
            require(header.head.scores().contains(&score), header.limits_at())?;
        }
        if header.scaled {
            for k in 0..header.features {
                Scale::read(bytes, header.scaler_at() + k * scaler::SCALE_BYTES)?;
            }
        }
        for at in (header.centre_at()..header.front_end_at()).step_by(4) {
            require(f32_at(bytes, at).is_finite(), at)?;
        }
        if header.fronted {
            FrontEnd::read(bytes, header.front_end_at(), header.features)?;
        }
        feature::check(
            bytes,
            header.names_at(),
            header.names_length,
            header.features,
        )?;
        let mut arriving = layer::Arriving::at_the_first(&header);
        for k in 0..header.layers {
            arriving = layer::read(bytes, (k, Header::layer_at(k)), &arriving, limit)?;
        }
        if arriving.values != header.outputs {
            return Err(ModelError::Shape {
                layer: header.layers,
                expected: arriving.values,
                found: header.outputs,
            });
        }
        require(header.room == arriving.room, ROOM_AT)?;
        let reconstructed = header.reconstructed();
        require(
            match header.head {
                Head::Outputs | Head::Distance => true,
                Head::Logit => header.outputs == 1,
                Head::Reconstruction => true,
                Head::Likelihood => header.outputs == 2 * reconstructed,
            } && reconstructed.is_multiple_of(header.features)
                && reconstructed <= header.inputs(),
            20,
        )?;
        layer::padding(bytes, arriving.at, limit)?;
        require(limit == header::aligned(arriving.at), LENGTH_AT)?;
        Ok(Self { bytes, header })
    }

    /// The bytes of the model.
    pub const fn bytes(&self) -> &'m [u8] {
        self.bytes
    }

    /// Rounding of products, but for layers with their own.
    pub const fn rounding(&self) -> Rounding {
        self.header.rounding
    }

    /// Meaning of the outputs.
    pub const fn head(&self) -> Head {
        self.header.head
    }

    /// Number of features: values in one frame.
    pub const fn feature_count(&self) -> usize {
        self.header.features
    }

    /// Number of frames that enter the network together, oldest first.
    pub const fn window(&self) -> usize {
        self.header.window
    }

    /// Number of inputs: features times window.
    pub const fn inputs(&self) -> usize {
        self.header.inputs()
    }

    /// Number of outputs.
    pub const fn outputs(&self) -> usize {
        self.header.outputs
    }

    /// Number of outputs that are compared with the last inputs; 0 for heads without a
    /// reconstruction.
    pub const fn reconstructed(&self) -> usize {
        self.header.reconstructed()
    }

    /// Scale of the predicted log-variances; 0 if there are none. Their zero point is that of all
    /// outputs.
    pub const fn second_scale(&self) -> f32 {
        self.header.second_scale
    }

    /// The largest predicted log-variance of a value that counts. With more uncertainty, an error
    /// says nothing (HypAD, Flaborea et al. 2023).
    pub const fn max_log_variance(&self) -> f32 {
        match self.header.head {
            Head::Likelihood => self.header.max_log_variance,
            _ => f32::INFINITY,
        }
    }

    /// The k of n that confirms an alarm, as the exporter advises; `None`: one anomaly suffices.
    pub const fn k_of_n(&self) -> Option<k_of_n::Rules> {
        self.header.confirm
    }

    /// The moving threshold that replaces the first threshold's value, as the exporter advises.
    pub const fn ema(&self) -> Option<ema::Rules> {
        self.header.moving
    }

    /// The centre's coordinate for an output; 0 without a centre.
    pub fn centre(&self, output: usize) -> f32 {
        let at = self
            .header
            .centre_at()
            .saturating_add(output.saturating_mul(4));
        if at < self.header.front_end_at() {
            f32_at(self.bytes, at)
        } else {
            0.0
        }
    }

    /// Size of the arena in values: the maximum of a layer's inputs and outputs together.
    pub const fn arena_len(&self) -> usize {
        self.header.room
    }

    /// The grid of the inputs.
    pub const fn input_grid(&self) -> QuantParams {
        self.header.input
    }

    /// The grid of the outputs.
    pub fn output_grid(&self) -> QuantParams {
        match self.layers().next_back() {
            Some(layer) => layer.output(),
            None => self.header.input,
        }
    }

    /// Maximum number of saturated inputs of a normal frame; `None`: any number.
    pub const fn saturation_limit(&self) -> Option<u16> {
        self.header.saturation_limit
    }

    /// The layers, first to last.
    pub fn layers(
        &self,
    ) -> impl DoubleEndedIterator<Item = Layer<'m>> + ExactSizeIterator + use<'m> {
        let bytes = self.bytes;
        (0..self.header.layers).map(move |k| layer::get(bytes, Header::layer_at(k)))
    }

    /// One of the layers.
    pub(crate) fn layer(&self, index: usize) -> Layer<'m> {
        layer::get(self.bytes, Header::layer_at(index))
    }

    /// Multiply-and-add steps of one inference.
    pub fn macs(&self) -> u64 {
        self.layers().map(|layer| layer.macs()).sum()
    }

    /// The thresholds, in the order of their comparison.
    pub fn thresholds(&self) -> impl Iterator<Item = Threshold> + use<'m> {
        let (bytes, at) = (self.bytes, self.header.thresholds_at());
        (0..self.header.thresholds)
            .filter_map(move |k| Threshold::read(bytes, at + k * threshold::THRESHOLD_BYTES).ok())
    }

    /// The limits of a score in rows that were not fitted, if there are some.
    pub fn limits(&self) -> Option<Limits> {
        let limits = || Limits::read(self.bytes, self.header.limits_at()).ok();
        self.header.limited.then(limits).flatten()
    }

    /// The front end that makes the variables from samples; `None`: the variables are measured.
    pub fn front_end(&self) -> Option<FrontEnd<'m>> {
        let header = &self.header;
        let read = || FrontEnd::read(self.bytes, header.front_end_at(), header.features).ok();
        header.fronted.then(read).flatten()
    }

    /// Whether inputs are scaled.
    pub const fn is_scaled(&self) -> bool {
        self.header.scaled
    }

    /// The scaling of a feature; the identity if the model has none.
    pub fn scale(&self, feature: usize) -> Scale {
        if self.header.scaled && feature < self.header.features {
            let at = self.header.scaler_at() + feature * scaler::SCALE_BYTES;
            Scale::get(self.bytes, at)
        } else {
            Scale::IDENTITY
        }
    }

    /// Names and units, in order.
    pub fn features(&self) -> Features<'m> {
        let header = &self.header;
        Features::new(block(self.bytes, header.names_at(), header.names_length))
    }

    /// Checks that the variables at hand are the model's, in its order.
    ///
    /// # Errors
    /// [`ModelError::Feature`] with the first difference.
    pub fn expect_features(&self, names: &[&str]) -> Result<(), ModelError> {
        let ours = self.features().map(|feature| feature.name);
        let same = |(ours, theirs): &(&str, &&str)| ours == *theirs;
        let index = ours.zip(names).take_while(same).count();
        if index == self.header.features && index == names.len() {
            Ok(())
        } else {
            Err(ModelError::Feature { index })
        }
    }

    /// SHA-256 of the training data, as given to the exporter; `None` if unknown.
    pub fn training_digest(&self) -> Option<[u8; 32]> {
        let digest = header::training(self.bytes);
        (digest != [0; 32]).then_some(digest)
    }

    /// The signature and the signed bytes, if the model has one. **Not verified here**: that takes
    /// a key (`parse_signed`, `verify`; feature `ed25519`).
    pub fn signature(&self) -> Option<(&'m [u8; SIGNATURE_BYTES], &'m [u8])> {
        signature_of(self.bytes)
    }

    /// The checksum at the model's end: a short name of exactly these bytes.
    pub fn checksum(&self) -> u32 {
        u32_at(self.bytes, self.bytes.len().saturating_sub(CHECKSUM_BYTES))
    }
}

/// The signature and the signed bytes, from bytes with a checked envelope.
fn signature_of(bytes: &[u8]) -> Option<(&[u8; SIGNATURE_BYTES], &[u8])> {
    let (rest, _) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
    let (message, signature) = rest.split_last_chunk::<SIGNATURE_BYTES>()?;
    (bytes::u8_at(bytes, SIGNED_AT) == 1).then_some((signature, message))
}

/// Checks magic, version, length, place and checksum; returns the length.
fn envelope(bytes: &[u8]) -> Result<usize, ModelError> {
    let found = bytes.len();
    let short = |expected| ModelError::Truncated { expected, found };
    if found >= MAGIC.len() && chunk(bytes, 0) != MAGIC {
        return Err(ModelError::Magic);
    }
    if found >= 6 && u16_at(bytes, 4) != MODEL_VERSION {
        let found = u16_at(bytes, 4);
        return Err(ModelError::Version { found });
    }
    if found < HEADER_BYTES {
        return Err(short(HEADER_BYTES));
    }
    let expected = u32_at(bytes, LENGTH_AT) as usize;
    if found < expected {
        return Err(short(expected));
    }
    if found > expected {
        return Err(ModelError::TrailingBytes { expected, found });
    }
    if !bytes.as_ptr().addr().is_multiple_of(4) {
        return Err(ModelError::Misaligned);
    }
    let (content, sum) = bytes
        .split_last_chunk::<CHECKSUM_BYTES>()
        .ok_or(short(HEADER_BYTES))?;
    let (expected, found) = (u32::from_le_bytes(*sum), checksum(content));
    if expected != found {
        return Err(ModelError::Checksum { expected, found });
    }
    Ok(bytes.len())
}
