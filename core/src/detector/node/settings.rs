//! The choices of a user, and their check.

use crate::error::{Allowed, SettingsError};
use crate::quartet;

/// Largest share of the held-out rows that a fit leaves out.
const MOST_TRIMMED: f32 = 0.5;

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<S> {
    /// Those of the lanes: [`wide::Settings`](super::wide::Settings), or those of a quartet.
    pub lanes: S,
    /// Score above which a row is anomalous, above 0; `None` for that of the fit.
    pub threshold: Option<f32>,
    /// Whether limits follow slowly upward. Without it a long fault is seen to its end, and so is every creep.
    pub follow: bool,
    /// Share of the held-out rows that the fit leaves out, those of the largest onsets: 0 to 0.5. For rows of
    /// which some are bad, 0.15; where all are good, it about doubles false alarms.
    pub trim: f32,
}

impl<S> Settings<S> {
    /// With the threshold of the fit, limits that follow, and no row left out.
    pub const fn new(lanes: S) -> Self {
        Self {
            lanes,
            threshold: None,
            follow: true,
            trim: 0.0,
        }
    }
}

/// Checked [`Settings`] for `V` variables at most.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<R, const V: usize> {
    lanes: R,
    threshold: Option<f32>,
    follow: bool,
    trim: f32,
}

impl<R, const V: usize> Rules<R, V> {
    /// Those of the lanes.
    pub const fn lanes(&self) -> &R {
        &self.lanes
    }

    /// The threshold, if it is not that of the fit.
    pub const fn threshold(&self) -> Option<f32> {
        self.threshold
    }

    /// Whether limits follow.
    pub const fn follow(&self) -> bool {
        self.follow
    }

    /// Share of the held-out rows that the fit leaves out.
    pub const fn trim(&self) -> f32 {
        self.trim
    }
}

/// Rules that know how many variables a row has.
pub trait Variables {
    /// Variables of a row.
    fn variables(&self) -> usize;
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize> Variables
    for quartet::Rules<FLOATS, BYTES, DISTANCES>
{
    fn variables(&self) -> usize {
        self.settings().shape.variables.into()
    }
}

impl<S, R, const V: usize> TryFrom<Settings<S>> for Rules<R, V>
where
    R: TryFrom<S, Error = SettingsError> + Variables,
{
    type Error = SettingsError;

    fn try_from(settings: Settings<S>) -> Result<Self, SettingsError> {
        let Settings {
            lanes,
            threshold,
            follow,
            trim,
        } = settings;
        let lanes: R = lanes.try_into()?;
        if lanes.variables() > V {
            return Err(SettingsError::count("variables", lanes.variables(), V));
        }
        if let Some(threshold) = threshold
            && !(threshold.is_finite() && threshold > 0.0)
        {
            let allowed = Allowed::Above(0.0);
            return Err(SettingsError::new("threshold", threshold, allowed));
        }
        if !(0.0..=MOST_TRIMMED).contains(&trim) {
            let allowed = Allowed::Within(0.0, MOST_TRIMMED);
            return Err(SettingsError::new("trim", trim, allowed));
        }
        Ok(Self {
            lanes,
            threshold,
            follow,
            trim,
        })
    }
}
