//! Quantisation of readings, in f32 without any library function:
//! `q = clamp(round_half_even(x' / scale) + zero point, low, high)`.

use crate::model::{Model, QuantParams};
use crate::sample::{Cause, Reading};

/// Beyond this many steps from the zero point every value saturates.
const FAR: f32 = 131_072.0;

/// The nearest point of the grid to a scaled value, and whether the value is saturated. Ties go to
/// the even number of steps. NaN becomes the zero point.
///
/// ```
/// use bellwether::model::QuantParams;
/// use bellwether::network::quantise;
/// let grid = QuantParams { scale: 0.5, zero_point: 0, wide: false };
/// assert_eq!([1.2, 1.25, 1.75].map(|x| quantise(&grid, x).0), [2, 2, 4]);
/// assert_eq!(quantise(&grid, 100.0), (127, true));
/// ```
pub fn quantise(grid: &QuantParams, x: f32) -> (i16, bool) {
    // Adding 1.5·2^23 leaves no room for a fraction: the sum is rounded to the nearest
    // integer, ties to even, and the difference is exact.
    const SHIFT: f32 = 12_582_912.0;
    let steps = (x / grid.scale).clamp(-FAR, FAR);
    let q = ((steps + SHIFT) - SHIFT) as i32 + i32::from(grid.zero_point);
    let (low, high) = (i32::from(grid.low()), i32::from(grid.high()));
    (q.clamp(low, high) as i16, q < low || q > high)
}

/// One input of the network: the scaled value, or the cause of its absence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled {
    /// In the network's unit; the training data's mean where absent.
    pub(crate) x: f32,
    /// The cause of an absence.
    pub(crate) absent: Option<Cause>,
}

/// The scaled inputs of a model, in order. Readings lacking at the end are absent.
pub(crate) fn scaled<'a>(
    model: &'a Model<'_>,
    readings: impl Iterator<Item = Reading> + 'a,
) -> impl Iterator<Item = Scaled> + 'a {
    let (mut feature, own) = (0, model.is_scaled());
    let mut readings = readings.fuse();
    // A chain of readings and absent ones would take twice the time.
    (0..model.inputs()).map(move |_| {
        let reading = readings.next();
        let reading = reading.unwrap_or(Reading::Absent(Cause::Missing));
        let scale = model.scale(feature);
        feature += 1;
        if feature == model.feature_count() {
            feature = 0;
        }
        match reading.usable() {
            Ok(x) => Scaled {
                // The same number without a scale, and no division.
                x: if own { scale.apply(x) } else { x },
                absent: None,
            },
            Err(cause) => Scaled {
                x: scale.apply(scale.mean),
                absent: Some(cause),
            },
        }
    })
}
