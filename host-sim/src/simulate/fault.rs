//! Faults in recordings: commands become labels and injections for
//! [`bellwether_hal::source::inject`], the same code as in firmware.

pub mod labels;
pub mod plan;
pub mod profile;
pub mod spec;

pub use labels::{Label, Tally};
pub use plan::{Planned, drawn};
pub use profile::{Channel, Profile};
pub use spec::{Amount, Spec};

/// Largest number of past frames that a fault uses here.
pub const DEPTH: usize = 1024;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An alternating offset, upwards and downwards.
    Spike,
    /// A constant offset.
    Step,
    /// A growing offset.
    Drift,
    /// The last value, repeated.
    Stuck,
    /// Random noise.
    Noise,
    /// Readings missing at random.
    Dropout,
    /// Two channels exchanged.
    Swap,
    /// Values multiplied by a factor.
    Scale,
    /// Delayed values.
    Lag,
    /// The channel's own past, reversed.
    Decorrelate,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Spike,
        Self::Step,
        Self::Drift,
        Self::Stuck,
        Self::Noise,
        Self::Dropout,
        Self::Swap,
        Self::Scale,
        Self::Lag,
        Self::Decorrelate,
    ];

    /// The kind in a word, as in options and labels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::Step => "step",
            Self::Drift => "drift",
            Self::Stuck => "stuck",
            Self::Noise => "noise",
            Self::Dropout => "dropout",
            Self::Swap => "swap",
            Self::Scale => "scale",
            Self::Lag => "lag",
            Self::Decorrelate => "decorrelate",
        }
    }
}
