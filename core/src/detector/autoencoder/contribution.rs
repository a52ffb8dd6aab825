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
    for mut candidate in contributions {
        for place in &mut top {
            match place {
                Some(held) if abs(candidate.error) > abs(held.error) => {
                    core::mem::swap(held, &mut candidate);
                }
                Some(_) => {}
                None => {
                    *place = Some(candidate);
                    break;
                }
            }
        }
    }
    top
}
