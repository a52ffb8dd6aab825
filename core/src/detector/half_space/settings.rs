//! Settings and checked rules.

use crate::error::{Allowed, SettingsError};
use crate::threshold::quantile;

/// Least rows to learn from: a quarter of them has five.
const LEARN: u32 = 20;
/// Scores below which there is no quantile.
const SCORES: u32 = 5;

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const V: usize, const TREES: usize, const NODES: usize> {
    /// Variables in use, 1 to `V`.
    pub variables: u16,
    /// Rows before the first decision, 20 or more: the first quarter gives the ranges, the next rows the first
    /// masses, the rest the threshold.
    pub learn: u32,
    /// Rows of a window, after which the masses are renewed, up to 255. At least `TREES * NODES / 254`, in
    /// which all nodes are looked after.
    pub window: u8,
    /// Share of scores below the threshold, 0.001 to 0.99999.
    pub share: f32,
    /// Smallest range of a variable, as a share of its values; finite, 0 or more.
    pub floor: f32,
    /// Seed of the splits.
    pub seed: u32,
}

impl<const V: usize, const TREES: usize, const NODES: usize> Settings<V, TREES, NODES> {
    /// A day of minutes in front, and the paper's window; one row in a thousand is anomalous.
    pub const DEFAULT: Self = Self {
        variables: V as u16,
        learn: 1440,
        window: 250,
        share: 0.999,
        floor: 0.01,
        seed: 1,
    };
}

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const V: usize, const TREES: usize, const NODES: usize> {
    pub(super) settings: Settings<V, TREES, NODES>,
    pub(super) quantile: quantile::Rules,
}

impl<const V: usize, const TREES: usize, const NODES: usize> Rules<V, TREES, NODES> {
    /// Rows that give the ranges.
    pub(super) const fn ranging(&self) -> u32 {
        self.settings.learn / 4
    }

    /// Rows of the first window.
    pub(super) const fn first(&self) -> u8 {
        let rows = self.ranging();
        if rows < self.settings.window as u32 {
            rows as u8
        } else {
            self.settings.window
        }
    }
}

impl<const V: usize, const TREES: usize, const NODES: usize> TryFrom<Settings<V, TREES, NODES>>
    for Rules<V, TREES, NODES>
{
    type Error = SettingsError;

    fn try_from(settings: Settings<V, TREES, NODES>) -> Result<Self, SettingsError> {
        let Settings {
            variables,
            learn,
            window,
            share,
            floor,
            ..
        } = settings;
        if variables == 0 || usize::from(variables) > V {
            return Err(SettingsError::count("variables", variables.into(), V));
        }
        if learn < LEARN {
            let allowed = Allowed::AtLeast(LEARN as f32);
            return Err(SettingsError::new("learn", learn as f32, allowed));
        }
        let least = TREES * NODES / 254 + 1;
        if usize::from(window) < least {
            let allowed = Allowed::Within(least as f32, 255.0);
            return Err(SettingsError::new("window", window.into(), allowed));
        }
        if !(floor.is_finite() && floor >= 0.0) {
            return Err(SettingsError::new("floor", floor, Allowed::AtLeast(0.0)));
        }
        Ok(Self {
            settings,
            quantile: quantile::Rules::new(share, SCORES)?,
        })
    }
}
