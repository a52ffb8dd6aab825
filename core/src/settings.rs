//! All knobs: meaning, unit, default, and where the default comes from.
//!
//! Settings are what a user writes; [`Rules`] are settings that were checked once, with what
//! is derived from them. Rules are passed to every call and never stored in the state, so
//! that a fresh detector is all zeros (it costs no flash) and one value serves all lanes.

use crate::error::SettingsError;
use crate::sample::MAX_VARIABLES;
use crate::statistics::sliding::Sigmas;

/// Largest window of errors: keeps the exact sums of [`crate::statistics::sliding`] in range.
pub const MAX_WINDOW: usize = 1 << 14;

/// What a second judgement of the same sample does with the first one
/// (RePAD2, "re-calculate AARE and Thd").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Recheck {
    /// The second error takes the place of the first: one sample, one error. Default.
    #[default]
    Replace,
    /// The second error is appended, so that the sample counts twice, as in the public
    /// implementation. Needed to reproduce its figures.
    Append,
}

/// Guard against a lane whose threshold a long anomaly has inflated until it sees nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Guard {
    /// Relative error above which a `Normal` sample is suspicious, e.g. 0.5.
    pub error: f32,
    /// Suspicious samples in a row after which the lane reports blind and restarts, e.g. 60.
    pub samples: u16,
}

/// Settings of a lane, shared by all lanes of an ensemble.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LaneSettings {
    /// Relative errors the threshold rests on; `None` is the whole capacity `W`.
    /// RePAD2 uses 1440 (one day of minutes).
    pub window: Option<u16>,
    /// Deviations above the mean error at which a sample is anomalous. Default 3 (RePAD,
    /// section 3). 0.1 to 100; kept as k² with 16 fractional bits.
    pub sigmas: f32,
    /// Default [`Recheck::Replace`].
    pub recheck: Recheck,
    /// Errors the threshold must rest on before an alarm counts; below it an anomalous
    /// sample is `Early`. Default 0: off.
    pub min_history: u16,
    /// Default off.
    pub guard: Option<Guard>,
    /// Equal usable values in a row after which the sensor is called stuck. Default off.
    pub stuck_after: Option<u16>,
    /// Frames without a usable value after which the lane restarts instead of treating the
    /// values on both sides as neighbours. Default off.
    pub restart_after_gap: Option<u16>,
    /// Training epochs spent per frame by all lanes together; `None` trains to the end at
    /// once, as the papers do. Only predictors that really train take epochs. A value that calls
    /// for a training is then judged in the frame in which that ends; values in between are
    /// `Blind{Training}`, neither judged nor learned from. One training is in progress at a
    /// time, and lanes take turns.
    pub epochs_per_frame: Option<u16>,
}

impl LaneSettings {
    /// The defaults, as a constant.
    pub const DEFAULT: Self = Self {
        window: None,
        sigmas: 3.0,
        recheck: Recheck::Replace,
        min_history: 0,
        guard: None,
        stuck_after: None,
        restart_after_gap: None,
        epochs_per_frame: None,
    };

    /// Checks the settings for lanes with room for `capacity` errors.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub const fn check(self, capacity: usize) -> Result<LaneRules, SettingsError> {
        let window = match self.window {
            None => capacity,
            Some(n) => n as usize,
        };
        if window == 0 || window > capacity || window > MAX_WINDOW {
            return Err(SettingsError::Window {
                found: window,
                max: capacity,
            });
        }
        if !(self.sigmas >= 0.1 && self.sigmas <= 100.0) {
            return Err(SettingsError::Sigmas { found: self.sigmas });
        }
        if let Some(guard) = self.guard
            && (!(guard.error > 0.0 && guard.error.is_finite()) || guard.samples == 0)
        {
            return Err(SettingsError::Guard);
        }
        if let Some(0) = self.stuck_after {
            return Err(SettingsError::Zero {
                field: "stuck_after",
            });
        }
        if let Some(0) = self.restart_after_gap {
            return Err(SettingsError::Zero {
                field: "restart_after_gap",
            });
        }
        if let Some(0) = self.epochs_per_frame {
            return Err(SettingsError::Zero {
                field: "epochs_per_frame",
            });
        }
        Ok(LaneRules {
            settings: self,
            window: window as u16,
            sigmas: Sigmas::new(self.sigmas),
        })
    }
}

