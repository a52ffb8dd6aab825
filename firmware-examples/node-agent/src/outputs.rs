//! Outputs: the sinks that a configuration asks for, each in a file of its own.

pub mod check;
pub mod http;
pub mod journal;
pub mod mqtt;
pub mod nvsentinel;
pub mod post;
pub mod prometheus;
pub mod redfish;
mod replaced;
pub mod secret;
pub mod textfile;
mod time;

#[cfg(test)]
pub(crate) mod testing;

use crate::sink::{Outbox, Sink};
use anyhow::Context as _;
use serde::Deserialize;

/// Section `[outputs]`. An output without its section is off.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Metrics and state over HTTP, for those who ask.
    pub http: Option<http::Settings>,
    /// Metrics in a file for node_exporter's textfile collector.
    pub textfile: Option<textfile::Settings>,
    /// Events to a webhook, as Redfish forms them.
    pub redfish: Option<redfish::Settings>,
    /// Events to a webhook, as NVSentinel forms them.
    pub nvsentinel: Option<nvsentinel::Settings>,
    /// Events to the journal.
    pub journal: Option<journal::Settings>,
    /// A brief state in a file, for `bellwether-agent check`.
    pub check: Option<check::Settings>,
    /// Scores and events to an MQTT broker.
    pub mqtt: Option<mqtt::Settings>,
}

/// Starts them for the node of this name.
///
/// # Errors
/// An output cannot be started: an address in use, a file that cannot be written, a feature that is not in this
/// program. The text names the section.
pub fn open(settings: &Settings, node: &str) -> anyhow::Result<Outbox> {
    fn start<S>(
        outbox: &mut Outbox,
        section: &'static str,
        settings: Option<&S>,
        open: impl FnOnce(&S) -> anyhow::Result<Box<dyn Sink>>,
    ) -> anyhow::Result<()> {
        let Some(settings) = settings else {
            return Ok(());
        };
        open(settings)
            .and_then(|sink| outbox.add(sink))
            .with_context(|| format!("[outputs.{section}]"))
    }
    let mut outbox = Outbox::default();
    let to = &mut outbox;
    start(to, "http", settings.http.as_ref(), http::open)?;
    start(to, "textfile", settings.textfile.as_ref(), textfile::open)?;
    start(to, "redfish", settings.redfish.as_ref(), redfish::open)?;
    let nvsentinel = settings.nvsentinel.as_ref();
    start(to, "nvsentinel", nvsentinel, nvsentinel::open)?;
    start(to, "journal", settings.journal.as_ref(), journal::open)?;
    start(to, "check", settings.check.as_ref(), check::open)?;
    let mqtt = settings.mqtt.as_ref();
    start(to, "mqtt", mqtt, |settings| mqtt::open(settings, node))?;
    Ok(outbox)
}

#[cfg(test)]
mod tests;
