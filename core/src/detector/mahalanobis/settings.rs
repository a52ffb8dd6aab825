//! Settings and checked rules.

use crate::error::{Allowed, SettingsError};
use crate::math::sqrt;

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const V: usize> {
    /// Variables in use, 1 to `V`.
    pub variables: u16,
    /// Rows that are learned from, more than there are variables.
    pub learn: u32,
    /// Rows that mean and covariance go back to after these, `learn` or more; 0: nothing more is learned.
    pub memory: u32,
    /// Normal quantile of the limit, 0.1 to 100: 3 stands for a share of 0.99865 of normal rows.
    pub sigmas: f32,
    /// Smallest deviation of a variable, as a share of its mean; finite, 0 or more.
    pub floor: f32,
    /// Smallest deviation of a variable whose others are known, as a share of its own; 0 or more, below 1.
    pub ridge: f32,
}

impl<const V: usize> Settings<V> {
    /// A day of minutes, or ten rows per variable if these are more; fixed after it.
    pub const DEFAULT: Self = Self {
        variables: V as u16,
        learn: if V > 144 { 10 * V as u32 } else { 1440 },
        memory: 0,
        sigmas: 3.0,
        floor: 0.001,
        ridge: 0.05,
    };
}

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const V: usize>(pub(super) Settings<V>);

impl<const V: usize> Rules<V> {
    /// The limit of d² over so many values: the quantile of chi-square, after Wilson and Hilferty.
    pub fn limit(&self, values: usize) -> f32 {
        let values = values.max(1) as f32;
        let spread = 2.0 / (9.0 * values);
        let root = 1.0 - spread + self.0.sigmas * sqrt(spread);
        values * root * root * root
    }
}

impl<const V: usize> TryFrom<Settings<V>> for Rules<V> {
    type Error = SettingsError;

    fn try_from(settings: Settings<V>) -> Result<Self, SettingsError> {
        let Settings {
            variables,
            learn,
            memory,
            sigmas,
            floor,
            ridge,
        } = settings;
        if variables == 0 || usize::from(variables) > V {
            return Err(SettingsError::count("variables", variables.into(), V));
        }
        if learn <= variables.into() {
            let allowed = Allowed::AtLeast(f32::from(variables) + 1.0);
            return Err(SettingsError::new("learn", learn as f32, allowed));
        }
        if memory != 0 && memory < learn {
            let allowed = Allowed::AtLeast(learn as f32);
            return Err(SettingsError::new("memory", memory as f32, allowed));
        }
        if !(0.1..=100.0).contains(&sigmas) {
            let allowed = Allowed::Within(0.1, 100.0);
            return Err(SettingsError::new("sigmas", sigmas, allowed));
        }
        if !(floor.is_finite() && floor >= 0.0) {
            return Err(SettingsError::new("floor", floor, Allowed::AtLeast(0.0)));
        }
        if !(0.0..1.0).contains(&ridge) {
            return Err(SettingsError::new("ridge", ridge, Allowed::Below(0.0, 1.0)));
        }
        Ok(Self(settings))
    }
}
