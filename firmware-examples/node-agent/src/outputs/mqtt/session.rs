//! A session: one connection from its first packet to its loss.
//!
//! Two loops share a window. One hands messages of the queues to the client while the window has room, the other
//! lets the connection work and takes confirmed messages off the queues. The connection is given up if it makes no
//! progress, since a broker that hangs does not close it.

use super::link::{End, Shared};
use super::message::Message;
use super::scores::Scores;
use super::window::{Origin, Window};
use super::wire::{Client, Connection, News, WINDOW};
use anyhow::{anyhow, bail};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// A connection and what it knows.
pub struct Session<'a> {
    pub shared: &'a Shared,
    pub client: Client,
    pub keep_alive: Duration,
    pub online: Message,
    pub offline: Message,
    pub scores: Scores,
}

/// The part that both loops share.
#[derive(Default)]
struct Common {
    window: Mutex<Window>,
}

impl Common {
    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session<'_> {
    /// Works until the connection is lost (`Err`) or the agent ends.
    pub async fn run(self, mut connection: Connection) -> anyhow::Result<End> {
        // The client has a limit of its own for this.
        loop {
            match connection.next().await? {
                News::Open => break,
                _ => continue,
            }
        }
        let (shared, keep_alive) = (self.shared, self.keep_alive);
        shared.opened();
        let common = Common::default();
        tokio::select! {
            end = drive(shared, &common, &mut connection, keep_alive) => end,
            end = self.pump(&common) => end,
        }
    }

    /// Hands over messages.
    async fn pump(mut self, common: &Common) -> anyhow::Result<End> {
        let shared = self.shared;
        common.window().add(Origin::Notice, 0);
        self.client.publish(self.online.clone(), true).await?;
        loop {
            self.fill(common).await?;
            if let Some(status) = shared.take_frame() {
                for message in self.scores.messages(&status) {
                    self.client.publish(message, false).await?;
                }
            }
            if shared.ending() {
                let empty = shared.waiting() == 0 && common.window().len() == 0;
                if empty || shared.overdue() {
                    break;
                }
            }
            // A look now and then, so that an overdue end is seen.
            let _ = timeout(Duration::from_millis(200), shared.news.notified()).await;
        }
        common.window().add(Origin::Notice, 0);
        self.client.publish(self.offline.clone(), true).await?;
        let given_up = Instant::now() + Duration::from_secs(1);
        while common.window().len() > 0 && Instant::now() < given_up {
            let _ = timeout(Duration::from_millis(50), shared.news.notified()).await;
        }
        self.client.disconnect().await?;
        // The other loop sees the farewell leave.
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(End)
    }

    async fn fill(&self, common: &Common) -> anyhow::Result<()> {
        while common.window().len() < usize::from(WINDOW) {
            let Some((origin, number, bytes)) = self.shared.hand_out() else {
                break;
            };
            match Message::decode(&bytes) {
                Some(message) if !self.shared.unsendable(origin, number) => {
                    common.window().add(origin, number);
                    self.client.publish(message, true).await?;
                }
                _ => {
                    self.shared.counts.lost.fetch_add(1, Ordering::Relaxed);
                    common.window().skip(origin, number);
                    settle(self.shared, common);
                }
            }
        }
        Ok(())
    }
}

/// Lets the connection work.
async fn drive(
    shared: &Shared,
    common: &Common,
    connection: &mut Connection,
    keep_alive: Duration,
) -> anyhow::Result<End> {
    let patience = keep_alive * 2;
    let mut progress = Instant::now();
    loop {
        let news = match timeout(patience, connection.next()).await {
            Ok(news) => news?,
            Err(_) => bail!("the broker does not answer"),
        };
        match news {
            News::Sent(identifier) => common.window().sent(identifier),
            News::Confirmed(identifier) => {
                common.window().over(identifier);
                settle(shared, common);
                progress = Instant::now();
            }
            News::Refused(identifier, reason) => {
                common.window().over(identifier);
                settle(shared, common);
                shared.counts.lost.fetch_add(1, Ordering::Relaxed);
                shared.complain(&anyhow!("the broker refuses a message for good: {reason}"));
                progress = Instant::now();
            }
            News::TooLarge => {
                // It has not left, and would end the next connection too.
                if let Some((origin, number)) = common.window().stuck() {
                    shared.give_up(origin, number);
                }
                bail!("a message is larger than the broker takes");
            }
            News::Closed => return Ok(End),
            News::Open | News::Other => {}
        }
        if common.window().len() == 0 {
            progress = Instant::now();
        } else if progress.elapsed() > patience {
            bail!("the broker confirms nothing");
        }
    }
}

/// Takes what is decided on off the queues.
fn settle(shared: &Shared, common: &Common) {
    let mut window = common.window();
    while let Some((origin, number)) = window.finished() {
        shared.confirm(origin, number);
    }
    drop(window);
    shared.news.notify_one();
}
