//! The registry of messages.

use crate::event::{Kind, Phase};
use anyhow::Context as _;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The registry as it is shipped.
const SHIPPED: &str = include_str!("../../../dist/redfish/Bellwether.1.0.0.json");

/// Messages by their names.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Registry {
    messages: BTreeMap<String, Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message: String,
    resolution: String,
}

impl Registry {
    pub fn shipped() -> anyhow::Result<Self> {
        serde_json::from_str(SHIPPED).context("the registry of messages")
    }

    /// The text of a message with its arguments in place.
    pub fn message(&self, name: &str, arguments: &[&str]) -> String {
        let text = self.messages.get(name).map(|message| &*message.message);
        let mut out = String::new();
        // Place by place, because an argument may look like one.
        for (at, part) in text.unwrap_or_default().split('%').enumerate() {
            let digit = (at > 0).then(|| part.chars().next()).flatten();
            let number = digit.and_then(|digit| digit.to_digit(10));
            let argument = number.and_then(|number| arguments.get(number.checked_sub(1)? as usize));
            match argument {
                Some(argument) => {
                    out.push_str(argument);
                    out.push_str(part.get(1..).unwrap_or_default());
                }
                None => out.push_str(part),
            }
        }
        out
    }

    /// The registry's advice.
    pub fn resolution(&self, name: &str) -> &str {
        let message = self.messages.get(name);
        message.map_or("", |message| &message.resolution)
    }

    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(|name| &**name)
    }
}

/// The name of the message about an event.
pub const fn message_name(kind: Kind, phase: Phase) -> &'static str {
    match (kind, phase) {
        (Kind::Anomaly, Phase::Clear) => "SensorAnomalyCleared",
        (Kind::Anomaly, _) => "SensorAnomalyDetected",
        (Kind::Missing, Phase::Clear) => "SensorMissingCleared",
        (Kind::Missing, _) => "SensorMissing",
        (Kind::Stuck, Phase::Clear) => "SensorStuckCleared",
        (Kind::Stuck, _) => "SensorStuck",
        (Kind::Range, Phase::Clear) => "SensorRangeUnusualCleared",
        (Kind::Range, _) => "SensorRangeUnusual",
        (Kind::Rate, Phase::Clear) => "SensorRateUnusualCleared",
        (Kind::Rate, _) => "SensorRateUnusual",
        (Kind::Errors, Phase::Clear) => "ErrorCounterGrowingCleared",
        (Kind::Errors, _) => "ErrorCounterGrowing",
        (Kind::Peers, Phase::Clear) => "NodeDiffersFromPeersCleared",
        (Kind::Peers, _) => "NodeDiffersFromPeers",
        (Kind::Source, Phase::Clear) => "SourceUnavailableCleared",
        (Kind::Source, _) => "SourceUnavailable",
    }
}
