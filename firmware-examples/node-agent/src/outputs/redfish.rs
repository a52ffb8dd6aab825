//! Events to a webhook, in the form of Redfish: an `Event` whose messages are those of the registry
//! `Bellwether.1.0.0`, which is beside the package in `dist/redfish`.

mod registry;

use super::post::{self, Post};
use super::time::rfc3339;
use crate::event::{Event, Phase, Severity};
use crate::sink::{Sink, Takes};
use crate::status::Status;
use anyhow::{Context as _, ensure};
use registry::{Registry, message_name};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// Section `[outputs.redfish]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The receiver.
    pub webhook: post::Settings,
    /// Resource that an event is about, in which `{node}` and `{channel}` are replaced.
    #[serde(default = "origin")]
    pub origin: String,
    /// Text that the receiver asked for when it subscribed.
    #[serde(default = "context")]
    pub context: String,
}

fn origin() -> String {
    "/redfish/v1/Chassis/{node}/Sensors/{channel}".into()
}

fn context() -> String {
    "Bellwether".into()
}

/// Starts it.
///
/// # Errors
/// Its settings are wrong, or the program is without the feature `webhook`.
pub fn open(settings: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    let post = Post::new(&settings.webhook).context("webhook")?;
    let form = Form::new(settings)?;
    Ok(Box::new(Redfish { post, form }))
}

struct Redfish {
    post: Post,
    form: Form,
}

impl Sink for Redfish {
    fn name(&self) -> &'static str {
        "redfish"
    }

    fn takes(&self) -> Takes {
        Takes::Events
    }

    fn tell(&mut self, event: &Event) -> anyhow::Result<()> {
        self.post.send(&self.form.record(event))
    }

    fn show(&mut self, _: &Arc<Status>) -> anyhow::Result<()> {
        Ok(())
    }
}

/// The form of the records.
struct Form {
    registry: Registry,
    origin: String,
    context: String,
}

impl Form {
    fn new(settings: &Settings) -> anyhow::Result<Self> {
        let origin = settings.origin.clone();
        ensure!(
            origin.starts_with('/'),
            "origin: {origin}: does not begin with /"
        );
        Ok(Self {
            registry: Registry::shipped()?,
            origin,
            context: settings.context.clone(),
        })
    }

    fn record(&self, event: &Event) -> Value {
        let name = message_name(event.kind, event.phase);
        let first = event.variables.first();
        let subject = first.map_or(&*event.group, |variable| &*variable.channel);
        let arguments = [subject, &*event.node, &*event.message];
        let severity = match (event.phase, event.severity) {
            (Phase::Clear, _) | (_, Severity::Info) => "OK",
            (_, Severity::Warning) => "Warning",
            (_, Severity::Critical) => "Critical",
        };
        let phase = match event.phase {
            Phase::Start => "start",
            Phase::Update => "update",
            Phase::Clear => "clear",
        };
        let identity = format!("{}.{}.{phase}", event.id, event.at_ms);
        json!({
            "@odata.type": "#Event.v1_7_0.Event",
            "Id": identity,
            "Name": "Bellwether",
            "Context": self.context,
            "Events": [{
                "EventType": "Alert",
                "MemberId": "0",
                "EventId": identity,
                "EventGroupId": event.id,
                "EventTimestamp": rfc3339(event.at_ms),
                "MessageId": format!("Bellwether.1.0.{name}"),
                "Message": self.registry.message(name, &arguments),
                "MessageArgs": arguments,
                "MessageSeverity": severity,
                "Severity": severity,
                "Resolution": self.registry.resolution(name),
                "OriginOfCondition": { "@odata.id": self.origin_of(event, first.map(|variable| &*variable.channel)) },
                "Oem": { "Bellwether": event },
            }],
        })
    }

    /// The resource that it is about: the channel itself if it was read from one.
    fn origin_of(&self, event: &Event, channel: Option<&str>) -> String {
        let channel = channel.unwrap_or(&event.group);
        if let Some(at) = channel.find("/redfish/v1/") {
            return encoded(channel.get(at..).unwrap_or_default(), "/");
        }
        let (before, after) = ("{node}", "{channel}");
        let origin = self.origin.replace(before, &encoded(&event.node, ""));
        origin.replace(after, &encoded(channel, ""))
    }
}

/// A text as a part of a path, in which these characters stay beside those that always do.
fn encoded(text: &str, stay: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
        if plain || stay.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
pub(super) use tests::example;

#[cfg(test)]
mod tests;
