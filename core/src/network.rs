//! Integer inference of trained networks: a model that fits its arena, and the arena.

mod conv1d;
pub(crate) mod dense;
pub(crate) mod input;
pub(crate) mod kernel;
pub(crate) mod packed;
mod recurrent;
pub(crate) mod requantise;

pub use input::quantise;
pub use packed::{CacheLine, PackingTooSmall};

use crate::model::layer::even;
use crate::model::layer::lookup::Tables;
use crate::model::{Curve, Layer, Model, ModelError};
use conv1d::conv1d;
use kernel::{Best, PackedWeights, dense};
use recurrent::recurrent;

/// The arena of a network: `N` values in 2·N bytes, all zeros when new.
///
/// A layer's inputs are at one end and its outputs at the other; the next layer works the other way
/// round. `N` is at least the model's [`arena_len`](crate::model::arena_len). Values of 8 bits take
/// 16 bits too: every kernel multiplies 16-bit numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(C, align(4))]
pub struct Activations<const N: usize>([i16; N]);

impl<const N: usize> Activations<N> {
    /// All zeros.
    pub const fn new() -> Self {
        const { assert!(N > 0, "N: at least one value") };
        Self([0; N])
    }

    /// The place of the network's inputs, to be filled by the caller. The outputs of the last run
    /// may be there.
    pub const fn inputs(&mut self) -> &mut [i16; N] {
        &mut self.0
    }

    /// Start of the second end if it has `count` values. Even, for kernels that load two values at
    /// a time.
    const fn back(count: usize) -> usize {
        (N & !1).saturating_sub(even(count))
    }

    /// `count` values at one of the ends.
    fn end(&self, back: bool, count: usize) -> &[i16] {
        let start = if back { Self::back(count) } else { 0 };
        self.0.get(start..start + count).unwrap_or_default()
    }

    /// Moves `count` values, which may overlap their new place.
    pub(crate) fn move_values(&mut self, (from, to, count): (usize, usize, usize)) {
        for k in 0..count {
            let k = if from < to { count - 1 - k } else { k };
            let value = self.0.get(from + k).copied().unwrap_or_default();
            if let Some(place) = self.0.get_mut(to + k) {
                *place = value;
            }
        }
    }

    /// The inputs of a layer, the values between, and the place of its outputs.
    fn ends(&mut self, back: bool, inputs: usize, outputs: usize) -> [&mut [i16]; 3] {
        let (first, second) = if back {
            (outputs, inputs)
        } else {
            (inputs, outputs)
        };
        let (front, rest) = self.0.split_at_mut_checked(even(first)).unwrap_or_default();
        let middle = Self::back(second).saturating_sub(even(first));
        let (middle, rest) = rest.split_at_mut_checked(middle).unwrap_or_default();
        let front = front.get_mut(..first).unwrap_or_default();
        let rest = rest.get_mut(..second).unwrap_or_default();
        if back {
            [rest, middle, front]
        } else {
            [front, middle, rest]
        }
    }
}

impl<const N: usize> Default for Activations<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// A model that fits an arena of `N` values: from here on nothing can fail.
///
/// ```
/// # use bellwether::model::Aligned;
/// # static PUMP: Aligned<[u8; 244]> = Aligned(*include_bytes!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"),
/// #     "/examples/pump.bwm"
/// # )));
/// use bellwether::network::{Activations, Network};
/// use bellwether::{Model, ModelError};
/// let network = Network::<4>::new(Model::parse(&PUMP.0)?)?;
/// let mut activations = Activations::new();
/// activations.inputs()[..2].copy_from_slice(&[64, 16]);
/// assert_eq!(network.run(&mut activations), [40, 40]); // the mean of the two
///
/// let too_small = Network::<2>::new(*network.model()).err();
/// assert_eq!(too_small, Some(ModelError::Capacity { needed: 4, found: 2 }));
/// # Ok::<(), ModelError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Network<'m, const N: usize> {
    model: Model<'m>,
    packed: PackedWeights<'m>,
}

impl<'m, const N: usize> Network<'m, N> {
    /// Checks that every layer fits.
    ///
    /// # Errors
    /// [`ModelError::Capacity`] if a layer does not fit.
    pub fn new(model: Model<'m>) -> Result<Self, ModelError> {
        let needed = model.arena_len();
        if needed <= N {
            let packed = PackedWeights::default();
            Ok(Self { model, packed })
        } else {
            Err(ModelError::Capacity { needed, found: N })
        }
    }

