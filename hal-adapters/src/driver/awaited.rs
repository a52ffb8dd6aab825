//! Drivers that are awaited.

/// A released driver that is awaited, as a sensor: `AsyncChecked::with(Awaited(driver), measurands)`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Awaited<D>(pub D);
