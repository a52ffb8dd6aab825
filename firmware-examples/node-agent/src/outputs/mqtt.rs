//! The output to an MQTT broker: events that get through a broker's restart, and scores in ExaMon's layout.
//!
//! ```text
//! tell ─▶ queue on disk ─ link ─▶ broker: <prefix>/events/<kind>/<group>   JSON, QoS 1, retained
//! show ─▶ newest state  ─ (thread) ─▶     <prefix>/data/<sensor>/anomaly_score   value;unix_ts, QoS 0
//!                                         <prefix>/status                  online, offline (last will)
//! ```
//!
//! Neither call waits for the broker. An event is on the disk before `tell` returns, and stays there until the
//! broker has confirmed it. After a loss of the connection it may arrive twice: its `seq` is then the same.

#[cfg(feature = "mqtt")]
mod backoff;
#[cfg(feature = "mqtt")]
mod link;
#[cfg(feature = "mqtt")]
mod message;
#[cfg(feature = "mqtt")]
mod options;
#[cfg(feature = "mqtt")]
mod queue;
#[cfg(feature = "mqtt")]
mod scores;
#[cfg(feature = "mqtt")]
mod secret;
#[cfg(feature = "mqtt")]
mod session;
mod settings;
#[cfg(feature = "mqtt")]
mod sink;
#[cfg(feature = "mqtt")]
mod tls;
pub mod topic;
#[cfg(feature = "mqtt")]
mod window;
#[cfg(feature = "mqtt")]
mod wire;

pub use settings::{Settings, Tls, Version, Which};

use crate::sink::Sink;

/// Starts it for the node of this name. A broker that is away is no error.
///
/// # Errors
/// A value is out of range, or a file is missing, unusable or open to others; with the key.
#[cfg(feature = "mqtt")]
pub fn open(settings: &Settings, node: &str) -> anyhow::Result<Box<dyn Sink>> {
    Ok(Box::new(sink::Mqtt::open(settings, node)?))
}

/// Refuses it.
///
/// # Errors
/// Always: the feature `mqtt` is not in this program.
#[cfg(not(feature = "mqtt"))]
pub fn open(settings: &Settings, _: &str) -> anyhow::Result<Box<dyn Sink>> {
    settings.check()?;
    anyhow::bail!("this program was built without the feature `mqtt`")
}
