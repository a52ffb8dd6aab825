//! Readers: the threads in which probes are read, and the readings of a second.
//!
//! ```text
//! read ─▶ lane: probe, probe, probe ─▶ answers ─ rates ─▶ readings
//!           │ one takes too long
//!           ├─ it keeps this thread, and is read at its own pace from then on
//!           └▶ the others go on in a new lane
//! ```
//!
//! A lane is woken once per reading. A probe is never read twice at a time. What has not answered is absent.

mod lane;
mod record;

use crate::status::SelfStatus;
use bellwether::{Cause, Reading};
use bellwether_hal::linux::probe::{Channel, Probe};
use lane::{Hall, Slot};
use record::Record;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lanes at most. Beyond them a slow probe delays those behind it in its lane.
const LANES: usize = 32;
/// Readings in time after which a probe that was too slow goes back to the others.
const QUICK: u32 = 300;

/// All probes of the agent.
pub struct Readers {
    channels: Vec<Channel>,
    records: Vec<Record>,
    /// Probes that no lane has now, by number.
    home: Vec<Option<Slot>>,
    hall: Arc<Hall>,
    /// The lane of those that are in time.
    main: usize,
    limit: Duration,
    /// Sum of the times between readings.
    clock: Duration,
}

/// A probe and its last answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known<'a> {
    /// Its name, as `hwmon/0000:00:18.3/k10temp`.
    pub probe: &'a str,
    /// Time of its last answer; `None` before the first.
    pub took: Option<Duration>,
    /// Readings that failed as a whole or came too late.
    pub failures: u64,
}

