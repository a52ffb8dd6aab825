//! All knobs of the ensemble: meaning, unit, default, and where the default comes from.
//!
//! Settings are written by a user; [`Rules`] are settings that were checked once, with what
//! is derived from them. Rules are passed to every call and never stored in the state, so
//! that a fresh detector is all zeros (it costs no flash) and one value serves all lanes.

use crate::detector::repad2::{LaneRules, LaneSettings};
use crate::error::{Allowed, SettingsError};
use crate::sample::MAX_VARIABLES;

/// Settings of the vote (RoLA, section 3: "dynamic" correlation and majority rule).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VoteSettings {
    /// Frames a correlation rests on; `None` is the whole capacity `P`. RoLA's public
    /// implementation uses 2880 (two days of minutes).
    pub history: Option<u16>,
    /// Two variables are related if |r| is above this (strictly). Default 0.95.
    pub limit: f32,
    /// Frames in which both variables were usable, below which no correlation counts.
    /// Default 30.
    pub min_samples: u16,
    /// Pairs of variables whose correlation is computed per frame; `None` votes at once, as
    /// published. A vote that needs more pairs goes on in the frames that follow: flagged variables
    /// wait, lanes go on judging, and no other vote begins until it ends. It rests on the frames up
    /// to the one that it is about and gives the bits of a vote at once if these are still held: if
    /// `history`, and a frame for each that the vote takes beyond the first, fit into the capacity
    /// `P`. Else it rests on fewer, by one for each frame that does not fit. Default `None`.
    pub pairs_per_frame: Option<u16>,
}

impl VoteSettings {
    /// The defaults, as a constant.
    pub const DEFAULT: Self = Self {
        history: None,
        limit: 0.95,
        min_samples: 30,
        pairs_per_frame: None,
    };
}

impl Default for VoteSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Settings of an ensemble of at most `V` variables.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const V: usize> {
    /// Variables in use, 1 to `V`. Default `V`.
    pub variables: u16,
    /// Smallest divisor of a relative error, per variable, in the variable's unit: above 0.
    /// Default 1, as in the public implementation. **1 is wrong for signals that live within
    /// [0, 1]**: there it turns the relative error into an absolute one. Set it well below
    /// the signal's usual size.
    pub floor: [f32; V],
    /// Settings of every lane.
    pub lane: LaneSettings,
    /// Settings of the vote.
    pub vote: VoteSettings,
}

impl<const V: usize> Settings<V> {
    /// The defaults, as a constant.
    pub const DEFAULT: Self = Self {
        variables: if V < MAX_VARIABLES {
            V as u16
        } else {
            MAX_VARIABLES as u16
        },
        floor: [1.0; V],
        lane: LaneSettings::DEFAULT,
        vote: VoteSettings::DEFAULT,
    };
}

impl<const V: usize> Default for Settings<V> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Checked [`Settings`] of an ensemble of at most `V` variables, with room for `W` errors per lane
/// and `P` frames of history: rules of another capacity are of another type.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const V: usize, const W: usize, const P: usize> {
    pub(crate) lane: LaneRules,
    pub(crate) settings: Settings<V>,
    pub(crate) history: u16,
}

impl<const V: usize, const W: usize, const P: usize> Rules<V, W, P> {
    /// Checks settings. `const`, so that rules can be a `static` of a firmware.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub const fn new(settings: Settings<V>) -> Result<Self, SettingsError> {
        let lane = match settings.lane.check(W) {
            Ok(lane) => lane,
            Err(error) => return Err(error),
        };
        let variables = settings.variables as usize;
        if variables == 0 || variables > V {
            return Err(SettingsError::count("variables", variables, V));
        }
        let mut k = 0;
        while k < V {
            let floor = settings.floor[k];
            if !(floor > 0.0 && floor.is_finite()) {
                let error = SettingsError::new("floor", floor, Allowed::Above(0.0));
                return Err(error.of_variable(k as u16));
            }
            k += 1;
        }
        let history = match settings.vote.history {
            None => P,
            Some(n) => n as usize,
        };
        if history < 2 || history > P {
            let allowed = Allowed::Within(2.0, P as f32);
            return Err(SettingsError::new("history", history as f32, allowed));
        }
        let limit = settings.vote.limit;
        if !(limit >= 0.0 && limit < 1.0) {
            let allowed = Allowed::Below(0.0, 1.0);
            return Err(SettingsError::new("limit", limit, allowed));
        }
        if let Some(0) = settings.vote.pairs_per_frame {
            let allowed = Allowed::AtLeast(1.0);
            return Err(SettingsError::new("pairs_per_frame", 0.0, allowed));
        }
        Ok(Self {
            lane,
            settings,
            history: history as u16,
        })
    }

    /// The settings these rules were made from.
    pub const fn settings(&self) -> &Settings<V> {
        &self.settings
    }

    /// The part that concerns each lane.
    pub const fn lane(&self) -> &LaneRules {
        &self.lane
    }

    /// Variables in use.
    pub const fn variables(&self) -> usize {
        self.settings.variables as usize
    }

    /// Frames a correlation rests on.
    pub const fn history(&self) -> usize {
        self.history as usize
    }
}

impl<const V: usize, const W: usize, const P: usize> TryFrom<Settings<V>> for Rules<V, W, P> {
    type Error = SettingsError;

    fn try_from(settings: Settings<V>) -> Result<Self, SettingsError> {
        Self::new(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::repad2::Guard;

    #[test]
    fn defaults_fill_the_capacity() {
        let rules = Rules::<9, 1440, 2880>::new(Settings::DEFAULT).unwrap();
        assert_eq!(
            (rules.lane.window, rules.history, rules.variables()),
            (1440, 2880, 9)
        );
    }

    #[test]
    fn each_bad_field_is_named() {
        type Edit = fn(&mut Settings<3>);
        let cases: [(Edit, &str); 13] = [
            (|s| s.variables = 0, "variables"),
            (|s| s.variables = 4, "variables"),
            (|s| s.floor[2] = 0.0, "floor"),
            (|s| s.floor[0] = f32::NAN, "floor"),
            (|s| s.lane.window = Some(0), "window"),
            (|s| s.lane.window = Some(101), "window"),
            (|s| s.lane.sigmas = f32::NAN, "sigmas"),
            (
                |s| {
                    s.lane.guard = Some(Guard {
                        error: 0.5,
                        samples: 0,
                    });
                },
                "guard.samples",
            ),
            (|s| s.lane.stuck_after = Some(0), "stuck_after"),
            (|s| s.vote.history = Some(201), "history"),
            (|s| s.vote.limit = 1.0, "limit"),
            (|s| s.vote.pairs_per_frame = Some(0), "pairs_per_frame"),
            (|s| s.lane.epochs_per_frame = Some(0), "epochs_per_frame"),
        ];
        for (edit, field) in cases {
            let mut settings = Settings::<3>::DEFAULT;
            edit(&mut settings);
            let error = Rules::<3, 100, 200>::new(settings).unwrap_err();
            assert_eq!(error.field, field, "{error:?}");
        }
    }
}
