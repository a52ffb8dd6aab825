//! Judgement: from the readings of a second to events.
//!
//! ```text
//! sample ─┬─▶ watchers of each channel (`watch`) ─────────────────────────────┐
//!         └─▶ frames (`frames`) ─▶ groups: rows, models, alarms (`group`) ─────┴─▶ book ─▶ events
//!                                          ▲ fits in the background (`fit`)
//! ```
//!
//! A frame is judged group by group over the samples that follow it, so that no wake-up does the work of all.
//! Nothing here reads a clock: the time of a sample is an argument. The rules: docs/judgement.md.

mod book;
mod context;
mod findings;
mod fit;
mod frames;
mod group;
mod groups;
mod known;
mod level;
mod message;
mod model;
mod pattern;
mod peers;
mod report;
mod rows;
mod sensors;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod trained;
mod watch;

pub use context::{Context, Job, PeerValue, Peers};
pub use settings::{GroupRule, Settings, Suppress};
pub use trained::{GROUP as MODEL, Trained};

use crate::event::Event;
use anyhow::Context as _;
use bellwether::alarm::{self, Promise};
use bellwether::{Cause, Reading};
use bellwether_hal::linux::probe::{Channel, Measure};
use book::Book;
use fit::Fitting;
use frames::Frames;
use group::{Choices, Due, Frame, Group};
use known::Known;
use level::Level;
use peers::Beside;
use rows::Ring;
use std::path::Path;
use watch::Watchers;

/// Frames that a ring holds beyond those of a fit, so that a fit in the background reads the rows it began with.
const SLACK: u32 = 480;
/// Least promise of a group, in false alarms per 10,000 frames. Below it the threshold is beyond every fault.
const LEAST: f32 = 0.02;
/// Most remarks that wait.
const REMARKS: usize = 64;

/// The judgement of one node.
pub struct Judge {
    node: String,
    channels: Vec<Channel>,
    settings: Settings,
    choices: Choices,
    watch: watch::Rules,
    known: Known,
    groups: Vec<Group>,
    /// Place of each channel's group, and its place among the members.
    places: Vec<(usize, usize)>,
    frames: Frames,
    /// The next group of the last frame that is to be judged, how many at each sample, and the frame.
    pending: (usize, usize, Frame),
    fitting: Option<Fitting>,
    book: Book,
    /// Each channel beside its peers, and these.
    beside: Vec<Beside>,
    peers: Option<Peers>,
    at_ms: u64,
    /// The last sample.
    readings: Vec<Reading>,
    /// Identity of the job that runs, and the end of its silence.
    job: Option<String>,
    settle_ms: u64,
    silent_ms: Option<u64>,
    maintenance: bool,
    remarks: Vec<String>,
    /// Known cases of groups that were not told.
    suppressed: u64,
    /// Samples until adopted findings that no watcher sees any more are over.
    doubtful: Option<u32>,
    /// A trained model beside the groups.
    trained: Option<Trained>,
}

