//! The node: sources, judgement and outputs of one machine, moved on by a sample at a time. Time is an argument.

mod answers;
mod reload;
mod restore;

use super::cost::Cost;
use super::job::JobFile;
use super::settings::Settings;
use crate::config::Config;
use crate::event::{Event, Phase};
use crate::judge::{Context, Judge, Trained};
use crate::outputs;
use crate::readers::Readers;
use crate::sink::Outbox;
use crate::sources;
use crate::state::{Keeper, Record, Store, Then};
use crate::status::Status;
use anyhow::Context as _;
use bellwether::{Cause, Reading};
use bellwether_hal::linux::probe::Probe;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Time for outputs and the disk at the end.
const FAREWELL: Duration = Duration::from_secs(10);

/// Everything of a node but the clock.
pub struct Node {
    config: Config,
    name: String,
    readers: Readers,
    judge: Judge,
    context: Context,
    job: Option<JobFile>,
    outbox: Arc<Outbox>,
    keeper: Keeper,
    /// Costs so far.
    pub cost: Cost,
    readings: Vec<Reading>,
    told: Vec<Event>,
    samples: u64,
    at_ms: u64,
    since_save: Duration,
    acknowledged: BTreeSet<u64>,
    clock_set: u64,
    shown: bool,
}

/// The folder of rows for fits within that of the state, made if it is missing.
///
/// # Errors
/// It cannot be made.
pub fn folder_of_rows(settings: &Settings) -> anyhow::Result<Option<PathBuf>> {
    let Some(state) = Settings::some(&settings.state) else {
        return Ok(None);
    };
    let store = Store::open(state)?;
    let rows = store.folder().join("rows");
    Ok(Some(Store::open(&rows)?.folder().to_owned()))
}

impl Node {
    /// Opens the sources of a configuration, and goes on from here.
    ///
    /// # Errors
    /// See [`Self::with`]; a source that was asked for by name cannot be read.
    pub fn start(config: Config) -> anyhow::Result<Self> {
        let probes = sources::open(&config.sources)?;
        Self::with(config, probes)
    }

    /// Takes over what was learned, with these sources.
    ///
    /// # Errors
    /// The folder of the state or an output cannot be used.
    pub fn with(config: Config, probes: Vec<Box<dyn Probe>>) -> anyhow::Result<Self> {
        let name = config.agent.name();
        let readers = readers(&config, probes)?;
        let rows = folder_of_rows(&config.agent)?;
        let mut judge = Judge::new(&name, readers.channels(), &config.judge, rows.as_deref())?;
        judge.set_trained(trained(&config.agent, &name, &readers)?);
        let outbox = Arc::new(outputs::open(&config.outputs, &name)?);
        let mut node = Self {
            job: job_file(&config.agent),
            readings: vec![Reading::Absent(Cause::Missing); readers.channels().len()],
            config,
            name,
            readers,
            judge,
            context: Context::default(),
            outbox,
            keeper: Keeper::none(),
            cost: Cost::new(Instant::now()),
            told: Vec::new(),
            samples: 0,
            at_ms: 0,
            since_save: Duration::ZERO,
            acknowledged: BTreeSet::new(),
            clock_set: 0,
            shown: false,
        };
        if let Some(folder) = Settings::some(&node.config.agent.state).map(Path::to_owned) {
            node.take_over(&folder)?;
        }
        Ok(node)
    }

    /// The node's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The configuration in force.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Samples that the state has seen.
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// A line about the state.
    pub fn line(&self) -> String {
        let mut status = Status::default();
        self.judge.status(&mut status);
        let learning = status
            .groups
            .iter()
            .map(|group| group.warming)
            .max()
            .unwrap_or(0);
        let learning = match learning {
            0 => String::new(),
            frames => format!(", learning for {frames} more frames"),
        };
        let (channels, groups, on) = (
            status.channels.len(),
            status.groups.len(),
            status.active.len(),
        );
        format!("{channels} channels in {groups} groups{learning}, {on} findings")
    }

