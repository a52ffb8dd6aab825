//! Errors of slots.

use bellwether::ModelError;
use core::fmt;

/// The reason why an operation on a slot failed. The running model is never touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SlotError<E> {
    /// The region is invalid: not within the flash, not two slots of whole erase blocks, no space
    /// besides the records; or the mapped bytes are not the region's.
    Region,
    /// The model is larger than a slot.
    Capacity {
        /// Bytes of the model.
        needed: usize,
        /// Bytes of a slot.
        found: usize,
    },
    /// No slot's model is running.
    NoModel,
    /// The running model is not confirmed: the other slot may still be needed.
    Unconfirmed,
    /// The running model was confirmed or rejected before, which is final.
    Decided,
    /// More or fewer bytes than announced.
    Length {
        /// Announced bytes.
        expected: usize,
        /// Received bytes.
        found: usize,
    },
    /// The mapped bytes are a model, but not the written one (a cache?).
    Stale,
    /// The model was refused and will not be chosen.
    Model(ModelError),
    /// A write failed here before, and flash is written only once: repeat this step from its
    /// beginning.
    Spent,
    /// The flash failed.
    Flash(E),
}

impl<E: fmt::Debug> fmt::Display for SlotError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region => f.write_str("the region is not two slots of this flash"),
            Self::Capacity { needed, found } => {
                write!(f, "the model has {needed} bytes, a slot holds {found}")
            }
            Self::NoModel => f.write_str("no model of a slot runs"),
            Self::Unconfirmed => f.write_str("the model that runs is not confirmed"),
            Self::Decided => f.write_str("the model that runs was confirmed or rejected before"),
            Self::Length { expected, found } => {
                write!(f, "{expected} bytes were announced, {found} came")
            }
            Self::Stale => f.write_str("the mapped bytes are not those that were written"),
            Self::Model(error) => error.fmt(f),
            Self::Spent => f.write_str("a write failed here before"),
            Self::Flash(error) => write!(f, "the flash failed: {error:?}"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for SlotError<E> {}