impl Readers {
    /// Starts the first lane. `limit` is the longest wait of a reading. A probe with a channel that another one has
    /// is left out, and a line on standard error says so.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn start(probes: Vec<Box<dyn Probe>>, limit: Duration) -> anyhow::Result<Self> {
        let hall = Arc::new(Hall::default());
        let main = hall.open()?;
        let mut channels: Vec<Channel> = Vec::new();
        let mut names = HashSet::new();
        let mut records = Vec::new();
        let mut home = Vec::new();
        for probe in probes {
            let new = probe.channels();
            // All or none: the values of a probe have their order.
            if let Some(twice) = new.iter().find(|new| names.contains(&new.identity)) {
                let (name, twice) = (probe.name(), &twice.identity);
                eprintln!(
                    "bellwether-agent: {name} is left out: a channel {twice} is there already"
                );
                continue;
            }
            names.extend(new.iter().map(|new| new.identity.clone()));
            records.push(Record::new(&*probe, channels.len(), main));
            channels.extend_from_slice(new);
            home.push(Some(Slot::new(home.len(), probe)));
        }
        Ok(Self {
            channels,
            records,
            home,
            hall,
            main,
            limit,
            clock: Duration::ZERO,
        })
    }

    /// The channels of all probes, in order. They stay.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Reads all probes that are due, and waits no longer than the limit. `elapsed` is the time since the last call.
    /// Counters are rates. A late or failed channel is absent.
    ///
    /// Readings without a place are lost; places without a reading are missing.
    pub fn read(&mut self, elapsed: Duration, into: &mut [Reading]) {
        self.clock = self.clock.saturating_add(elapsed);
        self.collect();
        self.rejoin();
        let mut awaited = Vec::new();
        for lane in self.hall.idle() {
            awaited.extend(self.send(lane));
        }
        self.wait(awaited);
        self.collect();
        into.fill(Reading::Absent(Cause::Missing));
        for record in &mut self.records {
            record.tell(self.clock, into);
        }
    }

    /// Times and failures, by source.
    pub fn report(&self, status: &mut SelfStatus) {
        status.read_s.clear();
        status.read_failures.clear();
        for record in &self.records {
            let took = record.took.unwrap_or_default().as_secs_f64();
            *status.read_s.entry(record.source.clone()).or_default() += took;
            let failures = status.read_failures.entry(record.source.clone());
            *failures.or_default() += record.failures;
        }
    }

    /// The probes in order, each with its last answer.
    pub fn probes(&self) -> impl Iterator<Item = Known<'_>> {
        self.records.iter().map(|record| Known {
            probe: &record.name,
            took: record.took,
            failures: record.failures,
        })
    }

    /// The probe of each channel, in order, by its place among [`Self::probes`].
    pub fn probe_of(&self) -> impl Iterator<Item = usize> {
        let records = self.records.iter().enumerate();
        records.flat_map(|(k, record)| std::iter::repeat_n(k, record.channels.len()))
    }

    /// Takes the answers that have come.
    fn collect(&mut self) {
        for slot in self.hall.answers() {
            if let Some(record) = self.records.get_mut(slot.number) {
                record.take(&slot, self.limit);
            }
            if let Some(home) = self.home.get_mut(slot.number) {
                *home = Some(slot);
            }
        }
    }

    /// Hands the probes of a lane to it that are due. The lane is given back if it is expected to be in time.
    fn send(&mut self, lane: usize) -> Option<usize> {
        let mut slots = Vec::new();
        let mut quick = true;
        for (record, home) in self.records.iter_mut().zip(&mut self.home) {
            if record.lane == lane
                && record.due(self.clock)
                && let Some(mut slot) = home.take()
            {
                slot.at = self.clock;
                record.away = true;
                quick &= record.took.is_none_or(|took| took < self.limit / 2);
                slots.push(slot);
            }
        }
        let sent = !slots.is_empty();
        if sent {
            self.hall.send(lane, slots);
        }
        (sent && quick).then_some(lane)
    }

    /// Waits for lanes. A probe that takes half of the time that is left keeps its lane, and the others go on in a
    /// new one.
    fn wait(&mut self, mut awaited: Vec<usize>) {
        let end = Instant::now() + self.limit;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let last = left <= self.limit / 8;
            let until = Instant::now() + if last { left } else { left / 2 };
            self.hall.wait(&mut awaited, until);
            if awaited.is_empty() {
                return;
            }
            let mut split = Vec::new();
            for lane in std::mem::take(&mut awaited) {
                split.extend(self.split(lane, last));
            }
            if last {
                return;
            }
            awaited = split;
        }
    }

    /// Leaves a lane to the probe that it reads now. The others wait for the next reading, or, if this was not the
    /// `last` moment, go on in a new lane, which is given back.
    fn split(&mut self, lane: usize, last: bool) -> Option<usize> {
        let (busy, slots) = self.hall.take_back(lane);
        let late = busy.and_then(|number| self.records.get_mut(number));
        if let Some(record) = late {
            record.fail();
        }
        let others = |record: &Record, k| record.lane == lane && Some(k) != busy;
        let records = self.records.iter().enumerate();
        let alone = busy.is_none() || !records.into_iter().any(|(k, r)| others(r, k));
        // No thread to be had: the lane keeps all, and those behind the slow one are late with it.
        let new = if alone { None } else { self.spare() };
        if let Some(new) = new {
            for (k, record) in self.records.iter_mut().enumerate() {
                if others(record, k) {
                    record.lane = new;
                }
            }
            if self.main == lane {
                self.main = new;
            }
        }
        // A lane that has not begun gives all back: nobody waits for what would stand behind its first probe.
        if slots.is_empty() || last && (new.is_some() || busy.is_none()) {
            for slot in slots {
                let number = slot.number;
                if let (Some(record), Some(home)) =
                    (self.records.get_mut(number), self.home.get_mut(number))
                {
                    record.fail();
                    record.away = false;
                    *home = Some(slot);
                }
            }
            return None;
        }
        let to = new.unwrap_or(lane);
        self.hall.send(to, slots);
        Some(to)
    }

    /// A lane without probes: one that was left, or a new one.
    fn spare(&self) -> Option<usize> {
        let left = |lane: &usize| self.records.iter().all(|record| record.lane != *lane);
        let idle = self.hall.idle().into_iter().find(left);
        idle.or_else(|| (self.hall.lanes() < LANES).then(|| self.hall.open().ok())?)
    }

    /// Moves probes that have long been in time to the others again.
    fn rejoin(&mut self) {
        let main = self.main;
        let tired = |record: &Record| record.lane != main && record.quick >= QUICK;
        if !self.records.iter().any(tired) {
            return;
        }
        let of_main = self.records.iter().filter(|record| record.lane == main);
        let mut sum: Duration = of_main.filter_map(|record| record.took).sum();
        for record in &mut self.records {
            let took = record.took.unwrap_or_default();
            if tired(record) && !record.away && sum + took < self.limit / 4 {
                record.lane = main;
                sum += took;
            }
        }
    }
}

impl Drop for Readers {
    /// Idle lanes end, others after their probe. Nobody waits for one that hangs.
    fn drop(&mut self) {
        self.hall.close();
    }
}

#[cfg(test)]
mod tests;