impl Judge {
    /// Starts to learn. `folder` keeps the rows for the fits; without it they are in memory.
    ///
    /// # Errors
    /// A setting is out of range, or the folder cannot be written.
    pub fn new(
        node: &str,
        channels: &[Channel],
        settings: &Settings,
        folder: Option<&Path>,
    ) -> anyhow::Result<Self> {
        settings.check()?;
        let divided = groups::divide(channels, settings);
        let gauges = |members: &groups::Members| {
            let members = members.channels.iter();
            let members = members.filter_map(|channel| channels.get(*channel));
            members.filter(|of| of.measure != Measure::Errors).count()
        };
        let judged = divided.iter().filter(|members| gauges(members) > 1);
        let rules = alarm_rules(settings, judged.count())?;
        let choices = Choices {
            learn: settings.learn,
            begin: settings.begin,
            accept: settings.accept_after,
            rules,
        };
        let places = settings.learn.max(settings.accept_after) + SLACK;
        let mut remarks = Vec::new();
        let mut groups = Vec::new();
        let mut of_channel = vec![(0, 0); channels.len()];
        for (place, members) in divided.into_iter().enumerate() {
            for (within, channel) in members.channels.iter().enumerate() {
                if let Some(of) = of_channel.get_mut(*channel) {
                    *of = (place, within);
                }
            }
            let names = members.channels.iter();
            let names = names.filter_map(|channel| channels.get(*channel));
            let hash = hash(names.clone().map(|channel| channel.identity.as_str()));
            let width = members.channels.len();
            let ring = match folder {
                _ if gauges(&members) < 2 => None,
                None => Some(Ring::in_memory(width, places as usize)),
                Some(folder) => {
                    let path = folder.join(format!("{}.rows", file_name(&members.name)));
                    let (ring, found) = Ring::open(&path, hash, width, places as usize)?;
                    if found > 0 {
                        remarks.push(format!(
                            "{}: {found} frames were kept on disk",
                            members.name
                        ));
                    }
                    Some(ring)
                }
            };
            let measures: Vec<Measure> = names.map(|channel| channel.measure).collect();
            groups.push(Group {
                name: members.name,
                members: members.channels,
                hash,
                watchers: Watchers::new(measures)?,
                ring,
                first: None,
                second: None,
                fitted_to: 0,
                by_second: false,
                levels: [Level::after_fit(0), Level::after_fit(0)],
                lasting: group::Lasting::default(),
                accepted: false,
                tick: 0,
                last: group::Last::default(),
                readings: Vec::with_capacity(width),
                hushed: false,
            });
        }
        Ok(Self {
            node: node.to_owned(),
            channels: channels.to_vec(),
            choices,
            watch: watch::Rules {
                learn: settings.watch_learn,
                dwell: settings.dwell.clamp(1, 30_000) as u16,
                again_s: settings.again_s,
            },
            known: Known::new(&settings.suppress, channels),
            pending: (groups.len(), 0, Frame::default()),
            groups,
            places: of_channel,
            frames: Frames::new(channels.len(), settings.frame_s),
            fitting: None,
            book: Book::default(),
            beside: vec![Beside::default(); channels.len()],
            peers: None,
            at_ms: 0,
            readings: vec![Reading::Absent(Cause::Missing); channels.len()],
            job: None,
            settle_ms: 0,
            silent_ms: None,
            maintenance: false,
            remarks,
            suppressed: 0,
            doubtful: None,
            trained: None,
            settings: settings.clone(),
        })
    }

    /// Takes a sample, a reading per channel, and appends what is to be told. True when a frame was judged.
    pub fn take(
        &mut self,
        at_ms: u64,
        readings: &[Reading],
        context: &Context,
        told: &mut Vec<Event>,
    ) -> bool {
        let elapsed_ms = match self.at_ms {
            0 => 1000,
            last => at_ms.saturating_sub(last),
        };
        self.at_ms = at_ms;
        let missing = std::iter::repeat(Reading::Absent(Cause::Missing));
        let all = readings.iter().copied().chain(missing);
        self.readings
            .iter_mut()
            .zip(all)
            .for_each(|(to, reading)| *to = reading);
        self.follow(context);
        if self.settings.watchers {
            self.watch(elapsed_ms as f32 / 1000.0);
            self.doubtful = self.doubtful.and_then(|left| left.checked_sub(1));
            if self.doubtful == Some(0) {
                self.end_unseen();
            }
        }
        if let Some(ended) = self.frames.take(at_ms, &self.readings) {
            // What is left of the frame before.
            self.judge(usize::MAX);
            self.compare(context);
            self.judge_trained();
            let each = self.groups.len().div_ceil(ended.samples.max(1) as usize);
            let frame = Frame {
                busy: self.job.is_some(),
                settling: at_ms < self.settle_ms,
                flagged: false,
                skipped: ended.skipped,
            };
            self.pending = (0, each, frame);
        }
        let judged = self.judge(self.pending.1);
        self.fit();
        let silenced = self.is_silenced();
        self.book.tell(at_ms, silenced, self.job.as_deref(), told);
        judged
    }

