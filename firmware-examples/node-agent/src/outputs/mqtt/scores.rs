//! Scores of a frame as messages, all of them or those that have changed.

use super::message::Message;
use super::settings::Which;
use super::topic::level;
use crate::status::Status;

/// The scores of the last frame.
#[derive(Debug)]
pub struct Scores {
    prefix: String,
    which: Which,
    last: Vec<(String, f32)>,
}

impl Scores {
    /// None yet.
    pub const fn new(prefix: String, which: Which) -> Self {
        Self {
            prefix,
            which,
            last: Vec::new(),
        }
    }

    /// The messages of a frame: `data/<sensor>/anomaly_score` for each sensor, `data/<group>/group_severity` for each
    /// group that judges, and `data/node/anomaly_ratio`.
    pub fn messages(&mut self, status: &Status) -> Vec<Message> {
        if self.which == Which::Off {
            return Vec::new();
        }
        let channels = status.channels.iter();
        let channels =
            channels.map(|channel| (&channel.identity[..], "anomaly_score", channel.surprise));
        let groups = status.groups.iter();
        let groups =
            groups.filter_map(|group| Some((&group.name[..], "group_severity", group.severity?)));
        let node = [("node", "anomaly_ratio", status.anomaly_ratio)];
        let now: Vec<_> = channels
            .chain(groups)
            .chain(node)
            .filter(|(_, _, value)| value.is_finite())
            .map(|(name, metric, value)| {
                (
                    format!("{}/data/{}/{metric}", self.prefix, level(name)),
                    value,
                )
            })
            .collect();
        let all = self.which == Which::All;
        let changed = |index: usize, (topic, value): &(String, f32)| {
            let last = self.last.get(index);
            last.is_none_or(|(old, last)| old != topic || last.to_bits() != value.to_bits())
        };
        let due = now.iter().enumerate();
        let due = due.filter(|(index, score)| all || changed(*index, score));
        let messages = due
            .map(|(_, (topic, value))| Message::number(topic.clone(), *value, status.at_ms))
            .filter(|message| message.topic.len() <= usize::from(u16::MAX))
            .collect();
        self.last = now;
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{ChannelStatus, Health};

    fn status(scores: &[f32]) -> Status {
        let channel = |(index, surprise): (usize, &f32)| ChannelStatus {
            identity: format!("chip/temp{index}"),
            chip: "chip".into(),
            sensor: format!("temp{index}"),
            group: "hwmon".into(),
            unit: "°C",
            value: Some(40.0),
            expected: None,
            usual: None,
            surprise: *surprise,
            health: Health::Normal,
        };
        Status {
            at_ms: 1_000,
            channels: scores.iter().enumerate().map(channel).collect(),
            ..Status::default()
        }
    }

    fn topics(messages: &[Message]) -> Vec<&str> {
        messages.iter().map(|message| &message.topic[..]).collect()
    }

    /// Broken if an unchanged score is sent again, a changed one is not, or a NaN is sent.
    #[test]
    fn only_changes_are_sent() {
        let mut scores = Scores::new("p".into(), Which::Changed);
        let first = scores.messages(&status(&[0.0, 0.0]));
        let all = [
            "p/data/chip%2Ftemp0/anomaly_score",
            "p/data/chip%2Ftemp1/anomaly_score",
            "p/data/node/anomaly_ratio",
        ];
        assert_eq!(topics(&first), all);
        assert_eq!(scores.messages(&status(&[0.0, 0.0])), []);
        let changed = scores.messages(&status(&[0.0, 2.5]));
        assert_eq!(topics(&changed), [all[1]]);
        assert_eq!(changed[0].payload, b"2.5;1.000");
        let with_nan = scores.messages(&status(&[f32::NAN, 2.5]));
        assert!(
            with_nan
                .iter()
                .all(|message| !message.payload.starts_with(b"NaN"))
        );
    }

    /// Broken if a key of the configuration has no effect.
    #[test]
    fn all_or_none_on_request() {
        let mut all = Scores::new("p".into(), Which::All);
        assert_eq!(all.messages(&status(&[0.0])).len(), 2);
        assert_eq!(all.messages(&status(&[0.0])).len(), 2);
        let mut off = Scores::new("p".into(), Which::Off);
        assert_eq!(off.messages(&status(&[0.0])), []);
    }
}
