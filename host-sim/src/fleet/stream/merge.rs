//! Results from the stream of verdicts.

use super::{Link, Server, next, runtime};
use crate::fleet::merge::{Total, copy};
use crate::progress::Progress;
use anyhow::Context;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer};
use async_nats::jetstream::stream::Stream;
use std::io::Write;
use std::time::Duration;

/// Messages of one request.
const BATCH: usize = 100;
/// Time after which the server forgets a consumer that nobody asks.
const FORGET: Duration = Duration::from_secs(60);

/// Writes the results of all nodes, in order of the nodes, with the sums behind them.
///
/// # Errors
/// The replay or a result is not complete, or a frame is missing or there twice.
pub fn merge(server: &Server, out: &mut impl Write) -> anyhow::Result<Total> {
    runtime()?.block_on(async {
        let link = Link::open(server).await?;
        let frames = link.open_frames().await?;
        let verdicts = link.open_verdicts().await?;
        let roll = link.roll(&frames).await?;
        let roll = roll.context("the replay has not named all its nodes yet")?;
        let plan = link.plan(&verdicts).await?;
        let plan = plan.context("no worker has begun")?;
        let progress = Progress::over(roll.nodes.len() as u64, "nodes");
        let mut total = Total::default();
        for node in &roll.nodes {
            let pieces = pieces(&verdicts, &link.verdicts(node)).await;
            let pieces = pieces.with_context(|| format!("node {node}"))?;
            let counts = copy(node, &plan, pieces.as_slice(), out);
            total.add(counts.with_context(|| format!("node {node}"))?);
            progress.step();
        }
        progress.finish();
        total.write(out)?;
        Ok(total)
    })
}

/// All pieces of a subject, one after the other.
async fn pieces(verdicts: &Stream, subject: &str) -> anyhow::Result<Vec<u8>> {
    let config = Config {
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        filter_subject: subject.to_owned(),
        inactive_threshold: FORGET,
        memory_storage: true,
        ..Config::default()
    };
    let consumer: PullConsumer = verdicts.create_consumer(config).await?;
    let mut left = consumer.cached_info().num_pending;
    let mut text = Vec::new();
    while left > 0 {
        let mut messages = consumer.fetch().max_messages(BATCH).messages().await?;
        let before = left;
        while let Some(message) = next(&mut messages)
            .await
            .map_err(anyhow::Error::from_boxed)?
        {
            text.extend_from_slice(&message.payload);
            left = left.saturating_sub(1);
        }
        anyhow::ensure!(left < before, "the server holds back {left} pieces");
    }
    // The server forgets it soon all the same.
    let _ = verdicts.delete_consumer(&consumer.cached_info().name).await;
    Ok(text)
}
