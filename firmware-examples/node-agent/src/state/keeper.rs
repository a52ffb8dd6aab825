//! The keeper: the thread that writes, so that detection never waits for a disk.

use super::file::{Header, Store};
use super::journal::{Journal, Record};
use crate::engine::{Answer, Asked};
use crate::event::Event;
use crate::sink::Outbox;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Writes that wait, at most. Behind a disk that hangs, events are told without.
const WAITING: usize = 64;

/// Follows when records are on disk.
pub enum Then {
    /// Tells events.
    Tell(Arc<Outbox>, Vec<Event>),
    /// Answers a client.
    Answer(Asked, Answer),
}

impl Then {
    fn go(self) {
        match self {
            Self::Tell(outbox, events) => events.iter().for_each(|event| outbox.tell(event)),
            Self::Answer(asked, answer) => {
                // A client that has gone needs none.
                let _ = asked.reply.try_send(answer);
            }
        }
    }
}

enum Work {
    Save(Header, Vec<u8>),
    Note(u64, Vec<Record>, Then),
    /// Answers when everything before it is done.
    Flush(SyncSender<()>),
}

/// The files on disk.
#[derive(Debug, Default)]
pub struct Saved {
    /// Samples in the newest state.
    pub samples: AtomicU64,
    /// States written.
    pub saves: AtomicU64,
    /// Writes that failed.
    pub failures: AtomicU64,
    /// Whether a state is being written.
    busy: AtomicBool,
}

/// The near end of the thread. Without a folder, nothing is kept and everything is told at once.
pub struct Keeper {
    writer: Option<(SyncSender<Work>, JoinHandle<()>)>,
    saved: Arc<Saved>,
    generation: u64,
    record: u64,
}

impl Keeper {
    /// One that keeps nothing.
    pub fn none() -> Self {
        Self {
            writer: None,
            saved: Arc::default(),
            generation: 0,
            record: 0,
        }
    }

