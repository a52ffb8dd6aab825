//! One recording with the faults of one seed, through a sentinel.

use super::LATE;
use super::case::Trials;
use super::watched::Watched;
use crate::detect::{Setup, sentinel};
use crate::metrics::episodes::Events;
use crate::recording::Table;
use crate::recording::cadence::Step;
use crate::simulate::fault::{DEPTH, Profile, drawn};
use anyhow::{Context, bail};
use bellwether::port::FrameSource;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Reading, Tick};
use bellwether_hal::source::inject::{Injection, Injector};
use std::convert::Infallible;
use std::thread;

/// Share of the rows in front that the sentinel learns from: faults come after it.
const LEARNED: usize = 5;
/// Stack of a trial.
const STACK_BYTES: usize = 64 << 20;

/// A trial.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// The rows.
    pub table: &'a Table,
    /// Number of faults.
    pub faults: u64,
    /// Seed of the faults.
    pub seed: u64,
    /// Settings of the sentinel, but for the number of rows to learn from.
    pub settings: &'a [String],
}

/// The rows of a table as frames.
struct Rows<'a> {
    table: &'a Table,
    next: usize,
}

fn readings(row: &[f32]) -> Vec<Reading> {
    row.iter().map(|x| Reading::from(*x)).collect()
}

impl Rows<'_> {
    /// The last frame as it was.
    fn last(&self) -> Vec<Reading> {
        readings(self.table.row(self.next - 1))
    }
}

impl FrameSource for Rows<'_> {
    type Error = Infallible;

    fn variables(&self) -> usize {
        self.table.names.len()
    }

    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, Infallible> {
        if self.next >= self.table.len() {
            return Ok(None);
        }
        let row = self.table.row(self.next).iter();
        for (place, x) in frame.iter_mut().zip(row) {
            *place = Reading::from(*x);
        }
        self.next += 1;
        Ok(Some(Tick(self.next as u64 - 1)))
    }
}

impl Trial<'_> {
    /// Runs it: the recording with faults, and without for the alarms that are not about them.
    ///
    /// # Errors
    /// There is no room for the faults, or a setting is refused.
    pub fn run(&self) -> anyhow::Result<Trials> {
        // The injector's memory passes over the stack.
        thread::scope(|scope| {
            let builder = thread::Builder::new().stack_size(STACK_BYTES);
            let trial = builder.spawn_scoped(scope, || self.here())?;
            let result = trial.join();
            result.unwrap_or_else(|_| bail!("the trial broke off"))
        })
    }

    /// The same on this thread.
    fn here(&self) -> anyhow::Result<Trials> {
        let (table, names) = (self.table, &self.table.names);
        let mut profile = Profile::default();
        table.rows().for_each(|row| profile.push(&readings(row)));
        let usual = profile.channels(names.len());
        let planned = drawn(self.faults, table.len() as u64, names, &usual, self.seed)?;
        let injections = planned.iter().flat_map(|fault| &fault.injections);
        let injections: Vec<Injection> = injections.copied().collect();
        let rows = Rows { table, next: 0 };
        let injector = Injector::<_, _, MAX_VARIABLES, DEPTH>::new(rows, injections)?;
        let mut source = Box::new(injector);

        let learned = table.len() / LEARNED;
        let mut settings = self.settings.to_vec();
        settings.push(format!("learn={learned}"));
        let setup = Setup {
            names,
            settings: &settings,
            model: None,
            fit: None,
        };
        let mut with = sentinel::ENTRY.watch(&setup)?;
        let mut without = sentinel::ENTRY.watch(&setup)?;

        let watched = planned.iter().map(|fault| Watched::new(fault, names.len()));
        let mut watched: Vec<Watched<'_>> = watched.collect();
        let (mut labels, mut alarms) = (Vec::new(), Vec::new());
        // The last alarm without faults.
        let mut own = None;
        let mut frame = vec![Reading::Value(0.0); names.len()];
        while let Ok(Some(tick)) = source.next_frame(&mut frame) {
            let before = source.source().last();
            let record = with.observe(tick, Step::Unknown, &frame);
            if without
                .observe(tick, Step::Unknown, &before)
                .assessment
                .is_anomalous()
            {
                own = Some(tick.0);
            }
            let news = own.is_none_or(|row| tick.0 - row > LATE);
            let mut label = table.is_anomalous(tick.0 as usize);
            for fault in &mut watched {
                label |= fault.take(&before, &frame, &record, news);
            }
            labels.push(label);
            alarms.push(record.assessment.is_anomalous());
        }
        let events = Events::of(&labels);
        let judged = events.judge(&alarms).context("an alarm per row")?;
        let cases = watched.into_iter().map(|fault| fault.case(names, &usual));
        Ok(Trials {
            cases: cases.collect(),
            false_alarms: judged.false_episodes,
            normal_rows: events.normal_rows().saturating_sub(learned as u64),
        })
    }
}
