//! A node's frames from the stream, in their order and each once, over restarts of the server.

use super::frame::Message;
use super::next;
use anyhow::{Context, ensure};
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer};
use async_nats::jetstream::stream::Stream;
use bellwether::Reading;
use std::collections::BTreeMap;
use std::time::Duration;

/// Messages of one request.
const BATCH: usize = 500;
/// Time to wait for the first of them.
const WAIT: Duration = Duration::from_millis(250);
/// Empty answers after which the consumer is looked for.
const EMPTY: u32 = 8;
/// Time after which the server forgets a consumer that nobody asks.
const FORGET: Duration = Duration::from_secs(60);
/// Frames that wait for an earlier one, at most.
const EARLY: usize = 4096;

/// A frame's timestamp and readings.
pub(super) type Frame = (String, Vec<Reading>);

/// The frames of a subject.
pub(super) struct Frames {
    stream: Stream,
    subject: String,
    variables: usize,
    consumer: Option<PullConsumer>,
    /// Number of the last message in the stream.
    sequence: u64,
    empty: u32,
    /// Number of the next frame.
    next: u64,
    early: BTreeMap<u64, Frame>,
    end: Option<u64>,
}

impl Frames {
    pub(super) fn new(stream: Stream, subject: String, variables: usize) -> Self {
        Self {
            stream,
            subject,
            variables,
            consumer: None,
            sequence: 0,
            empty: 0,
            next: 0,
            early: BTreeMap::new(),
            end: None,
        }
    }

    /// Whether all frames were given out.
    pub(super) fn ended(&self) -> bool {
        self.end == Some(self.next)
    }

    /// The next frames in order; none if none came within a moment, or the server is away.
    ///
    /// # Errors
    /// A message is no frame of the node, or a frame is missing.
    pub(super) async fn next(&mut self) -> anyhow::Result<Vec<Frame>> {
        let payloads = self.fetch().await;
        self.empty = match payloads.is_empty() {
            true => self.empty + 1,
            false => 0,
        };
        if self.empty > 0 && self.empty.is_multiple_of(EMPTY) {
            // A consumer that the server has forgotten says nothing either.
            self.consumer = None;
        }
        for payload in payloads {
            self.sort(&payload)?;
        }
        let mut frames = Vec::new();
        while let Some(frame) = self.early.remove(&self.next) {
            frames.push(frame);
            self.next += 1;
        }
        ensure!(
            self.early.len() <= EARLY,
            "frame {} is missing; is the stream limited in size or age?",
            self.next
        );
        Ok(frames)
    }

    fn sort(&mut self, payload: &[u8]) -> anyhow::Result<()> {
        let place = || format!("{}, message {}", self.subject, self.sequence);
        match serde_json::from_slice(payload).with_context(place)? {
            Message::End { end } => self.end = Some(end),
            Message::Frame {
                row,
                timestamp,
                values,
            } => {
                ensure!(
                    values.len() == self.variables,
                    "{}: {} values of {} variables",
                    place(),
                    values.len(),
                    self.variables
                );
                // One that comes again is the same frame.
                if row >= self.next {
                    let readings = values.iter().map(Reading::from).collect();
                    self.early.insert(row, (timestamp, readings));
                }
            }
        }
        Ok(())
    }

    /// Payloads behind the last one. Errors of the connection are passed over: the next request tries again.
    async fn fetch(&mut self) -> Vec<Vec<u8>> {
        let mut payloads = Vec::new();
        let Some(consumer) = self.consumer().await else {
            tokio::time::sleep(WAIT).await;
            return payloads;
        };
        let mut failed = false;
        // What is there at once, or what comes within a moment.
        for wait in [false, true] {
            let messages = match wait {
                false => consumer.fetch().max_messages(BATCH).messages().await,
                true => {
                    let batch = consumer.batch().max_messages(BATCH);
                    batch.expires(WAIT).messages().await
                }
            };
            let Ok(mut messages) = messages else {
                failed = true;
                break;
            };
            loop {
                let message = match next(&mut messages).await {
                    Ok(Some(message)) => message,
                    Ok(None) => break,
                    Err(_) => {
                        failed = true;
                        break;
                    }
                };
                if let Ok(info) = message.info()
                    && info.stream_sequence > self.sequence
                {
                    self.sequence = info.stream_sequence;
                    payloads.push(message.payload.to_vec());
                }
            }
            if failed || !payloads.is_empty() {
                break;
            }
        }
        if failed {
            self.consumer = None;
            tokio::time::sleep(WAIT).await;
        }
        payloads
    }

    async fn consumer(&mut self) -> Option<PullConsumer> {
        if self.consumer.is_none() {
            let config = Config {
                deliver_policy: DeliverPolicy::ByStartSequence {
                    start_sequence: self.sequence + 1,
                },
                ack_policy: AckPolicy::None,
                filter_subject: self.subject.clone(),
                inactive_threshold: FORGET,
                memory_storage: true,
                ..Config::default()
            };
            self.consumer = self.stream.create_consumer(config).await.ok();
        }
        self.consumer.clone()
    }
}
