//! Settings and checked rules.

use super::history::VALUES;
use crate::error::{Allowed, SettingsError};

/// Least rows of a training: a dozen vectors in each half.
const WINDOW: u16 = 24;

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const V: usize, const MODELS: usize> {
    /// Variables in use, 1 to `V`.
    pub variables: u16,
    /// Rows of a training, 24 or more; a new one begins every half of it.
    pub window: u16,
    /// Models of a variable before it is judged, 1 to `MODELS`.
    pub quorum: u16,
    /// The part of a training's range of distances from which its model says anomalous; finite, above 0.
    pub limit: f32,
    /// Share of anomalous variables above which a row is anomalous; 0 or more, below 1.
    pub rate: f32,
}

impl<const V: usize, const MODELS: usize> Settings<V, MODELS> {
    /// Trainings of six hours of minutes. A row is anomalous if more than a tenth of its variables are.
    pub const DEFAULT: Self = Self {
        variables: V as u16,
        window: 360,
        quorum: if MODELS < 3 { MODELS as u16 } else { 3 },
        limit: 0.99,
        rate: 0.1,
    };
}

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const V: usize, const MODELS: usize>(pub(super) Settings<V, MODELS>);

impl<const V: usize, const MODELS: usize> Rules<V, MODELS> {
    /// Vectors of half a training.
    pub(super) const fn half(&self) -> u16 {
        self.0.window / 2
    }

    /// Vectors by which the trainings of a variable are early, so that those of all variables end in different rows.
    pub(super) fn early(&self, variable: usize) -> u16 {
        let all = usize::from(self.0.variables);
        let early = (usize::from(self.half()) / 2 * variable).checked_div(all);
        early.unwrap_or(0) as u16
    }

    /// Usable rows before every variable has its models.
    pub(super) fn warm_up(&self) -> u32 {
        u32::from(VALUES) - 1 + u32::from(self.half()) * (u32::from(self.0.quorum) + 1)
    }
}

impl<const V: usize, const MODELS: usize> TryFrom<Settings<V, MODELS>> for Rules<V, MODELS> {
    type Error = SettingsError;

    fn try_from(settings: Settings<V, MODELS>) -> Result<Self, SettingsError> {
        let Settings {
            variables,
            window,
            quorum,
            limit,
            rate,
        } = settings;
        if variables == 0 || usize::from(variables) > V {
            return Err(SettingsError::count("variables", variables.into(), V));
        }
        if window < WINDOW {
            let allowed = Allowed::AtLeast(WINDOW.into());
            return Err(SettingsError::new("window", window.into(), allowed));
        }
        if quorum == 0 || usize::from(quorum) > MODELS {
            return Err(SettingsError::count("quorum", quorum.into(), MODELS));
        }
        if !(limit.is_finite() && limit > 0.0) {
            return Err(SettingsError::new("limit", limit, Allowed::Above(0.0)));
        }
        if !(0.0..1.0).contains(&rate) {
            return Err(SettingsError::new("rate", rate, Allowed::Below(0.0, 1.0)));
        }
        Ok(Self(settings))
    }
}
