//! From readings to the network's grid, in f32 without any library function:
//! `q = clamp(round_half_even(x' / scale) + zero point, low, high)`.

use crate::model::{Model, QuantParams};
use crate::sample::{Cause, Reading};

/// Beyond this many steps from the zero point every value saturates.
const FAR: f32 = 131_072.0;

/// The point of the grid next to a scaled value, and whether the value lies outside the grid.
/// Ties go to the even number of steps. A NaN is the zero point.
pub fn quantise(grid: &QuantParams, x: f32) -> (i16, bool) {
    // Adding 1.5·2^23 leaves no room for a fraction: the sum is rounded to the nearest
    // integer, ties to even, and the difference is exact.
    const SHIFT: f32 = 12_582_912.0;
    let steps = (x / grid.scale).clamp(-FAR, FAR);
    let q = ((steps + SHIFT) - SHIFT) as i32 + i32::from(grid.zero_point);
    let (low, high) = (i32::from(grid.low()), i32::from(grid.high()));
    (q.clamp(low, high) as i16, q < low || q > high)
}

/// One input of the network: scaled, or why it is absent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled {
    /// In the network's unit; the training data's mean where absent.
    pub(crate) x: f32,
    /// Why there is no value.
    pub(crate) absent: Option<Cause>,
}

/// The inputs of a model, in order: readings scaled; what is missing at the end is absent.
pub(crate) fn scaled<'a>(
    model: &'a Model<'_>,
    readings: impl Iterator<Item = Reading> + 'a,
) -> impl Iterator<Item = Scaled> + 'a {
    let mut feature = 0;
    let missing = core::iter::repeat(Reading::Absent(Cause::Missing));
    readings
        .chain(missing)
        .take(model.inputs())
        .map(move |reading: Reading| {
            let scale = model.scale(feature);
            feature += 1;
            if feature == model.feature_count() {
                feature = 0;
            }
            match reading.usable() {
                Ok(x) => Scaled {
                    x: scale.apply(x),
                    absent: None,
                },
                Err(cause) => Scaled {
                    x: scale.apply(scale.mean),
                    absent: Some(cause),
                },
            }
        })
}
