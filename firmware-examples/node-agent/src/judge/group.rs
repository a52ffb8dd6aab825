//! A group: its watchers, its rows, its models and its alarms.

use super::known::Known;
use super::level::{Alarmed, BUCKETS, Level};
use super::model::Model;
use super::rows::Ring;
use super::watch::Watchers;
use bellwether::alarm::Rules;
use bellwether::node::Score;
use bellwether::{Reading, Tick};

/// Credit of an alarmed frame, and the price of another one: more than 70 % of the frames are alarmed.
const ALARM: u32 = 3;
const NONE: u32 = 7;
const MOST: u32 = 1 << 20;

/// A fit that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Of the first model, to as many frames.
    First(usize),
    /// Of the second one.
    Second(usize),
}

/// Frames for which alarms have lasted.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Lasting {
    pub credit: u32,
    pub frames: u32,
}

impl Lasting {
    /// Takes a frame.
    fn take(&mut self, alarmed: bool) {
        self.credit = match alarmed {
            true => (self.credit + ALARM).min(MOST),
            false => self.credit.saturating_sub(NONE),
        };
        self.frames = match self.credit {
            0 => 0,
            _ => self.frames.saturating_add(1),
        };
    }
}

/// The last frame of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Last {
    /// Its score and the one above which a frame is anomalous, by the model that counts.
    pub score: Option<f32>,
    /// See `score`.
    pub threshold: Option<f32>,
    /// Its alarms.
    pub alarmed: Alarmed,
}

/// The context of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Whether a job runs.
    pub busy: bool,
    /// Whether a job has just begun or ended.
    pub settling: bool,
    /// Whether something is flagged in the group, so that the frame is not learned from.
    pub flagged: bool,
    /// Frames that never came before this one.
    pub skipped: u64,
}

/// The parts of a group.
pub struct Group {
    /// Its name.
    pub name: String,
    /// Places of its channels.
    pub members: Vec<usize>,
    /// Hash of their identities.
    pub hash: u64,
    /// Its watchers.
    pub watchers: Watchers,
    /// Its rows; none if it has fewer than two channels that are no counters of errors.
    pub ring: Option<Ring>,
    /// The model of the fit, and that of a change that has lasted.
    pub first: Option<Box<dyn Model>>,
    /// See `first`.
    pub second: Option<Box<dyn Model>>,
    /// Frames that the first model was fitted to, those that were trimmed included.
    pub fitted_to: u32,
    /// Whether the second model counted in the last frame.
    pub by_second: bool,
    /// Alarms while idle, and while busy.
    pub levels: [Level; 2],
    /// Alarms that last.
    pub lasting: Lasting,
    /// Whether a change was accepted, and its alarm has not cleared yet.
    pub accepted: bool,
    /// Number of the next frame.
    pub tick: u64,
    /// The last frame.
    pub last: Last,
    /// Readings of the members.
    pub readings: Vec<Reading>,
    /// Whether the alarm that is on is a known case.
    pub hushed: bool,
}

/// The choices that a group needs.
#[derive(Clone, Copy, Debug)]
pub struct Choices {
    /// Frames of the first fit.
    pub learn: u32,
    /// Frames of a first, earlier one; 0: none.
    pub begin: u32,
    /// Frames after which a change is accepted; 0: never.
    pub accept: u32,
    /// The promise of a group.
    pub rules: Rules<BUCKETS>,
}

impl Group {
    /// Gathers the values of its members into `readings`.
    pub fn gather<T: Copy + Into<Reading>>(&mut self, all: &[T], none: Reading) {
        let values = self.members.iter().map(|place| all.get(*place));
        self.readings.clear();
        self.readings
            .extend(values.map(|value| value.map_or(none, |value| (*value).into())));
    }

    /// The model that counted in the last frame.
    pub fn counted(&self) -> Option<&dyn Model> {
        match self.by_second {
            true => self.second.as_deref(),
            false => self.first.as_deref(),
        }
    }

    /// Judges a frame that was gathered.
    ///
    /// # Errors
    /// Its row cannot be kept.
    pub fn judge(&mut self, frame: Frame, choices: &Choices) -> anyhow::Result<()> {
        self.tick = self.tick.saturating_add(frame.skipped).saturating_add(1);
        let Some(ring) = &mut self.ring else {
            return Ok(());
        };
        let values: Vec<f32> = self
            .readings
            .iter()
            .map(|reading| reading.to_f32())
            .collect();
        let kept = ring.push(&values, frame.flagged);
        let score = self.score();
        let score = score.filter(|_| !frame.settling);
        let [idle, busy] = &mut self.levels;
        let (level, other) = if frame.busy {
            (busy, idle)
        } else {
            (idle, busy)
        };
        if frame.skipped > 0 {
            level.skip(&choices.rules, frame.skipped);
        }
        other.skip(&choices.rules, frame.skipped + 1);
        if self.first.is_some() {
            self.last.alarmed = level.take(&choices.rules, score);
            let anomalous = self.last.score > self.last.threshold;
            if self.last.score.is_some() {
                self.lasting.take(anomalous || self.last.alarmed.is_on);
            }
        }
        kept
    }

