//! Outputs, and the outbox in front of them: detection never waits for an output.

use crate::event::Event;
use crate::status::Status;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// Messages that wait for one sink, at most. The oldest status goes first, then the oldest event.
const WAITING: usize = 256;

/// The counters of a sink with a queue of its own.
#[derive(Debug, Default)]
pub struct Counts {
    /// Messages that wait in its queue.
    pub waiting: AtomicU64,
    /// Messages that the bound of its queue has pushed out.
    pub pushed_out: AtomicU64,
    /// Messages that the other side will never take.
    pub lost: AtomicU64,
    /// Messages sent again, because nobody had confirmed the first time; they may have arrived twice.
    pub repeated: AtomicU64,
}

impl Counts {
    fn gone(&self) -> u64 {
        self.pushed_out.load(Ordering::Relaxed) + self.lost.load(Ordering::Relaxed)
    }
}

/// The messages that a sink takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Events and states.
    All,
    /// Events only.
    Events,
    /// States only.
    States,
}

/// An output. It runs in a thread of its own, may block, and stops no other.
pub trait Sink: Send {
    /// Its name in the configuration and in the agent's own metrics, as `mqtt`.
    fn name(&self) -> &'static str;

    /// Whether it takes events, states or both. What it does not take never waits for it and wakes nobody up.
    fn takes(&self) -> Takes {
        Takes::All
    }

    /// Its own counters. It is asked once, before the first message.
    fn counts(&self) -> Arc<Counts> {
        Arc::default()
    }

    /// Tells an event.
    ///
    /// # Errors
    /// It could not be told and is lost to this output. Outputs that retry or keep a queue do so inside.
    fn tell(&mut self, event: &Event) -> anyhow::Result<()>;

    /// Takes the state after a frame was judged, at most once a frame.
    ///
    /// # Errors
    /// As [`Self::tell`].
    fn show(&mut self, status: &Arc<Status>) -> anyhow::Result<()>;
}

/// A message to a sink.
#[derive(Clone)]
enum Message {
    Event(Arc<Event>),
    Status(Arc<Status>),
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<(VecDeque<Message>, bool)>,
    news: Condvar,
    dropped: AtomicU64,
}

impl Queue {
    fn put(&self, message: Message) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (queue, _) = &mut *waiting;
        // Of states only the newest counts.
        if matches!(message, Message::Status(_)) {
            queue.retain(|message| matches!(message, Message::Event(_)));
        }
        if queue.len() == WAITING {
            queue.pop_front();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        queue.push_back(message);
        self.news.notify_one();
    }

    /// The next message; `None` at the end.
    fn take(&self) -> Option<Message> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(message) = waiting.0.pop_front() {
                return Some(message);
            }
            if waiting.1 {
                return None;
            }
            waiting = self
                .news
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.1 = true;
        self.news.notify_all();
    }
}

/// All sinks, each behind a bounded queue.
#[derive(Default)]
pub struct Outbox {
    sinks: Vec<Running>,
}

struct Running {
    name: &'static str,
    takes: Takes,
    queue: Arc<Queue>,
    counts: Arc<Counts>,
    thread: thread::JoinHandle<()>,
}

impl Outbox {
    /// Starts the thread of a sink. Failures are told on standard error, once while they last.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn add(&mut self, mut sink: Box<dyn Sink>) -> anyhow::Result<()> {
        let (name, takes) = (sink.name(), sink.takes());
        let (counts, queue) = (sink.counts(), Arc::new(Queue::default()));
        let messages = Arc::clone(&queue);
        let run = move || {
            let mut failing = false;
            while let Some(message) = messages.take() {
                let told = match &message {
                    Message::Event(event) => sink.tell(event),
                    Message::Status(status) => sink.show(status),
                };
                match told {
                    Ok(()) => failing = false,
                    Err(error) => {
                        messages.dropped.fetch_add(1, Ordering::Relaxed);
                        if !failing {
                            eprintln!("bellwether-agent: {name}: {error:#}");
                        }
                        failing = true;
                    }
                }
            }
        };
        let thread = thread::Builder::new().name(name.into()).spawn(run)?;
        self.sinks.push(Running {
            name,
            takes,
            queue,
            counts,
            thread,
        });
        Ok(())
    }

    /// Hands an event to all.
    pub fn tell(&self, event: &Event) {
        let event = Arc::new(event.clone());
        let taking = self.sinks.iter();
        for sink in taking.filter(|sink| sink.takes != Takes::States) {
            sink.queue.put(Message::Event(Arc::clone(&event)));
        }
    }

    /// Hands the state to all.
    pub fn show(&self, status: Status) {
        let status = Arc::new(status);
        let taking = self.sinks.iter();
        for sink in taking.filter(|sink| sink.takes != Takes::Events) {
            sink.queue.put(Message::Status(Arc::clone(&status)));
        }
    }

    /// Messages that each sink has lost so far.
    pub fn dropped(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let dropped =
            |sink: &Running| sink.queue.dropped.load(Ordering::Relaxed) + sink.counts.gone();
        self.sinks
            .iter()
            .map(move |sink| (sink.name, dropped(sink)))
    }

    /// The counters of each sink's own queue.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, &Counts)> {
        self.sinks.iter().map(|sink| (sink.name, &*sink.counts))
    }

    /// Lets all sinks finish what waits, for at most as long; one that hangs is left behind.
    pub fn close(self, within: std::time::Duration) {
        for sink in &self.sinks {
            sink.queue.close();
        }
        let end = std::time::Instant::now() + within;
        for sink in self.sinks {
            while !sink.thread.is_finished() && std::time::Instant::now() < end {
                thread::sleep(std::time::Duration::from_millis(10));
            }
        }
    }
}
