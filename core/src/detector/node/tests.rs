//! Laws, hostile streams and snapshots, the factor lane by its definition, and sizes.

mod confidence;
mod factor;
mod hostile;
#[cfg(feature = "testing")]
mod laws;
#[cfg(feature = "testing")]
mod moving;
mod pairs;
mod probes;
mod refusals;
mod series;
mod sizes;
