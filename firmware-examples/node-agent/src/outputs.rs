//! Outputs: the sinks that a configuration asks for, each in a file of its own.

#[cfg(feature = "mqtt")]
pub mod mqtt;

use crate::sink::Outbox;
use serde::Deserialize;

/// Section `[outputs]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}

/// Starts them.
///
/// # Errors
/// An output cannot be started: an address in use, a file that cannot be written.
pub fn open(_: &Settings) -> anyhow::Result<Outbox> {
    Ok(Outbox::default())
}
