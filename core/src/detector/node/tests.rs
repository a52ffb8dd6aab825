//! Laws, hostile streams and snapshots, the factor lane by its definition, and sizes.

mod factor;
mod hostile;
#[cfg(feature = "testing")]
mod laws;
mod pairs;
mod probes;
mod refusals;
mod series;
mod sizes;
