//! The link to the broker: a thread that connects, sends what the queues hold, and begins again after a loss.

use super::backoff::Backoff;
use super::message::Message;
use super::queue::Queue;
use super::scores::Scores;
use super::session::Session;
use super::settings::Which;
use super::window::Origin;
use super::wire;
use crate::sink::Counts;
use crate::status::Status;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime;
use tokio::sync::Notify;

/// A session that lasts longer is a success, even if nothing was to be sent.
const STEADY: Duration = Duration::from_secs(10);

/// The regular end.
pub struct End;

/// The queues and what both threads know.
pub struct Shared {
    queues: Mutex<Queues>,
    frame: Mutex<Option<Arc<Status>>>,
    complaint: Mutex<String>,
    end: Mutex<Option<Instant>>,
    confirmed: AtomicU64,
    connected: AtomicBool,
    /// Wakes the link.
    pub news: Notify,
    /// Counters for the agent's own metrics.
    pub counts: Arc<Counts>,
}

/// The queues: scores never push out events.
pub struct Queues {
    /// Events.
    pub events: Queue,
    /// Scores, if they are to be confirmed.
    pub scores: Option<Queue>,
    unsendable: BTreeSet<(Origin, u64)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Nothing on its way.
    pub fn new(events: Queue, scores: Option<Queue>) -> Self {
        let unsendable = BTreeSet::new();
        let shared = Self {
            queues: Mutex::new(Queues {
                events,
                scores,
                unsendable,
            }),
            frame: Mutex::default(),
            complaint: Mutex::default(),
            end: Mutex::default(),
            confirmed: AtomicU64::new(0),
            connected: AtomicBool::new(false),
            news: Notify::new(),
            counts: Arc::default(),
        };
        shared.count(&lock(&shared.queues));
        shared
    }

    /// Puts something into the queues.
    pub fn put<T>(&self, put: impl FnOnce(&mut Queues) -> T) -> T {
        let mut queues = lock(&self.queues);
        let result = put(&mut queues);
        self.count(&queues);
        drop(queues);
        self.news.notify_one();
        result
    }

    /// Sets the state whose scores are sent next, without confirmation and only while there is a connection.
    pub fn show(&self, status: &Arc<Status>) {
        *lock(&self.frame) = self
            .connected
            .load(Ordering::Relaxed)
            .then(|| Arc::clone(status));
        self.news.notify_one();
    }

    /// Asks the link to send what waits until then, and to end.
    pub fn end(&self, until: Instant) {
        *lock(&self.end) = Some(until);
        self.news.notify_one();
    }

    pub(super) fn ending(&self) -> bool {
        lock(&self.end).is_some()
    }

    pub(super) fn overdue(&self) -> bool {
        lock(&self.end).is_some_and(|until| Instant::now() >= until)
    }

    pub(super) fn take_frame(&self) -> Option<Arc<Status>> {
        lock(&self.frame).take()
    }

    pub(super) fn waiting(&self) -> u64 {
        self.counts.waiting.load(Ordering::Relaxed)
    }

    pub(super) fn opened(&self) {
        self.connected.store(true, Ordering::Relaxed);
        let mut queues = lock(&self.queues);
        queues.events.rewind();
        queues.scores.iter_mut().for_each(Queue::rewind);
        let mut complaint = lock(&self.complaint);
        if !complaint.is_empty() {
            eprintln!("bellwether-agent: mqtt: connected");
            complaint.clear();
        }
    }

    /// Says what is wrong on standard error, once while it stays the same.
    pub(super) fn complain(&self, error: &anyhow::Error) {
        let (text, mut last) = (format!("{error:#}"), lock(&self.complaint));
        if *last != text {
            eprintln!("bellwether-agent: mqtt: {text}");
            *last = text;
        }
    }

    pub(super) fn hand_out(&self) -> Option<(Origin, u64, Vec<u8>)> {
        let mut queues = lock(&self.queues);
        let event = queues.events.hand_out();
        let event = event.map(|(number, bytes)| (Origin::Events, number, bytes));
        let scores = |queues: &mut Queues| {
            let (number, bytes) = queues.scores.as_mut()?.hand_out()?;
            Some((Origin::Scores, number, bytes))
        };
        let message = event.or_else(|| scores(&mut queues));
        self.count(&queues);
        message
    }

