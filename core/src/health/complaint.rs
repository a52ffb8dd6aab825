//! Complaints about a sensor.

use core::fmt;

/// The symptom of a sensor's fault, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Symptom {
    /// Most values are missing.
    Missing,
    /// One value is repeated for longer than is usual.
    Stuck,
    /// The value is outside the range of the fit.
    Range,
    /// The value changed faster than in the fit.
    Rate,
}

impl Symptom {
    /// The symptom as one lower-case word, as in reports and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stuck => "stuck",
            Self::Range => "range",
            Self::Rate => "rate",
        }
    }
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A complaint about one sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Complaint {
    /// Index of the variable.
    pub variable: u16,
    /// The symptom.
    pub symptom: Symptom,
    /// Rows for which it has lasted, 1 at its first; stays at 65,535.
    pub rows: u16,
}

impl Complaint {
    /// Whether it began with the last row.
    #[must_use]
    pub const fn is_news(&self) -> bool {
        self.rows == 1
    }
}
