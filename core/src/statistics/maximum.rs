//! The maximum of the last `N` values, exactly, in a bounded number of steps (van Herk 1992; Gil and
//! Werman 1993).
//!
//! ```text
//! slots     a block of N values, each replaced by the maximum of itself and those after it
//! newest    the maximum of the values that came since, which fill the slots from the front
//! maximum   max(slots[next], newest), which are the last N values
//! ```
//!
//! The block is renewed every N values. A queue of descending values would need an index beside each.

use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// The maximum of the last `N` values, which are 0 before the first. 4·N + 8 bytes, all zeros when
/// new.
///
/// Two comparisons per value, N in every N-th one. Values are not NaN: one counts as -∞.
///
/// ```
/// use bellwether::statistics::maximum::Maximum;
/// let mut maximum = Maximum::<3>::new();
/// let seen = [5.0, 1.0, 2.0, 1.0, 0.5, 0.25].map(|value| {
///     let before = maximum.value();
///     maximum.push(value);
///     before
/// });
/// assert_eq!(seen, [0.0, 5.0, 5.0, 5.0, 2.0, 2.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Maximum<const N: usize> {
    slots: [f32; N],
    newest: f32,
    next: u16,
}

impl<const N: usize> Maximum<N> {
    /// No values yet.
    pub const fn new() -> Self {
        const {
            assert!(N > 0 && N <= u16::MAX as usize, "1 to 65535 values");
        };
        Self {
            slots: [0.0; N],
            newest: 0.0,
            next: 0,
        }
    }

    /// The maximum of the last `N` values.
    pub fn value(&self) -> f32 {
        let block = self.slots.get(usize::from(self.next)).copied();
        let block = block.unwrap_or(f32::NEG_INFINITY);
        if self.next == 0 {
            block
        } else {
            block.max(self.newest)
        }
    }

    /// Takes a value for the oldest.
    pub fn push(&mut self, value: f32) {
        let value = if value.is_nan() {
            f32::NEG_INFINITY
        } else {
            value
        };
        self.newest = if self.next == 0 {
            value
        } else {
            self.newest.max(value)
        };
        if let Some(slot) = self.slots.get_mut(usize::from(self.next)) {
            *slot = value;
        }
        self.next += 1;
        if usize::from(self.next) >= N {
            self.next = 0;
            let mut most = f32::NEG_INFINITY;
            for slot in self.slots.iter_mut().rev() {
                most = most.max(*slot);
                *slot = most;
            }
        }
    }

    pub(crate) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.newest, self.next));
        self.slots.iter().for_each(|slot| body.put(slot));
    }

    /// Reads a maximum into this one, of values within `range`.
    pub(crate) fn restore(
        &mut self,
        body: &mut Reader<'_>,
        range: core::ops::RangeInclusive<f32>,
    ) -> Result<(), SnapshotError> {
        (self.newest, self.next) = body.take()?;
        let mut whole = range.contains(&self.newest) && usize::from(self.next) < N;
        for slot in &mut self.slots {
            *slot = body.take()?;
            whole &= range.contains(slot);
        }
        if whole { Ok(()) } else { Err(body.content()) }
    }
}

impl<const N: usize> Default for Maximum<N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn checked<const N: usize>(values: &[f32]) -> Result<(), TestCaseError> {
        let mut maximum = Maximum::<N>::new();
        let mut all: Vec<f32> = std::vec![0.0; N];
        for value in values {
            let last = all[all.len() - N..].iter();
            prop_assert_eq!(
                maximum.value(),
                last.fold(f32::NEG_INFINITY, |a, b| a.max(*b))
            );
            maximum.push(*value);
            all.push(*value);
        }
        Ok(())
    }

    proptest! {
        /// Broken by a block that is renewed a value too early or too late.
        #[test]
        fn it_is_that_of_a_search(values in prop::collection::vec(-5i8..6, 0..60)) {
            let values: Vec<f32> = values.into_iter().map(f32::from).collect();
            checked::<1>(&values)?;
            checked::<2>(&values)?;
            checked::<7>(&values)?;
        }
    }

    #[test]
    fn the_state_is_as_large_as_documented() {
        assert_eq!(size_of::<Maximum<300>>(), 1208);
    }
}
