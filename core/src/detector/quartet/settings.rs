//! The choices of a user, and their check against the room there is.

use super::Shape;
use crate::error::{Allowed, SettingsError};

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// The sizes. The type must have room for them.
    pub shape: Shape,
    /// Rows from one candidate for the memories to the next, 1 or more.
    pub every: u16,
    /// Distances between vectors that learning may compute per row, 1 or more; `None` for no bound.
    /// With a bound, a memory changes up to `every` rows later, and rows cost alike.
    pub distances_per_row: Option<u16>,
    /// Score above which a row is anomalous; finite and above 0.
    pub threshold: f32,
}

impl Settings {
    /// The settings that all figures are measured with.
    pub const fn new(shape: Shape) -> Self {
        Self {
            shape,
            every: 40,
            distances_per_row: None,
            threshold: 2.0,
        }
    }
}

/// Checked [`Settings`] for arrays of `FLOATS`, `BYTES` and `DISTANCES`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize>(Settings);

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize>
    Rules<FLOATS, BYTES, DISTANCES>
{
    /// The settings.
    pub const fn settings(&self) -> Settings {
        self.0
    }

    pub(super) const fn shape(&self) -> Shape {
        self.0.shape
    }

    /// The largest number from `least` to `most` of which the shape fits; 0 if none does.
    fn largest(least: u16, most: u16, shape: impl Fn(u16) -> Shape) -> u16 {
        let fits = |n: &u16| shape(*n).fits(FLOATS, BYTES, DISTANCES);
        (least..=most).rev().find(fits).unwrap_or(0)
    }

    fn room(shape: Shape) -> Result<(), SettingsError> {
        let refuse = |field, found: u16, (least, most): (u16, u16)| {
            let allowed = Allowed::Within(least.into(), most.into());
            Err(SettingsError::new(field, found.into(), allowed))
        };
        let Shape {
            variables,
            vectors,
            candidates,
        } = shape;
        let most = Shape::most_variables(FLOATS, BYTES);
        if variables == 0 || variables > most {
            return refuse("variables", variables, (1, most));
        }
        let fixed = |vectors| Shape {
            vectors,
            candidates: 0,
            ..shape
        };
        let most = Self::largest(2, 256, fixed);
        if vectors < 2 || vectors > most {
            return refuse("vectors", vectors, (2, most));
        }
        let learning = |candidates| Shape {
            candidates,
            ..shape
        };
        let most = Self::largest(1, 254, learning);
        if candidates > most {
            return refuse("candidates", candidates, (0, most));
        }
        Ok(())
    }
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize> TryFrom<Settings>
    for Rules<FLOATS, BYTES, DISTANCES>
{
    type Error = SettingsError;

    fn try_from(settings: Settings) -> Result<Self, SettingsError> {
        let Settings {
            shape,
            every,
            distances_per_row,
            threshold,
        } = settings;
        if !(shape.is_allowed() && shape.fits(FLOATS, BYTES, DISTANCES)) {
            Self::room(shape)?;
        }
        for (field, count) in [
            ("every", Some(every)),
            ("distances_per_row", distances_per_row),
        ] {
            if count == Some(0) {
                return Err(SettingsError::new(field, 0.0, Allowed::AtLeast(1.0)));
            }
        }
        if !(threshold.is_finite() && threshold > 0.0) {
            let allowed = Allowed::Above(0.0);
            return Err(SettingsError::new("threshold", threshold, allowed));
        }
        Ok(Self(settings))
    }
}
