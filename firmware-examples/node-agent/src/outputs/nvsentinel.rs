//! Events to a webhook, in the form of NVSentinel: `HealthEvents` in the JSON of its protocol buffers.
//!
//! Every event is for the record only: it is never fatal, recommends nothing, and asks to be stored.

use super::post::{self, Post};
use super::prometheus::{kind_name, severity_name};
use super::time::rfc3339;
use crate::event::{Event, Kind, Phase};
use crate::sink::{Sink, Takes};
use crate::status::Status;
use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Section `[outputs.nvsentinel]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The receiver.
    pub webhook: post::Settings,
    /// Class of the component, if the group does not tell.
    #[serde(default = "class")]
    pub component_class: String,
}

fn class() -> String {
    "Node".into()
}

/// Starts it.
///
/// # Errors
/// Its settings are wrong, or the program is without the feature `webhook`.
pub fn open(settings: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    let post = Post::new(&settings.webhook).context("webhook")?;
    let class = settings.component_class.clone();
    Ok(Box::new(Nvsentinel { post, class }))
}

struct Nvsentinel {
    post: Post,
    class: String,
}

impl Sink for Nvsentinel {
    fn name(&self) -> &'static str {
        "nvsentinel"
    }

    fn takes(&self) -> Takes {
        Takes::Events
    }

    fn tell(&mut self, event: &Event) -> anyhow::Result<()> {
        self.post.send(&record(event, &self.class))
    }

    fn show(&mut self, _: &Arc<Status>) -> anyhow::Result<()> {
        Ok(())
    }
}

/// The record of an event.
pub(super) fn record(event: &Event, class: &str) -> Value {
    let group = event.group.to_ascii_lowercase();
    let gpu = ["gpu", "dcgm", "nvidia"];
    let class = if gpu.iter().any(|start| group.starts_with(start)) {
        "GPU"
    } else {
        class
    };
    let entities = event
        .variables
        .iter()
        .map(|variable| json!({ "entityType": "SENSOR", "entityValue": variable.channel }));
    let code = format!("BELLWETHER_{}", kind_name(event.kind).to_ascii_uppercase());
    json!({
        "version": 1,
        "events": [{
            "version": 1,
            "agent": "bellwether-agent",
            "componentClass": class,
            "checkName": check_name(event.kind),
            "isFatal": false,
            "isHealthy": event.phase == Phase::Clear,
            "message": event.message,
            "recommendedAction": "NONE",
            "errorCode": [code],
            "entitiesImpacted": entities.collect::<Vec<_>>(),
            "metadata": metadata(event),
            "generatedTimestamp": rfc3339(event.at_ms),
            "nodeName": event.node,
            "processingStrategy": "STORE_ONLY",
        }],
    })
}

/// Texts by name, as its map has them.
fn metadata(event: &Event) -> Map<String, Value> {
    let mut all = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            all.insert(name.into(), value.into());
        }
    };
    put("id", Some(event.id.to_string()));
    put("severity", Some(severity_name(event.severity).into()));
    put("group", Some(event.group.clone()));
    put("since", Some(rfc3339(event.since_ms)));
    put("score", event.score.map(|score| score.to_string()));
    put(
        "threshold",
        event.threshold.map(|threshold| threshold.to_string()),
    );
    put("job", event.job.clone());
    if let Some(first) = event.variables.first() {
        put(
            "value",
            first.value.map(|value| format!("{value} {}", first.unit)),
        );
        put(
            "expected",
            first
                .expected
                .map(|value| format!("{value} {}", first.unit)),
        );
    }
    all
}

const fn check_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Anomaly => "BellwetherAnomaly",
        Kind::Missing => "BellwetherMissing",
        Kind::Stuck => "BellwetherStuck",
        Kind::Range => "BellwetherRange",
        Kind::Rate => "BellwetherRate",
        Kind::Errors => "BellwetherErrors",
        Kind::Peers => "BellwetherPeers",
        Kind::Source => "BellwetherSource",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Severity;
    use crate::outputs::testing;

    /// Broken if a field of `HealthEvent` has another name or type.
    #[test]
    fn the_record_of_an_event() {
        let record = record(&testing::event(), "Node");
        let expected = json!({
            "version": 1,
            "events": [{
                "version": 1,
                "agent": "bellwether-agent",
                "componentClass": "Node",
                "checkName": "BellwetherAnomaly",
                "isFatal": false,
                "isHealthy": false,
                "message": "hwmon: temp1:Tctl is 81.5 °C, usual is 47.25 °C",
                "recommendedAction": "NONE",
                "errorCode": ["BELLWETHER_ANOMALY"],
                "entitiesImpacted": [
                    { "entityType": "SENSOR", "entityValue": "0000:00:18.3/k10temp/temp1:Tctl" }
                ],
                "metadata": {
                    "id": "7", "severity": "warning", "group": "hwmon", "since": "2026-11-29T14:00:00.000Z",
                    "score": "5.5", "threshold": "4", "job": "4711", "value": "81.5 °C", "expected": "47.25 °C"
                },
                "generatedTimestamp": "2026-11-29T14:00:30.500Z",
                "nodeName": "n001",
                "processingStrategy": "STORE_ONLY",
            }],
        });
        assert_eq!(record, expected);
    }

    /// Broken if any event could make another program act.
    #[test]
    fn no_event_asks_for_an_action() {
        let mut event = testing::event();
        event.severity = Severity::Critical;
        for (phase, healthy) in [
            (Phase::Start, false),
            (Phase::Update, false),
            (Phase::Clear, true),
        ] {
            for kind in [Kind::Anomaly, Kind::Missing, Kind::Errors, Kind::Source] {
                (event.phase, event.kind) = (phase, kind);
                event.group = "gpu".into();
                let record = record(&event, "Node");
                let record = &record["events"][0];
                assert_eq!(record["isFatal"], false);
                assert_eq!(record["recommendedAction"], "NONE");
                assert_eq!(record["processingStrategy"], "STORE_ONLY");
                assert_eq!(record["isHealthy"], healthy);
                assert_eq!(record["componentClass"], "GPU");
            }
        }
    }
}