    /// The score of the gathered frame, by the model that finds it more usual.
    fn score(&mut self) -> Option<Score> {
        let tick = Tick(self.tick);
        (self.last.score, self.last.threshold) = (None, None);
        let verdict = self.first.as_mut()?.take(tick, &self.readings);
        let share = |of: &bellwether::node::Verdict| {
            let score = of.assessment.score.zip(of.assessment.threshold);
            score.map_or(f32::INFINITY, |(score, threshold)| score / threshold)
        };
        let other = self
            .second
            .as_mut()
            .map(|second| second.take(tick, &self.readings));
        self.by_second = other
            .as_ref()
            .is_some_and(|other| share(other) < share(&verdict));
        let counted = other.filter(|_| self.by_second).unwrap_or(verdict);
        self.last.score = counted.assessment.score;
        self.last.threshold = counted.assessment.threshold;
        counted.score
    }

    /// The fit that is due.
    pub fn due(&self, choices: &Choices) -> Option<Due> {
        let ring = self.ring.as_ref()?;
        let fitted = self.first.as_ref().map_or(0, |_| self.fitted_to);
        let next = match choices.begin {
            0 => choices.learn,
            begin if fitted == 0 => begin,
            _ => choices.learn,
        };
        if fitted < next && ring.normal() >= next as usize {
            return Some(Due::First(next as usize));
        }
        let lasts = choices.accept > 0 && self.lasting.frames >= choices.accept;
        let alarmed = self.last.alarmed.is_on || self.last.score > self.last.threshold;
        (lasts && alarmed).then_some(Due::Second(choices.accept as usize))
    }

    /// Frames that are still needed before it judges.
    pub fn warming(&self, choices: &Choices) -> u32 {
        let Some(ring) = self.ring.as_ref().filter(|_| self.first.is_none()) else {
            return 0;
        };
        let needed = match choices.begin {
            0 => choices.learn,
            begin => begin,
        };
        needed.saturating_sub(ring.normal() as u32).max(1)
    }

    /// Takes a fit.
    pub fn fitted(&mut self, model: Box<dyn Model>, frames: u32, second: bool) {
        let rows = model.rows().0;
        self.lasting = Lasting::default();
        if second {
            self.second = Some(model);
            self.accepted = self.last.alarmed.is_on;
        } else {
            self.levels = [Level::after_fit(rows), Level::after_fit(rows)];
            self.last.alarmed = Alarmed::default();
            self.first = Some(model);
            self.fitted_to = frames;
        }
    }

    /// Variables behind the last frame, the most telling first: place among the members, and share.
    pub fn blamed(&self) -> Vec<(usize, f32)> {
        let Some(model) = self.counted() else {
            return Vec::new();
        };
        let surprises = model.surprises();
        let total: f32 = surprises.iter().sum();
        let share = |variable: usize| {
            let surprise = surprises.get(variable).copied().unwrap_or(0.0);
            if total > 0.0 { surprise / total } else { 0.0 }
        };
        // Those that their partners outvote, then those that all others find strange.
        let mut blamed: Vec<usize> = model.blamed().iter().map(|blame| blame.variable).collect();
        let mut others: Vec<usize> = (0..surprises.len())
            .filter(|variable| surprises.get(*variable).is_some_and(|x| *x > f32::ln(3.0)))
            .collect();
        others.sort_by(|a, b| share(*b).total_cmp(&share(*a)));
        others.retain(|variable| !blamed.contains(variable));
        blamed.append(&mut others);
        blamed.truncate(8);
        blamed
            .into_iter()
            .map(|variable| (variable, share(variable)))
            .collect()
    }

    /// Whether all that is blamed is a known case.
    pub fn is_known(&self, known: &Known, blamed: &[(usize, f32)]) -> bool {
        let is_known = |(variable, _): &(usize, f32)| {
            let value = self.readings.get(*variable);
            let value = value.and_then(|reading| reading.usable().ok());
            let channel = self.members.get(*variable);
            let pair = value.zip(channel);
            pair.is_some_and(|(value, channel)| {
                known.is(*channel, value, || self.counted()?.expected(*variable))
            })
        };
        !blamed.is_empty() && blamed.iter().take(3).all(is_known)
    }

    /// Bytes of state.
    pub fn bytes(&self) -> usize {
        let models = [&self.first, &self.second].into_iter().flatten();
        models.map(|model| model.bytes()).sum::<usize>()
            + self.watchers.bytes()
            + self.ring.as_ref().map_or(0, Ring::bytes)
            + self.members.len() * (size_of::<usize>() + size_of::<Reading>())
            + size_of::<Self>()
    }
}
