//! A worker: takes nodes as long as it has room, judges them side by side, and says which are complete.

use super::worker::{Desk, Outcome, judge};
use super::{Link, Server, next, runtime};
use crate::fleet::judging::Manner;
use crate::fleet::plan::Plan;
use anyhow::Context;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer};
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::io::{self, Write};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Sender, channel};

/// Name of the durable consumer that hands out nodes.
const JUDGES: &str = "judges";
/// Time between two looks for nodes.
const LOOK: Duration = Duration::from_millis(300);

/// The ways of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Time of silence after which another worker gets its nodes.
    pub lease: Duration,
    /// Nodes at a time, at most.
    pub at_once: usize,
    /// Whether it ends when every node is judged to its end.
    pub until_done: bool,
}

/// The deeds of a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Nodes whose result it completed.
    pub nodes: u64,
    /// Nodes that another worker took over.
    pub lost: u64,
    /// Nodes that cannot be judged.
    pub failed: u64,
}

/// Serves until it is killed, or until every node is judged.
///
/// # Errors
/// The server or the stream cannot be reached, or other workers judge in another way.
pub fn serve(
    server: &Server,
    manner: &Manner<'_>,
    plan: &Plan,
    ways: &Ways,
) -> anyhow::Result<Served> {
    runtime()?.block_on(async {
        let link = Link::open(server).await?;
        let frames = link.open_frames().await?;
        let verdicts = link.make_verdicts().await?;
        link.agree(&verdicts, plan).await?;
        let config = Config {
            durable_name: Some(JUDGES.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ways.lease,
            filter_subject: link.abouts(),
            // All nodes may be in work at a time.
            max_ack_pending: 1_000_000,
            ..Config::default()
        };
        let nodes = frames.get_or_create_consumer(JUDGES, config).await;
        let nodes: PullConsumer = nodes.context("the consumer of nodes cannot be made")?;
        let lease = nodes.cached_info().config.ack_wait;
        let desk = Desk {
            link: &link,
            frames: &frames,
            verdicts: &verdicts,
            lease: if lease.is_zero() { ways.lease } else { lease },
        };
        let room = Semaphore::new(ways.at_once);
        let (sender, mut receiver) = channel::<Message>(1);
        let look = look(&link, &frames, &nodes, ways.until_done, &room, sender);
        let work = async {
            let mut served = Served::default();
            let mut tasks = FuturesUnordered::new();
            let mut open = true;
            while open || !tasks.is_empty() {
                tokio::select! {
                    message = receiver.recv(), if open => match message {
                        Some(message) => tasks.push(async {
                            let message = message;
                            judge(&desk, manner, &message).await
                        }),
                        None => open = false,
                    },
                    Some(outcome) = tasks.next() => {
                        room.add_permits(1);
                        served.take(outcome);
                    }
                }
            }
            served
        };
        let ((), served) = tokio::join!(look, work);
        Ok(served)
    })
}

impl Served {
    fn take(&mut self, outcome: anyhow::Result<Outcome>) {
        // Nobody may be listening.
        let mut log = io::stderr();
        let _ = match outcome {
            Ok(Outcome::Done(node, frames, from)) => {
                self.nodes += 1;
                writeln!(
                    log,
                    "{node}: complete, {frames} frames, from {from} on here"
                )
            }
            Ok(Outcome::Lost(node)) => {
                self.lost += 1;
                writeln!(log, "{node}: another worker has it")
            }
            Err(error) => {
                self.failed += 1;
                writeln!(log, "{error:#}")
            }
        };
    }
}

/// Takes nodes as long as there is room.
async fn look(
    link: &Link,
    frames: &Stream,
    nodes: &PullConsumer,
    until_done: bool,
    room: &Semaphore,
    sender: Sender<Message>,
) {
    loop {
        let Ok(permit) = room.acquire().await else {
            return;
        };
        permit.forget();
        let mut found = None;
        if let Ok(mut messages) = nodes.fetch().max_messages(1).messages().await {
            while let Ok(Some(message)) = next(&mut messages).await {
                found = found.or(Some(message));
            }
        }
        match found {
            Some(message) => {
                if sender.send(message).await.is_err() {
                    return;
                }
            }
            None => {
                room.add_permits(1);
                if until_done && all_done(link, frames, nodes).await == Some(true) {
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

/// Whether all nodes are known and every message about one was given back; `None` if the server does not say.
async fn all_done(link: &Link, frames: &Stream, nodes: &PullConsumer) -> Option<bool> {
    link.roll(frames).await.ok()??;
    let info = nodes.get_info().await.ok()?;
    Some(info.num_pending == 0 && info.num_ack_pending == 0)
}
