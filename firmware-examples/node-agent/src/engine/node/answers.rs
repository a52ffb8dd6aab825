//! The node's answers to requests over the socket.

use super::Node;
use crate::engine::request::{Answer, Brief, Request};
use crate::engine::socket::Asked;
use crate::state::{Record, Then};
use std::sync::atomic::Ordering;

/// The longest silence, in minutes: a year.
const YEAR: u32 = 366 * 24 * 60;

impl Node {
    /// Answers a client, once the disk has what it asked for.
    pub fn answer(&mut self, asked: Asked) {
        let at_ms = self.at_ms;
        let (answer, record) = match &asked.request {
            Request::Silence {
                minutes: Some(minutes),
            } if (1..=YEAR).contains(minutes) => {
                let until = at_ms + u64::from(*minutes) * 60_000;
                self.judge.silence(Some(until));
                (
                    Answer::done(format!("silent for {minutes} minutes")),
                    Some(Record::Silence(Some(until))),
                )
            }
            Request::Silence {
                minutes: Some(minutes),
            } => (
                Answer::failed(format!("{minutes} minutes: 1 to {YEAR}")),
                None,
            ),
            Request::Silence { minutes: None } => {
                self.context.maintenance = true;
                (
                    Answer::done("silent until `silence --end`"),
                    Some(Record::Maintenance(true)),
                )
            }
            Request::End {} => {
                self.judge.silence(None);
                self.context.maintenance = false;
                // Both in one write, of which a crash leaves a beginning at most.
                let records = vec![Record::Maintenance(false), Record::Silence(None)];
                let answer = Answer::done("the silence has ended");
                return self.keeper.note(records, Then::Answer(asked, answer));
            }
            Request::Acknowledge { id } => match self.judge.acknowledge(*id) {
                true => {
                    self.acknowledged.insert(*id);
                    (
                        Answer::done(format!("event {id} is seen: only its end is told")),
                        Some(Record::Acknowledged(*id)),
                    )
                }
                false => (Answer::failed(format!("no event {id} is on")), None),
            },
            Request::Accept { group } => match self.judge.accept(group) {
                true => {
                    let answer = Answer::done(format!(
                        "the present state of {group} is normal from now on"
                    ));
                    (answer, Some(Record::Accepted(group.clone())))
                }
                false => (Answer::failed(format!("no group {group:?}")), None),
            },
            Request::Status {} => (self.brief(), None),
            Request::Save {} => match self.keeper.ready() {
                true => {
                    self.save();
                    (
                        Answer::done(format!("saved after {} samples", self.samples)),
                        None,
                    )
                }
                false => (
                    Answer::failed("there is no folder, or a save is going on"),
                    None,
                ),
            },
        };
        self.keeper
            .note(record.into_iter().collect(), Then::Answer(asked, answer));
    }

    fn brief(&self) -> Answer {
        let status = self.status();
        let brief = Brief {
            node: &self.name,
            at_ms: self.at_ms,
            samples: self.samples,
            saved_samples: self.keeper.saved().samples.load(Ordering::Relaxed),
            channels: self.readings.len(),
            anomaly_ratio: status.anomaly_ratio,
            job: status.job.as_deref(),
            silenced: status.silenced,
            maintenance: self.context.maintenance,
            paused: status.paused,
            groups: &status.groups,
            active: &status.active,
            acknowledged: self.acknowledged.iter().copied().collect(),
            agent: &status.agent,
            step_ns: self.cost.quantiles(),
        };
        match serde_json::to_value(&brief) {
            Ok(status) => Answer {
                status: Some(status),
                ..Answer::default()
            },
            Err(error) => Answer::failed(error.to_string()),
        }
    }
}
