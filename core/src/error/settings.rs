//! The error of settings, one type for all detectors.

use core::fmt;

/// A refused setting: its name, its value, and the allowed values.
///
/// ```
/// use bellwether::rola::{Rules, Settings};
/// let settings = Settings::<3> { variables: 4, ..Settings::DEFAULT };
/// let refused = Rules::<3, 240, 240>::new(settings).unwrap_err();
/// assert_eq!(refused.to_string(), "variables must be 1 to 3, found 4");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct SettingsError {
    /// Name of the setting.
    pub field: &'static str,
    /// Index of the variable, for a setting per variable.
    pub index: Option<u16>,
    /// The refused value. Counts are exact up to 2^24.
    pub found: f32,
    /// The allowed values.
    pub allowed: Allowed,
}

/// The allowed values of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Allowed {
    /// From the first to the second, both included.
    Within(f32, f32),
    /// From the first, included, to the second, excluded.
    Below(f32, f32),
    /// Finite numbers above this one.
    Above(f32),
    /// This number or more.
    AtLeast(f32),
    /// This number only.
    Exactly(f32),
}

impl SettingsError {
    /// A setting of the detector as a whole.
    pub const fn new(field: &'static str, found: f32, allowed: Allowed) -> Self {
        Self {
            field,
            index: None,
            found,
            allowed,
        }
    }

    /// The same setting of one variable.
    #[must_use]
    pub const fn of_variable(self, index: u16) -> Self {
        Self {
            index: Some(index),
            ..self
        }
    }

    /// A count below 1 or above a capacity.
    pub(crate) const fn count(field: &'static str, found: usize, capacity: usize) -> Self {
        Self::new(field, found as f32, Allowed::Within(1.0, capacity as f32))
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)?;
        if let Some(index) = self.index {
            write!(f, " of variable {index}")?;
        }
        match self.allowed {
            Allowed::Within(low, high) => write!(f, " must be {low} to {high}"),
            Allowed::Below(low, high) => write!(f, " must be at least {low} and below {high}"),
            Allowed::Above(low) => write!(f, " must be finite and above {low}"),
            Allowed::AtLeast(low) => write!(f, " must be at least {low}"),
            Allowed::Exactly(value) => write!(f, " must be {value}"),
        }?;
        write!(f, ", found {}", self.found)
    }
}

impl core::error::Error for SettingsError {}
