//! Inference of trained networks in integers: a model that fits its arena, and the arena.

mod conv1d;
pub(crate) mod dense;
pub(crate) mod input;
mod kernel;
pub(crate) mod packed;
mod recurrent;
pub(crate) mod requantise;

pub use input::quantise;
pub use packed::{CacheLine, PackingTooSmall};

use crate::model::layer::even;
use crate::model::layer::lookup::Table;
use crate::model::{Layer, Model, ModelError};
use conv1d::conv1d;
use kernel::{Best, PackedWeights, dense};
use recurrent::recurrent;

/// The values of a network while it runs: what a layer takes lies at one end, what it gives at
/// the other, and the next layer works the other way round. `N` is at least the model's
/// [`room`](crate::model::arena_len); 2·N bytes, all zeros when new. Values take 16 bits, also where
/// they have only 8: every kernel multiplies 16-bit numbers.
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

    /// Where the caller puts the network's inputs; the outputs of the last run may lie there.
    pub const fn inputs(&mut self) -> &mut [i16; N] {
        &mut self.0
    }

    /// Where the second of two ends begins, if it holds `count` values: at an even place, for
    /// kernels that load two values at a time.
    const fn back(count: usize) -> usize {
        (N & !1).saturating_sub(even(count))
    }

    /// `count` values at one of the ends.
    fn end(&self, back: bool, count: usize) -> &[i16] {
        let start = if back { Self::back(count) } else { 0 };
        self.0.get(start..start + count).unwrap_or_default()
    }

    /// What a layer takes, the values between, and where its outputs go.
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

/// A model whose layers fit a room of `N` values: from here on nothing can fail.
///
/// ```
/// use bellwether::network::{Activations, Network};
/// use bellwether::{Model, ModelError};
/// /// Outputs of a model for one vector of int8 inputs.
/// fn infer<'a>(
///     model: Model<'_>,
///     activations: &'a mut Activations<768>,
///     inputs: &[i8],
/// ) -> Result<&'a [i16], ModelError> {
///     let network = Network::<768>::new(model)?;
///     for (to, from) in activations.inputs().iter_mut().zip(inputs) {
///         *to = i16::from(*from);
///     }
///     Ok(network.run(activations))
/// }
/// assert_eq!(Model::parse(b"not a model").err(), Some(ModelError::Magic));
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
    /// [`ModelError::Capacity`] where one does not.
    pub fn new(model: Model<'m>) -> Result<Self, ModelError> {
        let needed = model.arena_len();
        if needed <= N {
            let packed = PackedWeights::default();
            Ok(Self { model, packed })
        } else {
            Err(ModelError::Capacity { needed, found: N })
        }
    }

    /// Lines that [`with_packed_weights`](Self::with_packed_weights) fills; 0 where it gains nothing: packing is for
    /// x86-64 with AVX-512 and VNNI, and for dense and convolutional layers with inputs of 8 bits.
    pub fn packed_lines(&self) -> usize {
        PackedWeights::lines(self.model.layers())
    }

    /// Copies weights to memory of the caller, in the order of the processor at hand: the same
    /// outputs in less time. Takes about one byte per weight; one pass over them.
    ///
    /// ```
    /// use bellwether::network::{CacheLine, Network};
    /// use bellwether::{Model, ModelError};
    /// use std::error::Error;
    /// /// A network, as fast as this machine runs it.
    /// fn load<'m>(
    ///     model: Model<'m>,
    ///     memory: &'m mut Vec<CacheLine>,
    /// ) -> Result<Network<'m, 768>, Box<dyn Error>> {
    ///     let network = Network::new(model)?;
    ///     memory.resize(network.packed_lines(), CacheLine::ZERO);
    ///     Ok(network.with_packed_weights(memory)?)
    /// }
    /// # assert_eq!(Model::parse(b"not a model").err(), Some(ModelError::Magic));
    /// ```
    ///
    /// # Errors
    /// There are fewer lines than [`packed_lines`](Self::packed_lines).
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

    /// Runs all layers on what lies in [`Activations::inputs`], and returns the outputs;
    /// [`Model::macs`] multiply-and-add steps. Inputs must lie on the model's input grid.
    pub fn run<'a>(&self, activations: &'a mut Activations<N>) -> &'a [i16] {
        self.run_layers(activations, |_, _| ())
    }

    /// As [`run`](Self::run), and shows each layer's index and outputs.
    pub fn run_layers<'a>(
        &self,
        activations: &'a mut Activations<N>,
        mut show: impl FnMut(usize, &[i16]),
    ) -> &'a [i16] {
        let rounding = self.model.rounding();
        let mut packed = self.packed;
        let mut back = false;
        for k in 0..self.model.layers().len() {
            // By its number: an iterator would move it once more.
            let layer = self.model.layer(k);
            let shape = layer.shape();
            let [x, spare, y] = activations.ends(back, shape.inputs, shape.outputs);
            let own = packed.next(&layer);
            // Each by itself, so that kinds which are not called take no stack.
            match &layer {
                Layer::Dense(layer) => dense(layer, own, rounding, x, y),
                Layer::Lookup(layer) => lookup(&layer.table, x, y),
                Layer::Conv1d(layer) => conv1d(layer, own, rounding, x, spare, y),
                Layer::Recurrent(layer) => recurrent::<Best>(layer, rounding, x, spare, y),
            }
            show(k, y);
            back = !back;
        }
        activations.end(back, self.model.outputs())
    }

    /// The outputs of the last run.
    pub fn outputs<'a>(&self, activations: &'a Activations<N>) -> &'a [i16] {
        let back = !self.model.layers().len().is_multiple_of(2);
        activations.end(back, self.model.outputs())
    }
}

/// The function of each value.
#[inline(never)]
fn lookup(table: &Table<'_>, x: &[i16], y: &mut [i16]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = table.value(*x);
    }
}