    /// Takes over what is known beside the readings.
    fn follow(&mut self, context: &Context) {
        let job = context.job.as_ref().map(|job| job.id.as_str());
        if job != self.job.as_deref() {
            if job.is_some() != self.job.is_some() {
                self.end_anomalies("The job has begun or ended, which is another normal");
            }
            self.job = job.map(str::to_owned);
            let settle_ms = u64::from(self.settings.settle_s) * 1000;
            self.settle_ms = self.at_ms.saturating_add(settle_ms);
        }
        self.maintenance = context.maintenance;
        if self.silent_ms.is_some_and(|until| self.at_ms >= until) {
            self.silent_ms = None;
        }
    }

    fn is_silenced(&self) -> bool {
        self.maintenance || self.silent_ms.is_some()
    }

    /// Judges the next groups of the last frame, at most as many. True if the last one is among them.
    fn judge(&mut self, most: usize) -> bool {
        let (next, _, frame) = self.pending;
        let end = next.saturating_add(most).min(self.groups.len());
        if next >= end {
            return false;
        }
        for place in next..end {
            self.judge_group(place, frame);
        }
        self.pending.0 = end;
        end == self.groups.len()
    }

    fn judge_group(&mut self, place: usize, frame: Frame) {
        let limit_ms = u64::from(self.settings.pause_limit_s) * 1000;
        let Some(group) = self.groups.get_mut(place) else {
            return;
        };
        let since = self.book.flagged(&group.name);
        let flagged = since.is_some_and(|since| self.at_ms.saturating_sub(since) < limit_ms);
        group.gather(self.frames.means(), Reading::Absent(Cause::Missing));
        if let Err(error) = group.judge(Frame { flagged, ..frame }, &self.choices) {
            let remark = format!("{}: a frame was not kept: {error:#}", group.name);
            self.remark(remark);
        }
        self.tell_group(place);
    }

    /// Takes a fit that is done, or starts one that is due.
    fn fit(&mut self) {
        if self.fitting.as_ref().is_some_and(Fitting::is_done) {
            self.take_fit();
        }
        if self.fitting.is_some() {
            return;
        }
        let due = self.groups.iter().enumerate();
        let due = due.filter_map(|(place, group)| Some((place, group.due(&self.choices)?)));
        let Some((place, due)) = due.min_by_key(|(_, due)| matches!(due, Due::Second(_))) else {
            return;
        };
        let Some(group) = self.groups.get(place) else {
            return;
        };
        let Some(ring) = &group.ring else {
            return;
        };
        let (rows, second) = match due {
            Due::First(rows) => (ring.last(rows, false), false),
            Due::Second(rows) => (ring.last(rows, true), true),
        };
        let how = (
            group.members.len(),
            self.settings.trim,
            self.settings.fit_share,
        );
        match Fitting::start((place, second), how, rows) {
            Ok(fitting) => self.fitting = Some(fitting),
            Err(error) => self.remark(format!("no thread for a fit: {error:#}")),
        }
    }

    /// Waits for the fits that are due: for recordings, whose time does not pass meanwhile.
    pub fn finish_fits(&mut self) {
        while self.fitting.is_some() {
            self.take_fit();
            self.fit();
        }
    }

