//! The certainty of a fit: whether its rows are enough, and whether they look healthy.

use core::fmt;

/// Different values up to which a column has few of them.
pub(super) const FEW: usize = 4;
/// Share of suspicious rows, and of missing values, from which a fit is doubtful.
const SUSPICIOUS: f32 = 0.02;
const MISSING: f32 = 0.1;
/// Deviations of a variable's mean between the fitted rows and those behind them.
const DRIFT: f32 = 2.0;

/// The certainty of a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Confidence {
    /// Rows of the fit, those that limits come from included.
    pub rows: u32,
    /// Rows that limits and threshold come from.
    pub held_out: u32,
    /// Whether these are enough to tell a threshold.
    pub telling: bool,
    /// Share of the last fifth in stretches that stand out from the rest of it.
    pub suspicious: f32,
    /// Largest distance of a variable's mean in the last fifth from that in the rows before, in deviations.
    pub drift: f32,
    /// The variable with this distance.
    pub drifted: u16,
    /// Variables of one value or none.
    pub constant: u16,
    /// Variables of two to four values.
    pub few: u16,
    /// Share of values that are missing.
    pub missing: f32,
}

/// A reason to doubt a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Doubt {
    /// So few rows tell no threshold: a fixed one takes its place.
    HeldOut(u32),
    /// A share of the last fifth stands out from the rest of it: bad rows, or a rare task of the machine.
    Suspicious(f32),
    /// A variable has moved by so many deviations between the fitted rows and those behind them.
    Drift(u16, f32),
    /// So many variables never change: any change of them is far.
    Constant(u16),
    /// A share of the values is missing.
    Missing(f32),
}

impl Confidence {
    pub(super) const NONE: Self = Self {
        rows: 0,
        held_out: 0,
        telling: false,
        suspicious: 0.0,
        drift: 0.0,
        drifted: 0,
        constant: 0,
        few: 0,
        missing: 0.0,
    };

    /// Reasons to doubt it, the weightiest first.
    pub fn doubts(&self) -> impl Iterator<Item = Doubt> {
        let Self { suspicious, .. } = *self;
        let doubts = [
            (!self.telling, Doubt::HeldOut(self.held_out)),
            (suspicious >= SUSPICIOUS, Doubt::Suspicious(suspicious)),
            (self.drift >= DRIFT, Doubt::Drift(self.drifted, self.drift)),
            (self.missing >= MISSING, Doubt::Missing(self.missing)),
            (self.constant > 0, Doubt::Constant(self.constant)),
        ];
        let held = doubts.into_iter().filter(|(holds, _)| *holds);
        held.map(|(_, doubt)| doubt)
    }

    /// Whether nothing makes it doubtful.
    pub fn is_sure(&self) -> bool {
        self.doubts().next().is_none()
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::HeldOut(rows) => {
                write!(f, "limits come from {rows} rows, and 300 tell a threshold")
            }
            Self::Suspicious(share) => write!(
                f,
                "{:.0} % of the last fifth stand out from the rest of it",
                100.0 * share
            ),
            Self::Drift(variable, deviations) => write!(
                f,
                "variable {variable} has moved by {deviations:.1} deviations in the last fifth"
            ),
            Self::Constant(variables) => write!(f, "variables that never change: {variables}"),
            Self::Missing(share) => write!(f, "{:.0} % of the values are missing", 100.0 * share),
        }
    }
}