impl Default for LaneSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Checked [`LaneSettings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LaneRules {
    pub(crate) settings: LaneSettings,
    pub(crate) window: u16,
    pub(crate) sigmas: Sigmas,
}

impl LaneRules {
    /// The settings these rules were made from.
    pub const fn settings(&self) -> &LaneSettings {
        &self.settings
    }

    /// Errors the threshold rests on.
    pub const fn window(&self) -> usize {
        self.window as usize
    }
}

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
}

impl VoteSettings {
    /// The defaults, as a constant.
    pub const DEFAULT: Self = Self {
        history: None,
        limit: 0.95,
        min_samples: 30,
    };
}

impl Default for VoteSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Settings of an ensemble of at most `V` variables.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const V: usize> {
    /// Variables in use, 1 to `V`. Default `V`.
    pub variables: u8,
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
            V as u8
        } else {
            MAX_VARIABLES as u8
        },
        floor: [1.0; V],
        lane: LaneSettings::DEFAULT,
        vote: VoteSettings::DEFAULT,
    };

    /// Checks the settings for an ensemble with room for `W` errors per lane and `P` frames.
    /// [`crate::Ensemble::rules`] fills in `W` and `P`.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub const fn check<const W: usize, const P: usize>(self) -> Result<Rules<V>, SettingsError> {
        let lane = match self.lane.check(W) {
            Ok(lane) => lane,
            Err(error) => return Err(error),
        };
        if self.variables == 0 || self.variables as usize > V {
            return Err(SettingsError::Variables {
                found: self.variables as usize,
                max: V,
            });
        }
        let mut k = 0;
        while k < V {
            if !(self.floor[k] > 0.0 && self.floor[k].is_finite()) {
                return Err(SettingsError::Floor {
                    variable: k,
                    found: self.floor[k],
                });
            }
            k += 1;
        }
        let history = match self.vote.history {
            None => P,
            Some(n) => n as usize,
        };
        if history < 2 || history > P {
            return Err(SettingsError::History {
                found: history,
                max: P,
            });
        }
        if !(self.vote.limit >= 0.0 && self.vote.limit < 1.0) {
            return Err(SettingsError::Limit {
                found: self.vote.limit,
            });
        }
        Ok(Rules {
            lane,
            settings: self,
            history: history as u16,
        })
    }
}

impl<const V: usize> Default for Settings<V> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const V: usize> {
    pub(crate) lane: LaneRules,
    pub(crate) settings: Settings<V>,
    pub(crate) history: u16,
}

impl<const V: usize> Rules<V> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_fill_the_capacity() {
        let rules = Settings::<9>::DEFAULT.check::<1440, 2880>().unwrap();
        assert_eq!(
            (rules.lane.window, rules.history, rules.variables()),
            (1440, 2880, 9)
        );
    }

    #[test]
    fn each_bad_field_is_named() {
        type Edit = fn(&mut Settings<3>);
        let cases: [(Edit, &str); 12] = [
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
                "guard",
            ),
            (|s| s.lane.stuck_after = Some(0), "stuck_after"),
            (|s| s.vote.history = Some(201), "history"),
            (|s| s.vote.limit = 1.0, "limit"),
            (|s| s.lane.epochs_per_frame = Some(0), "epochs_per_frame"),
        ];
        for (edit, field) in cases {
            let mut settings = Settings::<3>::DEFAULT;
            edit(&mut settings);
            let error = settings.check::<100, 200>().unwrap_err();
            assert_eq!(error.field(), field, "{error:?}");
        }
    }
}
