//! All conformance tests in one program, since each would link the whole library again.

mod alarm_layer;
mod alarms;
mod autoencoder;
mod curves;
#[cfg(feature = "defmt")]
mod defmt;
mod documents;
mod golden;
mod heads;
mod import;
mod kinds;
mod laws;
mod layers;
mod log_mel;
mod long_run;
mod metrics;
mod model_blob;
mod monitor;
mod python;
mod reboot;
mod refusals;
mod selfcheck;
mod signal;
mod signature;
mod sizes;
mod slots;
mod snapshots;
mod sources;
mod surprise;
