//! The input of a detector: ticks, readings and frames.
//!
//! Missing data is a value, not an error. An unusable reading carries its cause.

use core::fmt;
use serde::{Deserialize, Serialize};

/// Maximum number of variables of one detector.
pub const MAX_VARIABLES: usize = 512;

/// Number of a frame, given by the caller. Consecutive frames have consecutive ticks. A jump
/// forward is a gap; a tick that does not advance is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tick(pub u64);

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The reason why a reading has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Cause {
    /// No value arrived: an empty field, a NaN, a gap.
    Missing,
    /// An infinity arrived.
    NotFinite,
    /// The sensor or its bus answered with an error.
    Sensor,
    /// The sensor repeated one value for longer than is plausible.
    Stuck,
}

impl Cause {
    /// The cause as one lower-case word with underscores, as in reports and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotFinite => "not_finite",
            Self::Sensor => "sensor",
            Self::Stuck => "stuck",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One variable at one tick: a value in the sensor's own unit, or the cause of its absence.
///
/// ```
/// use bellwether::{Cause, Reading};
/// let bus_error: Result<f32, &str> = Err("no acknowledge");
/// let frame: [Reading; 4] = [21.5.into(), None.into(), bus_error.into(), f32::NAN.into()];
/// let causes = frame.map(|reading| reading.usable().err());
/// let (missing, sensor) = (Some(Cause::Missing), Some(Cause::Sensor));
/// assert_eq!(causes, [None, missing, sensor, missing]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reading {
    /// A measured value. NaN and infinities count as absent.
    Value(f32),
    /// No usable value.
    Absent(Cause),
}

impl Reading {
    /// The value if it is finite, else the cause of its absence.
    pub const fn usable(self) -> Result<f32, Cause> {
        match self {
            Self::Value(x) if x.is_finite() => Ok(x),
            Self::Value(x) if x.is_nan() => Err(Cause::Missing),
            Self::Value(_) => Err(Cause::NotFinite),
            Self::Absent(cause) => Err(cause),
        }
    }

    /// The reading as one number, as records and streams hold it: its value, an infinity for
    /// [`Cause::NotFinite`], else NaN.
    pub const fn to_f32(self) -> f32 {
        match self {
            Self::Value(value) => value,
            Self::Absent(Cause::NotFinite) => f32::INFINITY,
            Self::Absent(_) => f32::NAN,
        }
    }
}

impl From<f32> for Reading {
    /// NaN means missing.
    fn from(x: f32) -> Self {
        match Self::Value(x).usable() {
            Ok(x) => Self::Value(x),
            Err(cause) => Self::Absent(cause),
        }
    }
}

impl<T: Copy + Into<Reading>> From<&T> for Reading {
    fn from(x: &T) -> Self {
        (*x).into()
    }
}

impl From<Option<f32>> for Reading {
    /// `None` means missing.
    fn from(x: Option<f32>) -> Self {
        x.map_or(Self::Absent(Cause::Missing), Self::from)
    }
}

impl<E> From<Result<f32, E>> for Reading {
    /// An error is a sensor's, as drivers report it.
    fn from(x: Result<f32, E>) -> Self {
        x.map_or(Self::Absent(Cause::Sensor), Self::from)
    }
}

/// The readings of the variables in use, if at least half of these have a value; else the first cause of
/// an absence.
pub(crate) fn mostly_usable(frame: &[Reading], variables: u16) -> Result<&[Reading], Cause> {
    let variables = usize::from(variables);
    let frame = frame.get(..variables).unwrap_or(frame);
    let usable = frame.iter().filter(|reading| reading.usable().is_ok());
    if 2 * usable.count() >= variables {
        return Ok(frame);
    }
    let first = frame.iter().find_map(|reading| reading.usable().err());
    Err(first.unwrap_or(Cause::Missing))
}

/// One reading per variable, all of one tick.
pub type Frame<const V: usize> = [Reading; V];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_from_float_names_why_it_is_unusable() {
        assert_eq!(Reading::from(1.5), Reading::Value(1.5));
        assert_eq!(Reading::from(None), Reading::Absent(Cause::Missing));
        assert_eq!(Reading::from(Ok::<_, ()>(2.5)), Reading::Value(2.5));
        assert_eq!(Reading::from(Err("bus")), Reading::Absent(Cause::Sensor));
        assert_eq!(Reading::from(f32::NAN), Reading::Absent(Cause::Missing));
        assert_eq!(
            Reading::from(f32::INFINITY),
            Reading::Absent(Cause::NotFinite)
        );
        assert_eq!(
            Reading::Value(f32::NEG_INFINITY).usable(),
            Err(Cause::NotFinite)
        );
    }
}
