//! Settings and checked rules.

use crate::error::{Allowed, SettingsError};

/// The event with which a run begins. [`Golden::begin`](super::Golden::begin) begins one too.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Begin {
    /// Only the call. Frames are given while a run is on.
    Call,
    /// Every so many ticks, at multiples of it; 4 to `P`.
    Every(u32),
    /// A value that rises to a level or above, from below: a start signal, a motor's current.
    Rises {
        /// The variable.
        variable: u16,
        /// The level, in the variable's unit; finite.
        level: f32,
    },
}

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const V: usize, const P: usize, const W: usize> {
    /// Variables in use, 1 to `V`.
    pub variables: u16,
    /// The event with which a run begins.
    pub begin: Begin,
    /// Good runs that are learned from, 1 or more.
    pub runs: u8,
    /// Rows that a run may be ahead of the golden run or behind it, at most `W / 2`.
    pub slack: u16,
    /// Deviations above which a row is anomalous; finite and above 0.
    pub limit: f32,
    /// Smallest deviation, as a share of the variable's over the golden run; finite and above 0.
    pub least: f32,
}

impl<const V: usize, const P: usize, const W: usize> Settings<V, P, W> {
    /// Five runs that begin with a call, the whole window, six deviations.
    pub const DEFAULT: Self = Self {
        variables: V as u16,
        begin: Begin::Call,
        runs: 5,
        slack: (W / 2) as u16,
        limit: 6.0,
        least: 0.02,
    };
}

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const V: usize, const P: usize, const W: usize>(pub(super) Settings<V, P, W>);

impl<const V: usize, const P: usize, const W: usize> TryFrom<Settings<V, P, W>> for Rules<V, P, W> {
    type Error = SettingsError;

    fn try_from(settings: Settings<V, P, W>) -> Result<Self, SettingsError> {
        let Settings {
            variables,
            begin,
            runs,
            slack,
            limit,
            least,
        } = settings;
        if variables == 0 || usize::from(variables) > V {
            return Err(SettingsError::count("variables", variables.into(), V));
        }
        match begin {
            Begin::Every(rows) if !(4..=P).contains(&(rows as usize)) => {
                let allowed = Allowed::Within(4.0, P as f32);
                return Err(SettingsError::new("every", rows as f32, allowed));
            }
            Begin::Rises { variable, .. } if variable >= variables => {
                let allowed = Allowed::Below(0.0, variables.into());
                return Err(SettingsError::new("variable", variable.into(), allowed));
            }
            Begin::Rises { level, .. } if !level.is_finite() => {
                let allowed = Allowed::Within(f32::MIN, f32::MAX);
                return Err(SettingsError::new("level", level, allowed));
            }
            _ => {}
        }
        if runs == 0 {
            return Err(SettingsError::count("runs", 0, u8::MAX.into()));
        }
        if usize::from(slack) > W / 2 {
            let allowed = Allowed::Within(0.0, (W / 2) as f32);
            return Err(SettingsError::new("slack", slack.into(), allowed));
        }
        for (field, value) in [("limit", limit), ("least", least)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(SettingsError::new(field, value, Allowed::Above(0.0)));
            }
        }
        Ok(Self(settings))
    }
}