    pub(super) fn confirm(&self, origin: Origin, number: u64) {
        let mut queues = lock(&self.queues);
        match origin {
            Origin::Events => queues.events.confirm(number),
            Origin::Scores => queues
                .scores
                .iter_mut()
                .for_each(|queue| queue.confirm(number)),
            // A broker that takes this alone is no success: the next message may be what it dies of.
            Origin::Notice => return,
        }
        self.confirmed.fetch_add(1, Ordering::Relaxed);
        queues.unsendable.remove(&(origin, number));
        self.count(&queues);
    }

    pub(super) fn give_up(&self, origin: Origin, number: u64) {
        lock(&self.queues).unsendable.insert((origin, number));
    }

    pub(super) fn unsendable(&self, origin: Origin, number: u64) -> bool {
        lock(&self.queues).unsendable.contains(&(origin, number))
    }

    fn count(&self, queues: &Queues) {
        let both = || queues.scores.iter().chain([&queues.events]);
        let waiting = both().map(Queue::waiting).sum();
        let repeated = both().map(Queue::repeated).sum();
        let pushed_out = both().map(Queue::dropped).sum();
        self.counts.waiting.store(waiting, Ordering::Relaxed);
        self.counts.repeated.store(repeated, Ordering::Relaxed);
        self.counts.pushed_out.store(pushed_out, Ordering::Relaxed);
    }
}

/// The constant part of all connections.
pub struct Plan {
    /// Makes the options of the next connection; secrets are read again each time.
    pub options: Box<dyn Fn() -> anyhow::Result<wire::Options> + Send>,
    /// Topics begin with it.
    pub prefix: String,
    /// Scores that are sent without confirmation.
    pub scores: Which,
    /// The longest wait between attempts.
    pub longest: Duration,
}

/// Connects again and again until the end is asked for.
pub fn run(shared: &Shared, plan: &Plan) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => {
            runtime.block_on(connect(shared, plan));
            // A name that is being looked up must not hold up the end.
            runtime.shutdown_background();
        }
        Err(error) => shared.complain(&error.into()),
    }
}

async fn connect(shared: &Shared, plan: &Plan) {
    let mut backoff = Backoff::new(plan.longest);
    loop {
        // One attempt after the end is asked for is enough.
        let last = shared.ending();
        let (begin, confirmed) = (Instant::now(), shared.confirmed.load(Ordering::Relaxed));
        let lost = tokio::select! {
            session = session(shared, plan) => session,
            () = overdue(shared) => return,
        };
        shared.connected.store(false, Ordering::Relaxed);
        match lost {
            Ok(End) => return,
            Err(error) => shared.complain(&error),
        }
        if last {
            return;
        }
        if begin.elapsed() > STEADY || shared.confirmed.load(Ordering::Relaxed) > confirmed {
            backoff.reset();
        }
        let until = tokio::time::Instant::now() + backoff.wait();
        // News of messages do not shorten the wait, the end does.
        while tokio::time::Instant::now() < until && !shared.ending() {
            let _ = tokio::time::timeout_at(until, shared.news.notified()).await;
        }
        if shared.overdue() {
            return;
        }
    }
}

async fn session(shared: &Shared, plan: &Plan) -> anyhow::Result<End> {
    let options = (plan.options)()?;
    let status = |state: &str| Message {
        topic: format!("{}/status", plan.prefix),
        payload: state.into(),
        retain: true,
    };
    let keep_alive = options.keep_alive;
    let (client, connection) = wire::open(options);
    let session = Session {
        shared,
        client,
        keep_alive,
        online: status("online"),
        offline: status("offline"),
        scores: Scores::new(plan.prefix.clone(), plan.scores),
    };
    session.run(connection).await
}

/// Waits until the end is overdue, with time for the farewell of a session that works.
async fn overdue(shared: &Shared) {
    while !shared.overdue() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}