    fn take_fit(&mut self) {
        let Some(fitting) = self.fitting.take() else {
            return;
        };
        let (place, second, frames) = (fitting.group, fitting.second, fitting.frames);
        let fitted = fitting.end();
        let Some(group) = self.groups.get_mut(place) else {
            return;
        };
        let remark = match fitted {
            Ok((model, confidence)) => {
                let remark = findings::of_fit(group, &self.channels, &confidence, second);
                group.fitted(model, frames, second);
                remark
            }
            Err(error) => {
                // It is tried again with other rows.
                group.lasting = group::Lasting::default();
                if let Some(ring) = group.ring.as_mut().filter(|_| !second) {
                    ring.clear();
                }
                format!("{}: {error:#}; it learns anew", group.name)
            }
        };
        if !second {
            let name = group.name.clone();
            self.end_anomaly(&name, "The group has a new fit");
        }
        self.remark(remark);
    }

    fn remark(&mut self, remark: String) {
        if self.remarks.len() < REMARKS {
            self.remarks.push(remark);
        }
    }

    /// Lines for the log since the last call: fits and what makes them doubtful, rows that could not be kept.
    pub fn remarks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.remarks)
    }

    /// Tells nothing until a time, in milliseconds since 1970; `None` ends the silence.
    pub fn silence(&mut self, until_ms: Option<u64>) {
        self.silent_ms = until_ms;
    }

    /// Someone has seen an event: only its clear is told from now on. False if no such event is on.
    pub fn acknowledge(&mut self, id: u64) -> bool {
        self.book.acknowledge(id)
    }

    /// Takes over an event that was told after the state was saved, so that its end is told too.
    pub fn adopt(&mut self, event: &Event) {
        self.book.adopt(event);
        self.doubtful = Some(20 * u32::from(self.watch.dwell));
    }

    /// The present state of a group is normal from now on: its alarms take the present level, and its channels the
    /// present distance from their peers. False if there is no such group.
    pub fn accept(&mut self, group: &str) -> bool {
        let busy = self.job.is_some();
        let mut groups = self.groups.iter_mut();
        let Some(group) = groups.find(|of| of.name == group) else {
            return false;
        };
        if let Some(level) = group.levels.get_mut(usize::from(busy)) {
            level.accept();
        }
        group.accepted = group.last.alarmed.is_on;
        let values = self.peers.as_ref().map(|peers| &peers.values);
        for place in &group.members {
            let value = self.frames.means().get(*place).copied().unwrap_or(f32::NAN);
            let peers = values.and_then(|values| values.get(*place));
            if let Some(beside) = self.beside.get_mut(*place) {
                beside.accept(value, peers);
            }
        }
        true
    }

    /// The values of the last frame in deviations of their own learned mean, a number per channel, for peers; NaN
    /// where nothing is known.
    pub fn scaled(&self) -> Vec<f32> {
        let values = self.frames.means().iter().zip(&self.beside);
        values
            .map(|(value, beside)| beside.scaled(*value))
            .collect()
    }
}

/// The alarms of a group: the promise of the node, shared by groups and by the two alarms of each.
fn alarm_rules(
    settings: &Settings,
    groups: usize,
) -> anyhow::Result<alarm::Rules<{ level::BUCKETS }>> {
    let frame_s = settings.frame_s as f32;
    let node = settings.false_alarms_per_month / 30.0 * 10_000.0 * frame_s / 86_400.0;
    let (_, most) = Promise::RANGE;
    let share = (node / (2 * groups.max(1)) as f32).clamp(LEAST, most);
    let per_day = u16::try_from(86_400 / settings.frame_s.max(1)).ok();
    let settings = alarm::Settings {
        promise: Promise::per_10_000_rows(share).context("judge.false_alarms_per_month")?,
        rows_per_day: per_day.filter(|rows| *rows >= 24),
    };
    alarm::Rules::new(settings).context("judge.frame_s")
}

/// FNV-1a of identities, each with its end.
fn hash<'a>(names: impl Iterator<Item = &'a str>) -> u64 {
    let bytes = names.flat_map(|name| name.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A group's name as that of a file.
fn file_name(name: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let name: String = name
        .chars()
        .map(|letter| if safe(letter) { letter } else { '_' })
        .take(100)
        .collect();
    name
}
