//! Faults in recordings: what a command says becomes injections for
//! [`bellwether_hal::source::inject`], the same that firmware has, and labels.

pub mod labels;
pub mod plan;
pub mod profile;
pub mod spec;

pub use labels::{Label, Tally};
pub use plan::{Planned, drawn};
pub use profile::{Channel, Profile};
pub use spec::{Amount, Spec};

/// Frames that faults look back here, at most.
pub const DEPTH: usize = 1024;

/// A form of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Off, upwards and downwards by turns.
    Spike,
    /// Off by the same amount.
    Step,
    /// Off by more and more.
    Drift,
    /// The last value again and again.
    Stuck,
    /// Off by chance.
    Noise,
    /// Missing by chance.
    Dropout,
    /// Two channels in each other's place.
    Swap,
    /// Multiplied.
    Scale,
    /// Late.
    Lag,
    /// The channel's own past, backwards.
    Decorrelate,
}

impl FaultKind {
    /// Every form there is.
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

    /// The form in a word, as options and labels spell it.
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
