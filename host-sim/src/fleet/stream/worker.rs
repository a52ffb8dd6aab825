//! One node in a worker's hands: frames in, pieces of its result out, until its end or until another has it.

use super::frame::Node;
use super::frames::Frames;
use super::{Link, last};
use crate::fleet::judging::{Judging, Manner};
use crate::fleet::line::{Line, Part, about};
use anyhow::Context;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{AckKind, Message};
use std::time::{Duration, Instant};

/// Size of a piece at which it is published.
const PIECE_BYTES: usize = 256 << 10;
/// Frames of a piece, at most.
const PIECE_FRAMES: u64 = 4096;
/// Time after which a piece is published, however small.
const PIECE_TIME: Duration = Duration::from_secs(1);
/// Frames between two moments for other nodes.
const TURN: usize = 64;
/// Time between two attempts to reach the server.
const PAUSE: Duration = Duration::from_millis(500);

/// Its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The result is complete: node, frames, and the frame that this worker published first.
    Done(String, u64, u64),
    /// Another worker has published a piece.
    Lost(String),
}

/// The streams.
pub(super) struct Desk<'a> {
    pub(super) link: &'a Link,
    pub(super) frames: &'a Stream,
    pub(super) verdicts: &'a Stream,
    pub(super) lease: Duration,
}

/// The message about a node, which this worker keeps as long as it says that it is at work.
struct Lease<'a> {
    message: &'a Message,
    pace: Duration,
    last: Instant,
}

impl Lease<'_> {
    async fn renew(&mut self) {
        if self.last.elapsed() >= self.pace {
            self.last = Instant::now();
            // One that is lost is followed by another.
            let _ = self.message.ack_with(AckKind::Progress).await;
        }
    }
}

/// A piece of the result that is not published yet.
struct Piece {
    /// A number of this attempt alone: the server takes two messages of one identity for the same, and a worker may
    /// get a node a second time while it still has it.
    attempt: u64,
    from: u64,
    text: String,
    /// Number of the last published piece in the stream, 0 for none.
    sequence: u64,
    /// Its begin.
    since: Instant,
}

/// Judges a node.
///
/// # Errors
/// The node or its frames cannot be judged, by no worker. The message is withdrawn then.
pub(super) async fn judge(
    desk: &Desk<'_>,
    manner: &Manner<'_>,
    message: &Message,
) -> anyhow::Result<Outcome> {
    let outcome = work(desk, manner, message).await;
    match &outcome {
        Ok(Outcome::Done(..)) => done(message).await,
        Ok(Outcome::Lost(_)) => {}
        Err(_) => {
            let _ = message.ack_with(AckKind::Term).await;
        }
    }
    outcome
}

