//! Bits from a fit whose numbers are given, each lane by its formula, laws, hostile streams, and sizes.

#[cfg(feature = "testing")]
mod frozen;
mod hostile;
#[cfg(feature = "testing")]
mod lanes;
#[cfg(feature = "testing")]
mod laws;
mod refusals;
#[cfg(feature = "testing")]
mod series;
mod sizes;
