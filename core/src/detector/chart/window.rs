//! Mean and variance of the last `N` values, and the distance of each value from them before it joins them.
//!
//! ```text
//! mean = 1/N Σ z    variance = 1/N Σ (z - mean)²    over the N values before
//! score = |z - mean| / max(√variance, least)         anomalous: score > limit
//! ```
//!
//! Until `N` values are there, mean and variance are those of the learned rows: 0 and 1. Two passes over the
//! window a value: exact, and 4 N operations.

use super::gaussian::check;
use super::{Chart, Charted, Point};
use crate::error::{SettingsError, SnapshotError};
use crate::math::{abs, sqrt};
use crate::sample::Tick;
use crate::statistics::window::Window as Ring;
use crate::wire::snapshot::{Reader, Writer};

/// The choices of a user, for windows of `N` values.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const N: usize> {
    /// Deviations above which a value is anomalous; finite and above 0.
    pub limit: f32,
    /// Smallest deviation, in learned ones; finite and above 0.
    pub least: f32,
}

impl<const N: usize> Settings<N> {
    /// Four deviations.
    pub const DEFAULT: Self = Self {
        limit: 4.0,
        least: 0.1,
    };
}

impl<const N: usize> Charted for Settings<N> {
    type Chart = Window<N>;
}

/// The last `N` values of a variable.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Window<const N: usize> {
    values: Ring<f32, N>,
}

impl<const N: usize> Window<N> {
    /// Mean and deviation of a full window.
    fn moments(&self) -> (f32, f32) {
        if self.values.len() < N {
            return (0.0, 1.0);
        }
        let share = 1.0 / N as f32;
        let mean = self.values.iter().fold(0.0, |sum, z| sum + z) * share;
        let squares = self.values.iter().map(|z| (z - mean) * (z - mean));
        (mean, sqrt(squares.fold(0.0, |sum, x| sum + x) * share))
    }
}

impl<const N: usize> Chart for Window<N> {
    type Settings = Settings<N>;
    const NAME: &'static str = "window";
    const SIZES: [usize; 2] = [N, 0];
    const NEW: Self = Self {
        values: Ring::new(),
    };
    const DEFAULT: Settings<N> = Settings::DEFAULT;

    fn check(settings: &Settings<N>) -> Result<(), SettingsError> {
        check(settings.limit, settings.least)
    }

    fn step(&mut self, settings: &Settings<N>, _: Tick, z: f32) -> Point {
        let (mean, deviation) = self.moments();
        self.values.push(z);
        Point {
            score: abs(z - mean) / deviation.max(settings.least),
            limit: settings.limit,
            expected: mean,
        }
    }

    fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.values.len() as u16));
        self.values.iter().for_each(|z| body.put(z));
    }

    fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let count: u16 = body.take()?;
        let mut read = Self::NEW;
        for _ in 0..count {
            let z: f32 = body.take()?;
            if !z.is_finite() || read.values.len() >= N {
                return Err(body.content());
            }
            read.values.push(z);
        }
        Ok(read)
    }
}