    /// Goes on from a state and a journal.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn start(store: Store, journal: Journal, newest: Header) -> anyhow::Result<Self> {
        let saved = Arc::new(Saved::default());
        saved.samples.store(newest.samples, Ordering::Relaxed);
        let last = journal.records().last().map_or(0, |(number, _)| *number);
        let (put, work) = sync_channel(WAITING);
        let state = Arc::clone(&saved);
        let write = move || write(&work, &store, journal, newest.record, &state);
        let thread = thread::Builder::new().name("keeper".into()).spawn(write)?;
        Ok(Self {
            writer: Some((put, thread)),
            saved,
            generation: newest.generation,
            record: last.max(newest.record),
        })
    }

    /// The files on disk.
    pub fn saved(&self) -> &Saved {
        &self.saved
    }

    /// Whether a state may be saved now: there is a folder, and the last one is written.
    pub fn ready(&self) -> bool {
        self.writer.is_some() && !self.saved.busy.load(Ordering::Acquire)
    }

    /// Writes a state, later.
    pub fn save(&mut self, samples: u64, saved_ms: u64, state: Vec<u8>) {
        let Some((put, _)) = &self.writer else { return };
        let header = Header {
            generation: self.generation + 1,
            record: self.record,
            samples,
            saved_ms,
        };
        self.saved.busy.store(true, Ordering::Release);
        match put.try_send(Work::Save(header, state)) {
            Ok(()) => self.generation += 1,
            Err(_) => {
                self.saved.busy.store(false, Ordering::Release);
                self.saved.failures.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Writes records, and then goes on with `then`.
    pub fn note(&mut self, records: Vec<Record>, then: Then) {
        let Some((put, _)) = &self.writer else {
            return then.go();
        };
        let first = self.record + 1;
        let count = records.len() as u64;
        match put.try_send(Work::Note(first, records, then)) {
            Ok(()) => self.record += count,
            Err(
                TrySendError::Full(Work::Note(_, _, then))
                | TrySendError::Disconnected(Work::Note(_, _, then)),
            ) => {
                self.saved.failures.fetch_add(1, Ordering::Relaxed);
                then.go();
            }
            Err(_) => {}
        }
    }

    /// Waits until everything is written, for at most as long.
    pub fn flush(&self, within: Duration) -> bool {
        let Some((put, _)) = &self.writer else {
            return true;
        };
        let end = Instant::now() + within;
        let (done, wait) = sync_channel(1);
        while put.try_send(Work::Flush(done.clone())).is_err() {
            if Instant::now() > end {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        wait.recv_timeout(end.saturating_duration_since(Instant::now()))
            .is_ok()
    }
}

/// The thread: one write after the other, until nobody asks for more.
fn write(work: &Receiver<Work>, store: &Store, mut journal: Journal, newest: u64, saved: &Saved) {
    let mut known = newest;
    let mut failing = false;
    let mut told = |result: anyhow::Result<()>| match result {
        Ok(()) => failing = false,
        Err(error) => {
            saved.failures.fetch_add(1, Ordering::Relaxed);
            if !failing {
                eprintln!("bellwether-agent: {error:#}");
            }
            failing = true;
        }
    };
    while let Ok(work) = work.recv() {
        match work {
            Work::Save(header, state) => {
                let written = store.save(&header, &state);
                if written.is_ok() {
                    saved.samples.store(header.samples, Ordering::Relaxed);
                    saved.saves.fetch_add(1, Ordering::Relaxed);
                    // The state before it knows the records so far.
                    told(journal.compact(known));
                    known = header.record;
                }
                told(written);
                saved.busy.store(false, Ordering::Release);
            }
            Work::Note(first, records, then) => {
                told(journal.append(first, records));
                // A disk that fails stops no word.
                then.go();
            }
            Work::Flush(done) => {
                let _ = done.try_send(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Request;

    /// Broken if a client were answered before its request was on disk, or the numbers of records went back.
    #[test]
    fn an_answer_comes_after_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || {
            let store = Store::open(folder.path()).expect("writable");
            let journal = Journal::open(folder.path(), &mut Vec::new()).expect("writable");
            let newest = store
                .load(&mut Vec::new(), |_, _| Ok(()))
                .unwrap_or_default();
            (
                Keeper::start(store, journal, newest).expect("a thread"),
                newest,
            )
        };
        for round in 1..=3 {
            let (mut keeper, newest) = open();
            assert_eq!(newest.generation, 2 * (round - 1));
            for id in 0..4 {
                let (reply, answer) = sync_channel(1);
                let asked = Asked {
                    request: Request::Acknowledge { id },
                    reply,
                };
                keeper.note(
                    vec![Record::Acknowledged(id)],
                    Then::Answer(asked, Answer::done("seen")),
                );
                answer
                    .recv_timeout(Duration::from_secs(20))
                    .expect("an answer");
                let journal =
                    std::fs::read_to_string(folder.path().join("journal")).expect("there");
                assert!(
                    journal.ends_with(&format!("{{\"acknowledged\":{id}}}\n")),
                    "{journal}"
                );
            }
            for samples in 1..=2 {
                keeper.save(samples, 0, vec![1; 100]);
                assert!(keeper.flush(Duration::from_secs(20)));
                assert!(keeper.ready());
            }
            assert_eq!(keeper.saved().samples.load(Ordering::Relaxed), 2);
        }
        // Both states know all of them, and none of their events is on.
        assert_eq!(
            std::fs::read(folder.path().join("journal")).expect("there"),
            b""
        );
        assert_eq!(open().1.record, 12);
    }

    /// Broken if an agent without a folder kept its events for itself.
    #[test]
    fn without_a_folder_answers_come_at_once() {
        let (reply, answer) = sync_channel(1);
        let asked = Asked {
            request: Request::End {},
            reply,
        };
        Keeper::none().note(Vec::new(), Then::Answer(asked, Answer::done("done")));
        assert!(answer.try_recv().is_ok());
        assert!(Keeper::none().flush(Duration::ZERO) && !Keeper::none().ready());
    }
}