    /// Number of cache lines for [`with_packed_weights`](Self::with_packed_weights); 0 if packing
    /// has no advantage. It has one on x86-64 with AVX-512 and VNNI, for dense and convolutional
    /// layers with inputs of 8 bits.
    pub fn packed_lines(&self) -> usize {
        PackedWeights::lines(self.model.layers())
    }

    /// Packs the weights: copies them to the caller's memory in the order of the processor at hand.
    /// The outputs are the same and take less time. Cost: about one byte per weight, and one pass.
    ///
    /// ```
    /// # use bellwether::model::Aligned;
    /// # static PUMP: Aligned<[u8; 244]> = Aligned(*include_bytes!(concat!(
    /// #     env!("CARGO_MANIFEST_DIR"),
    /// #     "/examples/pump.bwm"
    /// # )));
    /// use bellwether::Model;
    /// use bellwether::network::{Activations, CacheLine, Network};
    /// let network = Network::<4>::new(Model::parse(&PUMP.0)?)?;
    /// let mut memory = vec![CacheLine::ZERO; network.packed_lines()];
    /// let packed = network.with_packed_weights(&mut memory)?;
    /// let (mut a, mut b) = (Activations::new(), Activations::new());
    /// assert_eq!(packed.run(&mut a), network.run(&mut b));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `memory` has fewer lines than [`packed_lines`](Self::packed_lines).
    pub fn with_packed_weights(self, memory: &'m mut [CacheLine]) -> Result<Self, PackingTooSmall> {
        let (needed, found) = (self.packed_lines(), memory.len());
        let memory = memory
            .get_mut(..needed)
            .ok_or(PackingTooSmall { needed, found })?;
        Ok(Self {
            packed: PackedWeights::fill(self.model.layers(), memory),
            ..self
        })
    }

    /// The model.
    pub const fn model(&self) -> &Model<'m> {
        &self.model
    }

    /// Runs all layers on [`Activations::inputs`] and returns the outputs. Inputs must be on the
    /// model's input grid. Cost: [`Model::macs`] multiply-and-add steps.
    pub fn run<'a>(&self, activations: &'a mut Activations<N>) -> &'a [i16] {
        self.run_layers(activations, |_, _| ())
    }

    /// As [`run`](Self::run), and shows each layer's index and outputs.
    pub fn run_layers<'a>(
        &self,
        activations: &'a mut Activations<N>,
        mut show: impl FnMut(usize, &[i16]),
    ) -> &'a [i16] {
        let mut packed = self.packed;
        let mut back = false;
        for k in 0..self.model.layers().len() {
            // By index: an iterator would copy the layer once more.
            let layer = self.model.layer(k);
            let shape = layer.shape();
            let rounding = layer.rounding().unwrap_or(self.model.rounding());
            let [x, spare, y] = activations.ends(back, shape.inputs, shape.outputs);
            let own = packed.next(&layer);
            // Separate calls: layer kinds that the model does not use cost no stack.
            match &layer {
                Layer::Dense(layer) => dense(layer, own, rounding, x, y),
                Layer::Lookup(layer) => lookup(&layer.tables, x, y),
                Layer::Conv1d(layer) => conv1d(layer, own, rounding, x, spare, y),
                Layer::Recurrent(layer) => recurrent::<Best>(layer, rounding, x, spare, y),
                Layer::Curve(layer) => curve(layer, x, y),
            }
            show(k, y);
            back = !back;
        }
        activations.end(back, self.model.outputs())
    }

    /// Where the outputs of the last run begin.
    pub(crate) fn outputs_at(&self) -> usize {
        if self.model.layers().len().is_multiple_of(2) {
            0
        } else {
            Activations::<N>::back(self.model.outputs())
        }
    }

    /// The outputs of the last run.
    pub fn outputs<'a>(&self, activations: &'a Activations<N>) -> &'a [i16] {
        let back = !self.model.layers().len().is_multiple_of(2);
        activations.end(back, self.model.outputs())
    }
}

/// Applies its channel's function to each value.
#[inline(never)]
fn lookup(tables: &Tables<'_>, x: &[i16], y: &mut [i16]) {
    let channels = tables.count();
    if channels <= 1 {
        // The common case, without a step.
        let table = tables.table(0);
        for (y, x) in y.iter_mut().zip(x) {
            *y = table.value(*x);
        }
        return;
    }
    for channel in 0..channels {
        let table = tables.table(channel);
        let values = y.iter_mut().zip(x).skip(channel);
        for (y, x) in values.step_by(channels) {
            *y = table.value(*x);
        }
    }
}

/// Applies sigmoid or tanh to each value.
#[inline(never)]
fn curve(curve: &Curve<'_>, x: &[i16], y: &mut [i16]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = curve.value(*x);
    }
}
