//! Messages: events as JSON, scores in ExaMon's form, and their bytes in the queue.

use super::topic::level;
use crate::event::Event;
use anyhow::ensure;
use serde::Serialize;

/// A message to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its topic.
    pub topic: String,
    /// Its payload.
    pub payload: Vec<u8>,
    /// Whether the broker keeps it for those who come later.
    pub retain: bool,
}

impl Message {
    /// An event, with its number in the queue: `<prefix>/events/<kind>/<group>`. If it is larger than `most` bytes,
    /// the least telling of its variables are left out.
    pub fn event(prefix: &str, event: &Event, number: u64, most: usize) -> anyhow::Result<Self> {
        #[derive(Serialize)]
        struct Numbered<'a> {
            seq: u64,
            #[serde(flatten)]
            event: &'a Event,
        }
        let kind = serde_json::to_value(event.kind)?;
        let kind = kind.as_str().unwrap_or_default();
        let topic = format!("{prefix}/events/{kind}/{}", level(&event.group));
        ensure!(
            topic.len() <= usize::from(u16::MAX),
            "a topic of {} bytes",
            topic.len()
        );
        let mut event = event.clone();
        loop {
            let payload = serde_json::to_vec(&Numbered {
                seq: number,
                event: &event,
            })?;
            if payload.len() + topic.len() + 3 <= most {
                return Ok(Self {
                    topic,
                    payload,
                    retain: true,
                });
            }
            let variables = event.variables.len();
            ensure!(variables > 0, "an event of {} bytes", payload.len());
            event.variables.truncate(variables / 2);
        }
    }

    /// A number in ExaMon's form: `value;unix_ts`, with milliseconds behind the point.
    pub fn number(topic: String, value: f32, at_ms: u64) -> Self {
        let payload = format!("{value};{}.{:03}", at_ms / 1000, at_ms % 1000).into_bytes();
        Self {
            topic,
            payload,
            retain: false,
        }
    }

    /// Its bytes in the queue: retained or not, length of the topic (2, little-endian), topic, payload.
    pub fn encode(&self) -> anyhow::Result<Vec<u8>> {
        let length = u16::try_from(self.topic.len())?;
        let mut bytes = vec![u8::from(self.retain)];
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(self.topic.as_bytes());
        bytes.extend_from_slice(&self.payload);
        Ok(bytes)
    }

    /// The message of these bytes; `None` if they are none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (retain, rest) = bytes.split_first()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (topic, payload) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        Some(Self {
            topic: str::from_utf8(topic).ok()?.to_owned(),
            payload: payload.to_vec(),
            retain: *retain != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Blamed, Kind, Phase, Severity};
    use proptest::prelude::*;

    fn event(variables: usize) -> Event {
        let variables = (0..variables).map(|index| Blamed {
            channel: format!("chip/temp{index}"),
            unit: "°C".into(),
            value: Some(f32::NAN),
            expected: None,
            share: 0.5,
        });
        Event {
            id: 7,
            phase: Phase::Start,
            kind: Kind::Stuck,
            severity: Severity::Warning,
            node: "n1".into(),
            group: "hw mon/+".into(),
            since_ms: 1,
            at_ms: 2,
            score: None,
            threshold: None,
            variables: variables.collect(),
            job: None,
            message: "temp1 repeats 45".into(),
        }
    }

    /// Broken if a reader of the JSON misses the number or a field, or the topic is not one level each.
    #[test]
    fn an_event_carries_its_number() {
        let message = Message::event("p", &event(1), 42, 10_000).expect("fits");
        assert_eq!(message.topic, "p/events/stuck/hw%20mon%2F%2B");
        let read: serde_json::Value = serde_json::from_slice(&message.payload).expect("JSON");
        assert_eq!((&read["seq"], &read["id"]), (&42.into(), &7.into()));
        assert_eq!(read["phase"], "start");
        assert!(read["variables"][0]["value"].is_null(), "NaN is null");
        assert!(message.retain);
    }

    /// Broken if a large event is lost for its list of variables, or the most telling ones go first.
    #[test]
    fn a_large_event_loses_its_least_telling_variables() {
        let message = Message::event("p", &event(1_000), 1, 5_000).expect("fits");
        assert!(message.encode().expect("fits").len() <= 5_000);
        let read: serde_json::Value = serde_json::from_slice(&message.payload).expect("JSON");
        assert_eq!(read["variables"][0]["channel"], "chip/temp0");
        Message::event("p", &event(1), 1, 50).expect_err("cannot fit");
    }

    /// Broken if ExaMon's collectors cannot read a number.
    #[test]
    fn a_number_has_examons_form() {
        let message = Message::number("t".into(), 1.5, 1_700_000_000_042);
        assert_eq!(message.payload, b"1.5;1700000000.042");
    }

    proptest! {
        /// Broken if the queue changes a message, or foreign bytes stop it.
        #[test]
        fn bytes_give_the_message_back(topic in any::<String>(), payload: Vec<u8>, retain: bool, other: Vec<u8>) {
            let message = Message { topic, payload, retain };
            prop_assert_eq!(Message::decode(&message.encode().expect("fits")), Some(message));
            let _ = Message::decode(&other);
        }
    }
}
