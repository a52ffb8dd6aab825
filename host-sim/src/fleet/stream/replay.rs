//! Recordings into the stream of frames: as fast as the server takes them, or at a multiple of their own speed.

mod source;

use super::frame::{Message, Node};
use super::link::Roll;
use super::sending::{Letter, Sending, WINDOW};
use super::{Link, Server, last, runtime};
use crate::fleet::node::NodeFile;
use crate::progress::Progress;
use crate::recording::learning::rows_in_front;
use crate::recording::{Options, Recording};
use anyhow::Context;
use source::Source;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

/// Recordings that are open at a time, where time does not order them.
const OPEN: usize = 64;

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Frames that were sent.
    pub frames: u64,
    /// Nodes that were in the stream to their end.
    pub there: u64,
}

/// Publishes recordings; one that was interrupted goes on where it stopped.
///
/// # Errors
/// A recording cannot be read, or the server cannot be reached or holds another replay.
pub fn replay(
    server: &Server,
    nodes: &[NodeFile],
    options: &Options,
    speed: Option<f64>,
) -> anyhow::Result<Replayed> {
    runtime()?.block_on(async {
        let link = Link::open(server).await?;
        let frames = link.make_frames().await?;
        let mut sending = Sending::new(link.context.clone());
        let mut sources = Vec::with_capacity(nodes.len());
        let mut replayed = Replayed::default();
        for node in nodes {
            if last(&frames, &link.about(&node.name)).await?.is_none() {
                let about = about(node, options)?;
                sending
                    .send(Letter {
                        subject: link.about(&node.name),
                        id: format!("node:{}", node.name),
                        payload: serde_json::to_vec(&about)?,
                    })
                    .await?;
            }
            let subject = link.frames(&node.name);
            let found = last(&frames, &subject).await?;
            let found = found.map(|of| serde_json::from_slice::<Message>(&of.payload));
            match found.transpose().with_context(|| subject.clone())? {
                Some(Message::End { .. }) => replayed.there += 1,
                Some(Message::Frame { row, .. }) => {
                    // Messages before the last one may have been lost on their way.
                    let from = (row + 1).saturating_sub(WINDOW as u64);
                    sources.push(Source::new(node, subject, from));
                }
                None => sources.push(Source::new(node, subject, 0)),
            }
        }
        sending.flush().await?;
        let names = nodes.iter().map(|node| node.name.clone()).collect();
        link.call(&frames, &Roll { nodes: names }).await?;
        let progress = Progress::over(sources.len() as u64, "nodes");
        let size = match speed {
            Some(_) => sources.len().max(1),
            None => OPEN,
        };
        for chunk in sources.chunks_mut(size) {
            replayed.frames += publish(chunk, options, speed, &mut sending, &progress).await?;
        }
        progress.finish();
        Ok(replayed)
    })
}

fn about(node: &NodeFile, options: &Options) -> anyhow::Result<Node> {
    let recording = Recording::open_with(&node.path, options)?;
    Ok(Node {
        node: node.name.clone(),
        variables: recording.names().to_vec(),
        learn: rows_in_front(&node.path, options, &recording)?,
    })
}

/// Publishes recordings side by side, in order of time at a speed, else row by row.
async fn publish(
    sources: &mut [Source<'_>],
    options: &Options,
    speed: Option<f64>,
    sending: &mut Sending,
    progress: &Progress,
) -> anyhow::Result<u64> {
    let paced = speed.is_some();
    let mut order = BinaryHeap::new();
    for (k, source) in sources.iter_mut().enumerate() {
        source.open(options)?;
        order.push(Reverse((source.key(paced), k)));
    }
    let start = Instant::now();
    let first = order.peek().map_or(0, |Reverse((key, _))| *key);
    let mut frames = 0;
    while let Some(Reverse((key, k))) = order.pop() {
        if let Some(speed) = speed {
            let due = Duration::from_micros((key.saturating_sub(first) as f64 / speed) as u64);
            let left = due.saturating_sub(start.elapsed());
            if !left.is_zero() {
                tokio::time::sleep(left).await;
            }
        }
        let Some(source) = sources.get_mut(k) else {
            continue;
        };
        match source.take()? {
            Some(letter) => {
                sending.send(letter).await?;
                frames += 1;
                order.push(Reverse((source.key(paced), k)));
            }
            None => {
                // The end is there only behind all frames.
                sending.flush().await?;
                sending.send(source.end()?).await?;
                source.close();
                progress.step();
            }
        }
    }
    sending.flush().await?;
    Ok(frames)
}
