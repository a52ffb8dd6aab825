//! What enters a detector: ticks, readings, frames, and sets of variables.
//!
//! Missing data is a value, not an error: a reading that cannot be used says why.

use core::fmt;
use serde::{Deserialize, Serialize};

/// Most variables one ensemble can watch: the size of a [`VariableSet`].
pub const MAX_VARIABLES: usize = 128;

/// Number of a frame, given by the caller. Consecutive frames have consecutive ticks;
/// a jump forward is a gap, a tick that does not advance is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tick(pub u64);

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a reading has no value.
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
    /// The same value for longer than is plausible.
    Stuck,
}

impl Cause {
    /// The cause as one lower-case word with underscores, as reports and files spell it.
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

/// One variable at one tick: a value in the sensor's own unit, or the reason there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reading {
    /// A measured value. A NaN or an infinity in here is treated as absent.
    Value(f32),
    /// No usable value.
    Absent(Cause),
}

impl Reading {
    /// The value if it is finite, else the reason why it cannot be used.
    pub const fn usable(self) -> Result<f32, Cause> {
        match self {
            Self::Value(x) if x.is_finite() => Ok(x),
            Self::Value(x) if x.is_nan() => Err(Cause::Missing),
            Self::Value(_) => Err(Cause::NotFinite),
            Self::Absent(cause) => Err(cause),
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
    /// An error is the sensor's, as drivers report it.
    fn from(x: Result<f32, E>) -> Self {
        x.map_or(Self::Absent(Cause::Sensor), Self::from)
    }
}

/// One reading per variable, all of one tick.
pub type Frame<const V: usize> = [Reading; V];

/// A set of variables, by index: a bit set of fixed size.
///
/// ```
/// use bellwether::VariableSet;
/// let mut set = VariableSet::EMPTY;
/// set.insert(3);
/// assert!(set.contains(3) && set.iter().eq([3]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VariableSet([u32; MAX_VARIABLES / 32]);

impl VariableSet {
    /// No variable.
    pub const EMPTY: Self = Self([0; MAX_VARIABLES / 32]);

    /// Adds a variable; an index of [`MAX_VARIABLES`] or more is ignored.
    pub fn insert(&mut self, variable: usize) {
        if let Some(word) = self.0.get_mut(variable / 32) {
            *word |= 1 << (variable % 32);
        }
    }

    /// Whether the variable is in the set.
    pub fn contains(&self, variable: usize) -> bool {
        self.0
            .get(variable / 32)
            .is_some_and(|word| word >> (variable % 32) & 1 == 1)
    }

    /// Whether no variable is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Number of variables in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The variables, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let mut words = self.0;
        core::iter::from_fn(move || {
            for (k, word) in words.iter_mut().enumerate() {
                if *word != 0 {
                    let bit = word.trailing_zeros() as usize;
                    *word &= *word - 1;
                    return Some(32 * k + bit);
                }
            }
            None
        })
    }

    /// Adds every variable of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for VariableSet {
    /// The variables in braces.
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{{");
        for (k, variable) in self.iter().enumerate() {
            if k > 0 {
                defmt::write!(f, ", ");
            }
            defmt::write!(f, "{=usize}", variable);
        }
        defmt::write!(f, "}}");
    }
}

impl FromIterator<usize> for VariableSet {
    fn from_iter<I: IntoIterator<Item = usize>>(variables: I) -> Self {
        let mut set = Self::EMPTY;
        variables.into_iter().for_each(|v| set.insert(v));
        set
    }
}

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

    #[test]
    fn set_keeps_order_and_ignores_what_does_not_fit() {
        let set: VariableSet = [127, 0, 33, 33, 128, 4000].into_iter().collect();
        assert!(set.iter().eq([0, 33, 127]));
        assert_eq!(set.len(), 3);
        assert!(!set.contains(128) && !set.contains(1));
        let mut more = VariableSet::EMPTY;
        assert!(more.is_empty());
        more.extend(&set);
        assert_eq!(more, set);
    }
}
