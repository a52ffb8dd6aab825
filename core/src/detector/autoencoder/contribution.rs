//! Which variables caused a score.

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
    /// What the network makes of it, in the variable's unit.
    pub expected: f32,
    /// Value minus expectation in scaled units, or in deviations where the network expects them:
    /// what the scores are made of.
    pub error: f32,
}

/// The `K` largest of some contributions by absolute error, largest first, of equal ones the
/// first; `None` where there are fewer. `K` comparisons each.
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
