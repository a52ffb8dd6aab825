//! The feed: a machine or a recording, read and judged in a thread of its own, so that the screen never waits.

use bellwether_agent::event::Event;
use bellwether_agent::status::Status;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread;

/// States that wait for the screen, at most.
const WAITING: usize = 16;

/// Something that is read and judged, sample after sample.
pub trait Machine {
    /// Waits for the time of the next sample, reads and judges it. `None` at the end, with a word about it.
    ///
    /// # Errors
    /// It cannot be read, or its readings cannot be recorded.
    fn next(&mut self, told: &mut Vec<Event>) -> anyhow::Result<Option<Status>>;

    /// Somebody has seen an event. False if it is not on.
    fn acknowledge(&mut self, id: u64) -> bool;

    /// A line for the end.
    fn end(&mut self) -> anyhow::Result<String>;
}

/// A message from the feed.
pub enum News {
    /// A state, and the events since the one before.
    Seen(Box<Status>, Vec<Event>),
    /// The answer to an acknowledgement.
    Acknowledged(u64, bool),
    /// Nothing more will come.
    Ended(anyhow::Result<String>),
}

/// The other end of the thread.
pub struct Feed {
    news: Receiver<News>,
    acknowledged: Sender<u64>,
}

impl Feed {
    /// Starts the thread. It makes the machine itself, which may not leave it.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn start<M: Machine>(
        make: impl FnOnce() -> anyhow::Result<M> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let (send, news) = sync_channel(WAITING);
        let (acknowledged, asked) = channel();
        let run = move || {
            let ended = make().and_then(|machine| feed(machine, &send, &asked));
            // The screen may be gone.
            let _ = send.send(News::Ended(ended));
        };
        thread::Builder::new().name("feed".into()).spawn(run)?;
        Ok(Self { news, acknowledged })
    }

    /// The next message, if one is there.
    pub fn news(&self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// Tells the machine that somebody has seen an event.
    pub fn acknowledge(&self, id: u64) {
        // After the end there is nobody to tell.
        let _ = self.acknowledged.send(id);
    }
}

fn feed(
    mut machine: impl Machine,
    send: &SyncSender<News>,
    asked: &Receiver<u64>,
) -> anyhow::Result<String> {
    loop {
        let mut told = Vec::new();
        let Some(status) = machine.next(&mut told)? else {
            return machine.end();
        };
        if send.send(News::Seen(Box::new(status), told)).is_err() {
            return machine.end();
        }
        loop {
            match asked.try_recv() {
                Ok(id) => {
                    let _ = send.send(News::Acknowledged(id, machine.acknowledge(id)));
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return machine.end(),
            }
        }
    }
}
