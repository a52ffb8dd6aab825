//! MQTT: scores and events to a broker.

use crate::sink::Sink;
use serde::Deserialize;

/// Section `[outputs.mqtt]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}

/// Starts it for the node of this name.
///
/// # Errors
/// It cannot be started.
pub fn open(_: &Settings, _: &str) -> anyhow::Result<Box<dyn Sink>> {
    anyhow::bail!("this program has no MQTT")
}
