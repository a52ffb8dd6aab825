//! The node: sources, judgement and outputs of one machine, moved on by a sample at a time. Time is an argument.

use super::cost::Cost;
use super::job::JobFile;
use super::request::{Answer, Brief, Request};
use super::settings::Settings;
use super::socket::Asked;
use crate::config::Config;
use crate::event::{Event, Phase};
use crate::judge::{Context, Judge, Trained};
use crate::outputs;
use crate::readers::Readers;
use crate::sink::Outbox;
use crate::sources;
use crate::state::{Journal, Keeper, Record, Store, Then};
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
/// The longest silence, in minutes: a year.
const YEAR: u32 = 366 * 24 * 60;

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

    /// Restores the newest state that is whole, and the journal's facts behind it.
    fn take_over(&mut self, folder: &Path) -> anyhow::Result<()> {
        let store = Store::open(folder)?;
        let mut told = Vec::new();
        let journal = Journal::open(store.folder(), &mut told)?;
        let judge = &mut self.judge;
        let mut line = "starts fresh".to_owned();
        let found = store.load(&mut told, |header, bytes| {
            let taken = judge.restore(bytes)?;
            line = format!("goes on after {} samples: {taken}", header.samples);
            Ok(())
        });
        told.push(format!("{}: {line}", store.folder().display()));
        for line in told {
            eprintln!("bellwether-agent: {line}");
        }
        let newest = found.unwrap_or_default();
        self.samples = newest.samples;
        for (number, record) in journal.records() {
            let news = *number > newest.record;
            match record {
                Record::Event(event) if news => self.judge.adopt(event),
                Record::Event(_) => {}
                Record::Acknowledged(id) => {
                    if self.judge.acknowledge(*id) {
                        self.acknowledged.insert(*id);
                    }
                }
                Record::Accepted(group) if news => {
                    self.judge.accept(group);
                }
                Record::Accepted(_) => {}
                Record::Silence(until_ms) => self.judge.silence(*until_ms),
                Record::Maintenance(on) => self.context.maintenance = *on,
            }
        }
        self.keeper = Keeper::start(store, journal, newest)?;
        Ok(())
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

    /// Answers a client, once the disk has what it asked for.
    pub fn answer(&mut self, asked: Asked) {
        let at_ms = self.at_ms;
        let (answer, record) = match &asked.request {
            Request::Silence {
                minutes: Some(minutes),
            } if (1..=YEAR).contains(minutes) => {
                let until = at_ms + u64::from(*minutes) * 60_000;
                self.judge.silence(Some(until));
                (
                    Answer::done(format!("silent for {minutes} minutes")),
                    Some(Record::Silence(Some(until))),
                )
            }
            Request::Silence {
                minutes: Some(minutes),
            } => (
                Answer::failed(format!("{minutes} minutes: 1 to {YEAR}")),
                None,
            ),
            Request::Silence { minutes: None } => {
                self.context.maintenance = true;
                (
                    Answer::done("silent until `silence --end`"),
                    Some(Record::Maintenance(true)),
                )
            }
            Request::End {} => {
                self.judge.silence(None);
                self.context.maintenance = false;
                // Both in one write, of which a crash leaves a beginning at most.
                let records = vec![Record::Maintenance(false), Record::Silence(None)];
                let answer = Answer::done("the silence has ended");
                return self.keeper.note(records, Then::Answer(asked, answer));
            }
            Request::Acknowledge { id } => match self.judge.acknowledge(*id) {
                true => {
                    self.acknowledged.insert(*id);
                    (
                        Answer::done(format!("event {id} is seen: only its end is told")),
                        Some(Record::Acknowledged(*id)),
                    )
                }
                false => (Answer::failed(format!("no event {id} is on")), None),
            },
            Request::Accept { group } => match self.judge.accept(group) {
                true => {
                    let answer = Answer::done(format!(
                        "the present state of {group} is normal from now on"
                    ));
                    (answer, Some(Record::Accepted(group.clone())))
                }
                false => (Answer::failed(format!("no group {group:?}")), None),
            },
            Request::Status {} => (self.brief(), None),
            Request::Save {} => match self.keeper.ready() {
                true => {
                    self.save();
                    (
                        Answer::done(format!("saved after {} samples", self.samples)),
                        None,
                    )
                }
                false => (
                    Answer::failed("there is no folder, or a save is going on"),
                    None,
                ),
            },
        };
        self.keeper
            .note(record.into_iter().collect(), Then::Answer(asked, answer));
    }

    fn brief(&self) -> Answer {
        let status = self.status();
        let brief = Brief {
            node: &self.name,
            at_ms: self.at_ms,
            samples: self.samples,
            saved_samples: self.keeper.saved().samples.load(Ordering::Relaxed),
            channels: self.readings.len(),
            anomaly_ratio: status.anomaly_ratio,
            job: status.job.as_deref(),
            silenced: status.silenced,
            maintenance: self.context.maintenance,
            paused: status.paused,
            groups: &status.groups,
            active: &status.active,
            acknowledged: self.acknowledged.iter().copied().collect(),
            agent: &status.agent,
            step_ns: self.cost.quantiles(),
        };
        match serde_json::to_value(&brief) {
            Ok(status) => Answer {
                status: Some(status),
                ..Answer::default()
            },
            Err(error) => Answer::failed(error.to_string()),
        }
    }

    /// Takes a new configuration with all that was learned. Sources are looked for again.
    ///
    /// # Errors
    /// A source or an output cannot be opened; the old configuration goes on.
    pub fn reload(&mut self, mut config: Config) -> anyhow::Result<()> {
        for (key, old, new) in [
            ("state", &self.config.agent.state, &mut config.agent.state),
            (
                "socket",
                &self.config.agent.socket,
                &mut config.agent.socket,
            ),
        ] {
            if old != new {
                eprintln!("bellwether-agent: agent.{key} changes at the next start");
                new.clone_from(old);
            }
        }
        let name = config.agent.name();
        let readers = readers(&config, sources::open(&config.sources)?)?;
        let rows = folder_of_rows(&config.agent)?;
        let mut judge = Judge::new(&name, readers.channels(), &config.judge, rows.as_deref())?;
        judge.set_trained(trained(&config.agent, &name, &readers)?);
        let taken = judge.restore(&self.judge.save())?;
        let changed = |config: &Config, name: &str| format!("{name} {:?}", config.outputs);
        if changed(&config, &name) != changed(&self.config, &self.name) {
            self.reopen(&config, &name)?;
        }
        if let Err(error) = super::settle(&config.agent) {
            eprintln!("bellwether-agent: {error:#}");
        }
        self.readings = vec![Reading::Absent(Cause::Missing); readers.channels().len()];
        self.job = job_file(&config.agent);
        (self.name, self.readers, self.judge, self.config) = (name, readers, judge, config);
        self.shown = false;
        eprintln!("bellwether-agent: the configuration was read again: {taken}");
        Ok(())
    }

    /// Closes the outputs and opens those of another configuration, or the old ones again.
    fn reopen(&mut self, config: &Config, name: &str) -> anyhow::Result<()> {
        // The same address can be bound only after it was given up.
        self.keeper.flush(FAREWELL);
        let old = std::mem::take(&mut self.outbox);
        close(old, FAREWELL);
        let opened = outputs::open(&config.outputs, name);
        let (outbox, result) = match opened {
            Ok(outbox) => (outbox, Ok(())),
            Err(error) => {
                let again = outputs::open(&self.config.outputs, &self.name);
                (
                    again.context("the old outputs cannot be opened again")?,
                    Err(error),
                )
            }
        };
        self.outbox = Arc::new(outbox);
        result
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