/// Gives the message back for good; if that is lost, the next worker finds the complete result.
async fn done(message: &Message) {
    for _ in 0..3 {
        if message.double_ack().await.is_ok() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn work(desk: &Desk<'_>, manner: &Manner<'_>, message: &Message) -> anyhow::Result<Outcome> {
    let about = serde_json::from_slice(&message.payload);
    let about: Node = about.with_context(|| format!("{}: no node", message.subject))?;
    let node = about.node.as_str();
    let judging = manner.judging(node, &about.variables, about.learn);
    let mut judging = judging.with_context(|| format!("node {node}"))?;
    let mut lease = Lease {
        message,
        pace: desk.lease / 4,
        last: Instant::now(),
    };
    let (published, sequence) = published(desk, node, &mut lease).await?;
    if published.last {
        return Ok(Outcome::Done(node.to_owned(), published.to, published.to));
    }
    let begun = published.to;
    let mut piece = Piece {
        attempt: getrandom::u64()?,
        from: begun,
        text: String::new(),
        sequence,
        since: Instant::now(),
    };
    if sequence == 0 {
        piece.text = format!("{}\n", judging.begin()?);
    }
    let subject = desk.link.frames(node);
    let mut frames = Frames::new(desk.frames.clone(), subject, about.variables.len());
    loop {
        lease.renew().await;
        let batch = frames.next().await;
        let batch = batch.with_context(|| format!("node {node}"))?;
        let due = batch.is_empty() || piece.since.elapsed() >= PIECE_TIME;
        for (k, (timestamp, readings)) in batch.iter().enumerate() {
            let fresh = judging.frames() >= begun;
            let line = judging.take(timestamp, readings)?;
            // What was published before is judged again for the state alone.
            if let Some(line) = line.filter(|_| fresh) {
                piece.text += &line;
                piece.text.push('\n');
            }
            let frames = judging.frames().saturating_sub(piece.from);
            let full = piece.text.len() >= PIECE_BYTES || frames >= PIECE_FRAMES;
            if full && fresh && !publish(desk, node, &judging, &mut piece, false).await? {
                return Ok(Outcome::Lost(node.to_owned()));
            }
            if k % TURN == TURN - 1 {
                lease.renew().await;
                tokio::task::yield_now().await;
            }
        }
        if frames.ended() {
            piece.text += &judging.end()?;
            piece.text.push('\n');
            if !publish(desk, node, &judging, &mut piece, true).await? {
                return Ok(Outcome::Lost(node.to_owned()));
            }
            return Ok(Outcome::Done(node.to_owned(), judging.frames(), begun));
        }
        if due
            && judging.frames() > piece.from
            && !publish(desk, node, &judging, &mut piece, false).await?
        {
            return Ok(Outcome::Lost(node.to_owned()));
        }
    }
}

/// The last published piece of a node and its number in the stream, 0 for none; waits for a server that is away.
async fn published(
    desk: &Desk<'_>,
    node: &str,
    lease: &mut Lease<'_>,
) -> anyhow::Result<(Part, u64)> {
    loop {
        match newest(desk, node).await {
            Ok(found) => return found,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                lease.renew().await;
            }
        }
    }
}

/// The same without waiting: the outer error is the server's, the inner one of what it has.
async fn newest(desk: &Desk<'_>, node: &str) -> anyhow::Result<anyhow::Result<(Part, u64)>> {
    let subject = desk.link.verdicts(node);
    let Some(found) = last(desk.verdicts, &subject).await? else {
        let none = Part {
            from: 0,
            to: 0,
            last: false,
        };
        return Ok(Ok((none, 0)));
    };
    let head = found.payload.split(|byte| *byte == b'\n').next();
    let head = serde_json::from_slice::<Line<'_>>(head.unwrap_or_default());
    let part = head.ok().and_then(|line| line.part);
    let part = part.with_context(|| format!("{subject}: message {}: no piece", found.sequence));
    Ok(part.map(|part| (part, found.sequence)))
}

/// Publishes a piece behind the last one, and begins the next; whether this worker still has the node.
async fn publish(
    desk: &Desk<'_>,
    node: &str,
    judging: &Judging<'_>,
    piece: &mut Piece,
    last: bool,
) -> anyhow::Result<bool> {
    let part = Part {
        from: piece.from,
        to: judging.frames(),
        last,
    };
    let text = format!("{}\n{}", about(node, "part", &part)?, piece.text);
    let id = format!("{:016x}:{node}:{}", piece.attempt, part.from);
    loop {
        let message = PublishMessage::build()
            .payload(text.clone().into_bytes().into())
            .message_id(&id)
            .expected_last_subject_sequence(piece.sequence);
        let subject = desk.link.verdicts(node);
        let sent = match desk.link.context.send_publish(subject, message).await {
            Ok(sent) => sent.await,
            Err(error) => Err(error),
        };
        let sequence = match sent {
            Ok(acknowledged) => Some(acknowledged.sequence),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                return Err(error).with_context(|| format!("node {node}, frame {}", part.from));
            }
            // The answer may have been lost, not the piece: then it is the last one there.
            Err(_) => match newest(desk, node).await {
                Ok(Ok((_, sequence))) if sequence == piece.sequence => None,
                Ok(Ok((found, sequence))) if found == part && mine(desk, node, &id).await => {
                    Some(sequence)
                }
                Ok(Ok(_)) => return Ok(false),
                Ok(Err(error)) => return Err(error),
                Err(_) => None,
            },
        };
        match sequence {
            Some(sequence) => {
                *piece = Piece {
                    attempt: piece.attempt,
                    from: part.to,
                    text: String::new(),
                    sequence,
                    since: Instant::now(),
                };
                return Ok(true);
            }
            None => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Whether the last piece has this identity.
async fn mine(desk: &Desk<'_>, node: &str, id: &str) -> bool {
    let found = last(desk.verdicts, &desk.link.verdicts(node)).await;
    let Ok(Some(found)) = found else { return false };
    let header = found.headers.get(async_nats::header::NATS_MESSAGE_ID);
    header.is_some_and(|of| of.as_str() == id)
}
