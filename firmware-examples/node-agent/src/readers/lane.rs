//! Lanes: threads that read one probe after the other, and the hall in which they take work and leave answers.

use anyhow::Context as _;
use bellwether::Cause;
use bellwether_hal::linux::probe::{Probe, Raw};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Channels that are read without a rest. The work of a wake-up stays below a millisecond, whatever their number,
/// so that no process of an application waits for longer.
const SLICE: usize = 400;
/// The rest.
const REST: Duration = Duration::from_millis(5);

/// A probe with the place of its answer.
pub(super) struct Slot {
    pub number: usize,
    /// Time at which the reading was asked for.
    pub at: Duration,
    /// Time that the reading took.
    pub took: Duration,
    pub raw: Vec<Raw>,
    pub panicked: bool,
    probe: Box<dyn Probe>,
}

impl Slot {
    pub fn new(number: usize, probe: Box<dyn Probe>) -> Self {
        Self {
            number,
            at: Duration::ZERO,
            took: Duration::ZERO,
            raw: vec![Err(Cause::Missing); probe.channels().len()],
            panicked: false,
            probe,
        }
    }

    fn read(&mut self) {
        let start = Instant::now();
        self.raw.fill(Err(Cause::Missing));
        let (probe, raw) = (&mut self.probe, &mut self.raw);
        if catch_unwind(AssertUnwindSafe(|| probe.read(raw))).is_err() {
            self.panicked = true;
            self.raw.fill(Err(Cause::Sensor));
        }
        self.took = start.elapsed();
    }
}

/// The work of a lane.
struct Desk {
    todo: VecDeque<Slot>,
    busy: Option<usize>,
    work: Arc<Condvar>,
}

impl Desk {
    fn is_idle(&self) -> bool {
        self.busy.is_none() && self.todo.is_empty()
    }
}

#[derive(Default)]
struct Desks {
    lanes: Vec<Desk>,
    answers: Vec<Slot>,
    closed: bool,
}

/// All lanes.
#[derive(Default)]
pub(super) struct Hall {
    desks: Mutex<Desks>,
    /// A lane has become idle.
    done: Condvar,
}

impl Hall {
    fn lock(&self) -> MutexGuard<'_, Desks> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a lane.
    pub fn open(self: &Arc<Self>) -> anyhow::Result<usize> {
        let mut desks = self.lock();
        let (lane, work) = (desks.lanes.len(), Arc::new(Condvar::new()));
        let (hall, news) = (Arc::clone(self), Arc::clone(&work));
        let thread = thread::Builder::new().name(format!("lane-{lane}"));
        // A probe needs little: its buffers are its own.
        let thread = thread.stack_size(256 << 10);
        thread
            .spawn(move || hall.run(lane, &news))
            .context("a thread for sensors")?;
        desks.lanes.push(Desk {
            todo: VecDeque::new(),
            busy: None,
            work,
        });
        Ok(lane)
    }

    /// The thread of a lane.
    fn run(&self, lane: usize, work: &Condvar) {
        let mut desks = self.lock();
        let mut sliced = 0;
        while !desks.closed {
            let slot = desks.lanes.get_mut(lane).and_then(|desk| {
                let slot = desk.todo.pop_front();
                desk.busy = slot.as_ref().map(|slot| slot.number);
                slot
            });
            let Some(mut slot) = slot else {
                self.done.notify_one();
                sliced = 0;
                desks = work.wait(desks).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(desks);
            if sliced >= SLICE {
                sliced = 0;
                thread::sleep(REST);
            }
            slot.read();
            sliced += slot.raw.len();
            desks = self.lock();
            desks.answers.push(slot);
        }
    }

    /// The answers since the last call.
    pub fn answers(&self) -> Vec<Slot> {
        std::mem::take(&mut self.lock().answers)
    }

    /// The lanes without work.
    pub fn idle(&self) -> Vec<usize> {
        let desks = self.lock();
        let lanes = desks.lanes.iter().enumerate();
        let idle = lanes.filter(|(_, desk)| desk.is_idle());
        idle.map(|(lane, _)| lane).collect()
    }

    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        self.lock().lanes.len()
    }

    /// Hands probes to a lane.
    pub fn send(&self, lane: usize, slots: Vec<Slot>) {
        let mut desks = self.lock();
        if let Some(desk) = desks.lanes.get_mut(lane) {
            desk.todo.extend(slots);
            desk.work.notify_one();
        }
    }

    /// The probe that a lane reads now, and those that it has not begun.
    pub fn take_back(&self, lane: usize) -> (Option<usize>, Vec<Slot>) {
        let mut desks = self.lock();
        desks
            .lanes
            .get_mut(lane)
            .map_or((None, Vec::new()), |desk| {
                (desk.busy, desk.todo.drain(..).collect())
            })
    }

    /// Waits until lanes are idle; those that are not remain in the list.
    pub fn wait(&self, lanes: &mut Vec<usize>, until: Instant) {
        let mut desks = self.lock();
        loop {
            lanes.retain(|lane| desks.lanes.get(*lane).is_some_and(|desk| !desk.is_idle()));
            let left = until.saturating_duration_since(Instant::now());
            if lanes.is_empty() || left.is_zero() {
                return;
            }
            let waited = self.done.wait_timeout(desks, left);
            desks = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends all lanes, each after the probe that it reads.
    pub fn close(&self) {
        let mut desks = self.lock();
        desks.closed = true;
        for desk in &desks.lanes {
            desk.work.notify_one();
        }
    }
}
