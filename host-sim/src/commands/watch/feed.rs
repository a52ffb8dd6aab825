//! The feed: a machine or a recording, read and judged in a thread of its own, so that the screen never waits.

use anyhow::anyhow;
use bellwether_agent::event::Event;
use bellwether_agent::status::Status;
use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread;

/// States that wait for the screen, at most.
const WAITING: usize = 16;

/// Something that is read and judged, sample after sample.
pub trait Machine {
    /// Waits for the time of the next sample, reads and judges it. `None` at the end.
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
    ended: Cell<bool>,
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
        Ok(Self {
            news,
            acknowledged,
            ended: Cell::new(false),
        })
    }

    /// The next message, if one is there. A thread that is gone without a word is an end, told once.
    pub fn news(&self) -> Option<News> {
        let news = match self.news.try_recv() {
            Ok(news) => news,
            Err(TryRecvError::Disconnected) if !self.ended.get() => {
                News::Ended(Err(anyhow!("reading and judging has ended with a panic")))
            }
            Err(_) => return None,
        };
        self.ended.set(matches!(news, News::Ended(_)));
        Some(news)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// A machine of two samples.
    struct Short(u8);

    impl Machine for Short {
        fn next(&mut self, _: &mut Vec<Event>) -> anyhow::Result<Option<Status>> {
            self.0 += 1;
            Ok((self.0 <= 2).then(Status::default))
        }

        fn acknowledge(&mut self, id: u64) -> bool {
            id == 7
        }

        fn end(&mut self) -> anyhow::Result<String> {
            Ok("the end".into())
        }
    }

    fn all(feed: &Feed) -> Vec<News> {
        let (mut all, start) = (Vec::new(), Instant::now());
        while !matches!(all.last(), Some(News::Ended(_))) {
            assert!(start.elapsed() < Duration::from_secs(60), "no end");
            all.extend(feed.news());
            thread::yield_now();
        }
        assert!(feed.news().is_none(), "news behind the end");
        all
    }

    #[test]
    fn samples_and_answers_come_before_the_end() {
        let (begin, go) = channel();
        let feed = Feed::start(move || {
            go.recv()?;
            Ok(Short(0))
        });
        let feed = feed.unwrap();
        feed.acknowledge(7);
        feed.acknowledge(8);
        begin.send(()).unwrap();
        let all = all(&feed);
        let seen = all.iter().filter(|news| matches!(news, News::Seen(..)));
        assert_eq!(seen.count(), 2);
        for (id, on) in [(7, true), (8, false)] {
            let answered =
                |news: &News| matches!(news, News::Acknowledged(of, is) if (*of, *is) == (id, on));
            assert!(all.iter().any(answered), "{id}");
        }
        assert!(matches!(all.last(), Some(News::Ended(Ok(said))) if said == "the end"));
    }

    /// Broken if the screen would stand still for ever behind a failure or a panic of the thread.
    #[test]
    fn a_failure_and_a_panic_are_ends() {
        let failed = Feed::start(|| Err::<Short, _>(anyhow!("no sensors"))).unwrap();
        assert!(matches!(all(&failed).as_slice(), [News::Ended(Err(_))]));
        let panicked = Feed::start(|| -> anyhow::Result<Short> { panic!("on purpose") }).unwrap();
        assert!(matches!(all(&panicked).as_slice(), [News::Ended(Err(_))]));
    }
}
