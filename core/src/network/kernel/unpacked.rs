//! Packed weights for targets without a kernel for them: always empty.

use crate::model::Layer;
use crate::network::packed::CacheLine;
use core::marker::PhantomData;

/// No packed weights.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct PackedWeights<'w>(PhantomData<&'w [CacheLine]>);

impl<'w> PackedWeights<'w> {
    /// Zero lines.
    pub fn lines<'m>(_: impl Iterator<Item = Layer<'m>>) -> usize {
        0
    }

    /// Fills nothing.
    pub fn fill<'m>(_: impl Iterator<Item = Layer<'m>>, _: &'w mut [CacheLine]) -> Self {
        Self::default()
    }

    /// None.
    pub const fn next(&mut self, _: &Layer<'_>) -> Self {
        *self
    }
}
