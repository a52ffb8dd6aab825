//! The variables that caused a score.

use crate::math::abs;

/// One variable's part in a reconstruction error.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Contribution {
    /// Index of the variable among the model's features.
    pub feature: usize,
    /// Frame of the window, 0 the oldest.
    pub frame: usize,
    /// The value, in the variable's unit.
    pub value: f32,
    /// Expected value: the network's reconstruction, in the variable's unit.
    pub expected: f32,
    /// Value minus expected value, in scaled units, or in standard deviations if the network
    /// predicts them. The scores are computed from these errors.
    pub error: f32,
}

/// The `K` contributions with the largest absolute errors, largest first; the earlier one of
/// equals. `None` for lacking ones. Cost: `K` comparisons per contribution.
pub fn largest<const K: usize>(
    contributions: impl Iterator<Item = Contribution>,
) -> [Option<Contribution>; K] {
    let mut top: [Option<Contribution>; K] = [None; K];
    for candidate in contributions {
        let mut candidate = Some(candidate);
        let below = |held: &Option<Contribution>| match (held, candidate) {
            (Some(held), Some(new)) => abs(new.error) > abs(held.error),
            _ => true,
        };
        let place = top.iter().position(below).unwrap_or(K);
        // Those behind it move by one, so that equal ones keep their order.
        for held in top.iter_mut().skip(place) {
            core::mem::swap(held, &mut candidate);
        }
    }
    top
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Broken by a smaller one that loses its place to an equal one behind it when both are moved.
    #[test]
    fn equal_errors_keep_their_order() {
        let part = |(feature, error): (usize, &f32)| Contribution {
            feature,
            error: *error,
            ..Contribution::default()
        };
        let errors = [0.0, 0.0, 1.0, -2.0, 1.0, 0.0];
        let top: [_; 5] = largest(errors.iter().enumerate().map(part));
        let order: Vec<usize> = top.iter().flatten().map(|part| part.feature).collect();
        assert_eq!(order, [3, 2, 4, 0, 1]);
        let few: [_; 7] = largest(errors.iter().enumerate().map(part));
        assert_eq!(few.iter().flatten().count(), 6);
        let none: [Option<Contribution>; 0] = largest(errors.iter().enumerate().map(part));
        assert!(none.is_empty());
    }
}
