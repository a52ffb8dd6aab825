//! All knobs of a lane: meaning, unit, default, and where the default comes from.

use crate::error::SettingsError;
use crate::statistics::window::MAX_WINDOW;
use crate::threshold::sigmas::Sigmas;

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
