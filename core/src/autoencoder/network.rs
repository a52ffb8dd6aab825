//! A model that fits its buffers, and the buffers.

use super::kernel::{Scratch, dense};
use crate::model::{Layer, Model, ModelError};

/// Two buffers that layers read from and write to in turn. `N` is at least the model's
/// [`width`](crate::model::width); 2·N bytes, all zeros when new. On Cortex-M4 and M7, whose kernel
/// takes the inputs of a layer as 16-bit numbers, 4·N bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Activations<const N: usize> {
    /// Inputs, and the outputs of every second layer.
    front: [i8; N],
    /// The outputs of the others.
    back: [i8; N],
    /// Inputs as the kernel wants them.
    scratch: Scratch<N>,
}

impl<const N: usize> Activations<N> {
    /// All zeros.
    pub const fn new() -> Self {
        const { assert!(N > 0, "N: at least one value") };
        Self {
            front: [0; N],
            back: [0; N],
            scratch: Scratch::new(),
        }
    }

    /// Where the caller puts the network's inputs; the outputs of the last run may lie there.
    pub const fn inputs(&mut self) -> &mut [i8; N] {
        &mut self.front
    }
}

impl<const N: usize> Default for Activations<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// A model whose layers fit buffers of `N` values: from here on nothing can fail.
///
/// ```
/// use bellwether::autoencoder::{Activations, Network};
/// use bellwether::{Model, ModelError};
/// /// Outputs of a model for one vector of int8 inputs.
/// fn infer<'a>(
///     model: Model<'_>,
///     activations: &'a mut Activations<640>,
///     inputs: &[i8],
/// ) -> Result<&'a [i8], ModelError> {
///     let network = Network::<640>::new(model)?;
///     for (to, from) in activations.inputs().iter_mut().zip(inputs) {
///         *to = *from;
///     }
///     Ok(network.run(activations))
/// }
/// assert_eq!(Model::parse(b"not a model").err(), Some(ModelError::Magic));
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Network<'m, const N: usize> {
    model: Model<'m>,
}

impl<'m, const N: usize> Network<'m, N> {
    /// Checks that the widest layer fits.
    ///
    /// # Errors
    /// [`ModelError::Capacity`] where it does not.
    pub fn new(model: Model<'m>) -> Result<Self, ModelError> {
        let needed = model.width();
        if needed <= N {
            Ok(Self { model })
        } else {
            Err(ModelError::Capacity { needed, found: N })
        }
    }

    /// The model.
    pub const fn model(&self) -> &Model<'m> {
        &self.model
    }

    /// Runs all layers on what lies in [`Activations::inputs`], and returns the outputs;
    /// [`Model::macs`] multiply-and-add steps.
    pub fn run<'a>(&self, activations: &'a mut Activations<N>) -> &'a [i8] {
        self.trace(activations, |_, _| ())
    }

    /// As [`run`](Self::run), and shows each layer's index and outputs.
    pub fn trace<'a>(
        &self,
        activations: &'a mut Activations<N>,
        mut show: impl FnMut(usize, &[i8]),
    ) -> &'a [i8] {
        let rounding = self.model.rounding();
        let mut x: &'a mut [i8] = &mut activations.front;
        let mut y: &'a mut [i8] = &mut activations.back;
        for (k, Layer::Dense(layer)) in self.model.layers().enumerate() {
            let from = x.get(..layer.inputs).unwrap_or_default();
            let to = y.get_mut(..layer.outputs).unwrap_or_default();
            dense(&layer, rounding, from, to, &mut activations.scratch);
            show(k, to);
            core::mem::swap(&mut x, &mut y);
        }
        x.get(..self.model.outputs()).unwrap_or_default()
    }

    /// The outputs of the last run.
    pub fn outputs<'a>(&self, activations: &'a Activations<N>) -> &'a [i8] {
        let even = self.model.layers().len().is_multiple_of(2);
        let buffer = if even {
            &activations.front
        } else {
            &activations.back
        };
        buffer.get(..self.model.outputs()).unwrap_or_default()
    }
}
