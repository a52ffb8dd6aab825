//! Messages of the stream of frames, as JSON: a node, a frame, or the end of a node's recording.

use bellwether::{Cause, Reading};
use serde::{Deserialize, Serialize};

/// A message about a node, before its frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its name.
    pub node: String,
    /// Names of its variables.
    pub variables: Vec<String>,
    /// Rows to learn from, of a recording that tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learn: Option<u64>,
}

/// A message of a node's subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "Members")]
pub enum Message {
    /// A frame.
    Frame {
        /// Its number, from 0.
        row: u64,
        /// Its time, as in the recording.
        timestamp: String,
        /// A value per variable.
        values: Vec<Value>,
    },
    /// The end.
    End {
        /// Number of all frames.
        end: u64,
    },
}

/// The members of either message.
#[derive(Deserialize)]
struct Members {
    row: Option<u64>,
    timestamp: Option<String>,
    values: Option<Vec<Value>>,
    end: Option<u64>,
}

impl TryFrom<Members> for Message {
    type Error = &'static str;

    fn try_from(members: Members) -> Result<Self, Self::Error> {
        match members {
            Members {
                row: Some(row),
                timestamp: Some(timestamp),
                values: Some(values),
                end: None,
            } => Ok(Self::Frame {
                row,
                timestamp,
                values,
            }),
            Members {
                row: None,
                end: Some(end),
                ..
            } => Ok(Self::End { end }),
            _ => Err("neither a frame (row, timestamp, values) nor an end"),
        }
    }
}

/// A reading: a number, `null` if it is missing, or a text if it is no finite number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "serde_json::Value")]
pub enum Value {
    /// A number; a 32-bit one is written with all its digits, and read without a change.
    Number(f64),
    /// Any text.
    Text(String),
    /// Nothing.
    Missing(()),
}

/// By way of any JSON, which knows a number whatever the digits that serde_json keeps.
impl TryFrom<serde_json::Value> for Value {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        match value {
            serde_json::Value::Null => Ok(Self::Missing(())),
            serde_json::Value::String(text) => Ok(Self::Text(text)),
            serde_json::Value::Number(number) => {
                number.as_f64().map(Self::Number).ok_or("no number")
            }
            _ => Err("neither a number nor a text nor null"),
        }
    }
}

impl From<Reading> for Value {
    fn from(reading: Reading) -> Self {
        match reading.usable() {
            Ok(value) => Self::Number(value.into()),
            Err(Cause::NotFinite) => Self::Text("inf".to_owned()),
            Err(_) => Self::Missing(()),
        }
    }
}

impl From<&Value> for Reading {
    fn from(value: &Value) -> Self {
        match value {
            Value::Number(number) => Self::from(*number as f32),
            Value::Text(_) => Self::Absent(Cause::NotFinite),
            Value::Missing(()) => Self::Absent(Cause::Missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a bit that is lost, by which a worker would judge another frame.
    #[test]
    fn readings_survive_to_the_bit() {
        let values = [0.1_f32, 1e-45, f32::MAX, -0.0, 16_777_217.0, 3.402_823e-39];
        let absent = [Cause::Missing, Cause::NotFinite].map(Reading::Absent);
        let readings = values.map(Reading::Value).into_iter().chain(absent);
        let readings: Vec<Reading> = readings.collect();
        let message = Message::Frame {
            row: 7,
            timestamp: "2026-01-01 00:00".to_owned(),
            values: readings.iter().map(|reading| (*reading).into()).collect(),
        };
        let text = serde_json::to_vec(&message).unwrap();
        let Message::Frame { values, .. } = serde_json::from_slice(&text).unwrap() else {
            panic!("a frame is read as something else");
        };
        let read: Vec<Reading> = values.iter().map(Reading::from).collect();
        let bits = |of: &[Reading]| -> Vec<_> {
            of.iter()
                .map(|reading| reading.usable().map(f32::to_bits))
                .collect()
        };
        assert_eq!(bits(&read), bits(&readings));
        assert_eq!(
            serde_json::from_str::<Message>(r#"{"end":12}"#).unwrap(),
            Message::End { end: 12 }
        );
        assert!(serde_json::from_str::<Message>(r#"{"row":-1}"#).is_err());
    }
}