    /// Moves on by a sample: reads, judges, tells. True at the end of a frame.
    pub fn sample(&mut self, at_ms: u64, elapsed: Duration) -> bool {
        self.at_ms = at_ms;
        if let Some(job) = &mut self.job {
            let (now, complaint) = job.look();
            if self.context.job.as_ref() != now {
                self.context.job = now.cloned();
            }
            if let Some(line) = complaint {
                eprintln!("bellwether-agent: {line}");
            }
        }
        self.readers.read(elapsed, &mut self.readings);
        let framed = self
            .judge
            .take(at_ms, &self.readings, &self.context, &mut self.told);
        self.samples += 1;
        for remark in self.judge.remarks() {
            eprintln!("bellwether-agent: {remark}");
        }
        self.tell();
        if framed || !self.shown {
            self.shown = true;
            self.outbox.show(self.status());
        }
        self.since_save += elapsed;
        if self.since_save >= Duration::from_millis(self.config.agent.save_ms.into()) {
            self.save();
        }
        framed
    }

    /// Waits for fits in the background, where time is simulated.
    pub fn finish_fits(&mut self) {
        self.judge.finish_fits();
    }

    /// The time of day was set.
    pub const fn clock_was_set(&mut self) {
        self.clock_set += 1;
    }

    /// Hands over the events of a sample, which are on disk before anybody hears of them.
    fn tell(&mut self) {
        if self.told.is_empty() {
            return;
        }
        let events = std::mem::take(&mut self.told);
        for event in &events {
            if event.phase == Phase::Clear {
                self.acknowledged.remove(&event.id);
            }
            // Whoever starts the agent by hand sees it; systemd puts it into the journal.
            let (phase, id, group) = (event.phase, event.id, &event.group);
            println!(
                "{phase:?} {id} {:?} {:?} {group}: {}",
                event.severity, event.kind, event.message
            );
        }
        let records = events.iter().cloned().map(Record::Event).collect();
        self.keeper
            .note(records, Then::Tell(Arc::clone(&self.outbox), events));
    }

    /// Saves what was learned, unless the last save is still being written.
    pub fn save(&mut self) {
        if self.keeper.ready() {
            self.since_save = Duration::ZERO;
            self.keeper
                .save(self.samples, self.at_ms, self.judge.save());
        }
    }

    /// The state of everything.
    pub fn status(&self) -> Status {
        let mut status = Status {
            node: self.name.clone(),
            ..Status::default()
        };
        self.judge.status(&mut status);
        self.cost.report(&mut status.agent);
        self.readers.report(&mut status.agent);
        let saved = self.keeper.saved();
        status.agent.saves = saved.saves.load(Ordering::Relaxed);
        status.agent.save_failures = saved.failures.load(Ordering::Relaxed);
        status.agent.clock_set = self.clock_set;
        let dropped = self.outbox.dropped();
        status.agent.dropped = dropped
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        for (name, counts) in self.outbox.counts() {
            let of = |count: &AtomicU64| (name.to_owned(), count.load(Ordering::Relaxed));
            status.agent.waiting.extend([of(&counts.waiting)]);
            status.agent.repeated.extend([of(&counts.repeated)]);
        }
        status
    }

    /// Saves, and lets the outputs finish.
    pub fn stop(mut self) {
        self.keeper.flush(FAREWELL);
        self.save();
        if !self.keeper.flush(FAREWELL) {
            eprintln!(
                "bellwether-agent: the disk did not answer: what was learned since the last save is lost"
            );
        }
        close(self.outbox, FAREWELL);
    }
}

/// Closes outputs unless a thread that hangs still has them.
fn close(outbox: Arc<Outbox>, within: Duration) {
    if let Ok(outbox) = Arc::try_unwrap(outbox) {
        outbox.close(within);
    }
}

fn readers(config: &Config, probes: Vec<Box<dyn Probe>>) -> anyhow::Result<Readers> {
    Readers::start(probes, Duration::from_millis(config.agent.wait_ms.into()))
}

/// The trained model of a node. A folder without a model of this node is no error.
fn trained(settings: &Settings, name: &str, readers: &Readers) -> anyhow::Result<Option<Trained>> {
    let Some(folder) = Settings::some(&settings.models) else {
        return Ok(None);
    };
    let path = folder.join(format!("{name}.bwm"));
    if !path.exists() {
        eprintln!(
            "bellwether-agent: {}: no model of this node",
            path.display()
        );
        return Ok(None);
    }
    let key = Settings::some(&settings.model_key);
    let (trained, line) = Trained::load(&path, key, readers.channels()).context("agent.models")?;
    eprintln!("bellwether-agent: {}: {line}", path.display());
    Ok(Some(trained))
}

fn job_file(settings: &Settings) -> Option<JobFile> {
    let path = Settings::some(&settings.job_file)?;
    Some(JobFile::new(path.to_owned(), settings.job_file_of_anyone))
}
