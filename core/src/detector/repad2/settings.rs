//! The settings of a lane: meaning, unit, default, and source of the default.

use crate::error::{Allowed, SettingsError};
use crate::statistics::window::MAX_WINDOW;
use crate::threshold::sigmas::Sigmas;

/// The effect of a second assessment of a sample on the first one
/// (RePAD2, "re-calculate AARE and Thd").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Recheck {
    /// The second error replaces the first: one sample, one error. Default.
    #[default]
    Replace,
    /// The second error is appended: the sample counts twice, as in the public implementation.
    /// Needed to reproduce its figures.
    Append,
}

/// Guard against a threshold that a long anomaly has inflated until nothing exceeds it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Guard {
    /// Relative error above which a `Normal` sample is suspicious, e.g. 0.5.
    pub error: f32,
    /// Number of consecutive suspicious samples after which the lane reports blind and restarts,
    /// e.g. 60.
    pub samples: u16,
}

/// Settings of a lane, shared by all lanes of an ensemble.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LaneSettings {
    /// Number of relative errors in the threshold; `None` is the whole capacity `W`. RePAD2 uses
    /// 1440 (one day of minutes).
    pub window: Option<u16>,
    /// Deviations above the mean error beyond which a sample is anomalous. Default 3 (RePAD,
    /// section 3). 0.1 to 100; stored as k² with 16 fractional bits.
    pub sigmas: f32,
    /// Treatment of second assessments. Default [`Recheck::Replace`].
    pub recheck: Recheck,
    /// Minimum number of errors in the threshold for an alarm to count; below it an anomalous
    /// sample is `Early`. Default 0: off.
    pub min_history: u16,
    /// Guard against an inflated threshold. Default off.
    pub guard: Option<Guard>,
    /// Number of consecutive equal values after which the sensor counts as stuck. Default off.
    pub stuck_after: Option<u16>,
    /// Number of frames without a usable value after which the lane restarts, instead of treating
    /// the values on both sides as neighbours. Default off.
    pub restart_after_gap: Option<u16>,
    /// Training epochs per frame, of all lanes together; `None` trains to the end at once, as the
    /// papers do. Only predictors that really train take epochs. A value that triggers a training
    /// is then assessed in the frame in which the training ends. Values in between are
    /// `Blind{Training}`: neither assessed nor learned. One training is in progress at a time, and
    /// lanes take turns.
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

    /// Checks the settings for lanes with a capacity of `capacity` errors.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub const fn check(self, capacity: usize) -> Result<LaneRules, SettingsError> {
        let window = match self.window {
            None => capacity,
            Some(n) => n as usize,
        };
        if window == 0 || window > capacity || window > MAX_WINDOW {
            return Err(SettingsError::count("window", window, capacity));
        }
        if !(self.sigmas >= 0.1 && self.sigmas <= 100.0) {
            let allowed = Allowed::Within(0.1, 100.0);
            return Err(SettingsError::new("sigmas", self.sigmas, allowed));
        }
        if let Some(guard) = self.guard {
            if !(guard.error > 0.0 && guard.error.is_finite()) {
                let allowed = Allowed::Above(0.0);
                return Err(SettingsError::new("guard.error", guard.error, allowed));
            }
            if guard.samples == 0 {
                return Err(zero("guard.samples"));
            }
        }
        if let Some(0) = self.stuck_after {
            return Err(zero("stuck_after"));
        }
        if let Some(0) = self.restart_after_gap {
            return Err(zero("restart_after_gap"));
        }
        if let Some(0) = self.epochs_per_frame {
            return Err(zero("epochs_per_frame"));
        }
        Ok(LaneRules {
            settings: self,
            window: window as u16,
            sigmas: Sigmas::new(self.sigmas),
        })
    }
}

/// Checks a count that may be absent but not 0.
const fn zero(field: &'static str) -> SettingsError {
    SettingsError::new(field, 0.0, Allowed::AtLeast(1.0))
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
    /// The settings of these rules.
    pub const fn settings(&self) -> &LaneSettings {
        &self.settings
    }

    /// Number of errors in the threshold.
    pub const fn window(&self) -> usize {
        self.window as usize
    }
}

/// Settings of a single lane.
///
/// ```
/// use bellwether::repad2::{LaneSettings, Rules, Settings};
/// // Values between 0 and 1; a sensor that repeats one value 60 times is stuck.
/// let lane = LaneSettings { stuck_after: Some(60), ..LaneSettings::DEFAULT };
/// let settings = Settings { lane, floor: 0.01 };
/// assert!(Rules::<240>::new(settings).is_ok());
/// let refused = Rules::<240>::new(Settings { floor: 0.0, ..settings }).unwrap_err();
/// assert_eq!((refused.field, refused.found), ("floor", 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// The settings that are shared by the lanes of an ensemble.
    pub lane: LaneSettings,
    /// Smallest divisor of a relative error, in the variable's unit: finite and above 0. Default 1,
    /// as in the public implementation, which is wrong for signals within [0, 1].
    pub floor: f32,
}

impl Settings {
    /// The defaults, as a constant.
    pub const DEFAULT: Self = Self {
        lane: LaneSettings::DEFAULT,
        floor: 1.0,
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Checked [`Settings`] of a lane with a capacity of `W` errors.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const W: usize> {
    pub(super) lane: LaneRules,
    pub(super) floor: f32,
}

impl<const W: usize> Rules<W> {
    /// Checks settings. `const`, so that rules can be a `static` of a firmware.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub const fn new(settings: Settings) -> Result<Self, SettingsError> {
        let Settings { lane, floor } = settings;
        if !(floor > 0.0 && floor.is_finite()) {
            return Err(SettingsError::new("floor", floor, Allowed::Above(0.0)));
        }
        match lane.check(W) {
            Ok(lane) => Ok(Self { lane, floor }),
            Err(error) => Err(error),
        }
    }

    /// The rules that are shared by the lanes of an ensemble.
    pub const fn lane(&self) -> &LaneRules {
        &self.lane
    }
}

impl<const W: usize> TryFrom<Settings> for Rules<W> {
    type Error = SettingsError;

    fn try_from(settings: Settings) -> Result<Self, SettingsError> {
        Self::new(settings)
    }
}
