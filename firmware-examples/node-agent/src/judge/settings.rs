//! The choices of an operator about judgement.

use anyhow::ensure;
use serde::Deserialize;

/// Section `[judge]`. Frames are rows of the models; a sample is a reading of all channels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// False alarms of this node that you accept in 30 days: 0.01 to 1,000. It makes alarms sensitive.
    pub false_alarms_per_month: f32,
    /// Seconds of a frame, 15 to 60. A recording with slower rows may have longer ones, up to a day.
    pub frame_s: u32,
    /// Frames that a model is fitted to: 20 to 100,000. A day at 30 seconds.
    pub learn: u32,
    /// Frames after which a first model begins, to be replaced by that of all `learn` frames; 0: none.
    pub begin: u32,
    /// Share of one core that a fit may take in the background, 0.001 to 1.
    pub fit_share: f32,
    /// Share of the frames behind a fit that it leaves out, those of the largest scores: 0 to 0.5. For a time of
    /// which you know that something was wrong in it, 0.15.
    pub trim: f32,
    /// Frames of a lasting alarm after which it is the second normal, beside the first; 0: never.
    pub accept_after: u32,
    /// Seconds after which learning goes on although something is flagged.
    pub pause_limit_s: u32,
    /// Seconds after the start and the end of a job in which no alarm of a group begins.
    pub settle_s: u32,
    /// Whether each source has a group of its own. Sources of fewer than 8 channels share the group `node`.
    pub by_source: bool,
    /// Groups of your own, which take their channels first, in this order.
    pub groups: Vec<GroupRule>,
    /// Whether single channels are watched: missing, stuck, range, rate, errors.
    pub watchers: bool,
    /// Samples that watchers learn from: an hour at 1 Hz says little of a day.
    pub watch_learn: u32,
    /// Samples that a value is out of its usual range or rate before an event of it starts.
    pub dwell: u32,
    /// Seconds after the clear of a watcher's event until the same channel may start one again. Four times as
    /// long after each further one.
    pub again_s: u32,
    /// Known cases that are counted and not told.
    pub suppress: Vec<Suppress>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            false_alarms_per_month: 1.0,
            frame_s: 30,
            learn: 2880,
            begin: 0,
            fit_share: 0.05,
            trim: 0.0,
            accept_after: 2880,
            pause_limit_s: 6 * 3600,
            settle_s: 60,
            by_source: true,
            groups: Vec::new(),
            watchers: true,
            watch_learn: 86_400,
            dwell: 30,
            again_s: 6 * 3600,
            suppress: Vec::new(),
        }
    }
}

/// A group of your own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// Its name.
    pub name: String,
    /// Patterns of the identities of its channels; `*` stands for any text.
    pub channels: Vec<String>,
}

/// A known case: the value of a channel is within a distance of a number, and that is no reason to tell.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppress {
    /// Pattern of identities; `*` stands for any text.
    pub channel: String,
    /// The number; without it, the value that the agent expects.
    pub expected: Option<f32>,
    /// Largest distance, in the unit of the channel.
    pub absolute: Option<f32>,
    /// Largest distance, as a share of the expected value.
    pub relative: Option<f32>,
}

impl Settings {
    /// Checks the ranges.
    ///
    /// # Errors
    /// A value is out of its range; with its key.
    pub fn check(&self) -> anyhow::Result<()> {
        let month = self.false_alarms_per_month;
        ensure!(
            (0.01..=1000.0).contains(&month),
            "judge.false_alarms_per_month = {month}: 0.01 to 1000"
        );
        let frame = self.frame_s;
        ensure!(
            (1..=86_400).contains(&frame),
            "judge.frame_s = {frame}: 15 to 60 (1 to 86400)"
        );
        let learn = self.learn;
        ensure!(
            (20..=100_000).contains(&learn),
            "judge.learn = {learn}: 20 to 100000"
        );
        let begin = self.begin;
        ensure!(
            begin == 0 || (20..=learn).contains(&begin),
            "judge.begin = {begin}: 0, or 20 to judge.learn ({learn})"
        );
        let share = self.fit_share;
        ensure!(
            (0.001..=1.0).contains(&share),
            "judge.fit_share = {share}: 0.001 to 1"
        );
        let trim = self.trim;
        ensure!((0.0..=0.5).contains(&trim), "judge.trim = {trim}: 0 to 0.5");
        let accept = self.accept_after;
        ensure!(
            accept == 0 || (20..=100_000).contains(&accept),
            "judge.accept_after = {accept}: 0, or 20 to 100000"
        );
        ensure!(
            self.watch_learn >= 20,
            "judge.watch_learn = {}: 20 or more",
            self.watch_learn
        );
        ensure!(
            self.groups.len() <= 64,
            "judge.groups: {} of them, at most 64",
            self.groups.len()
        );
        ensure!(
            self.suppress.len() <= 256,
            "judge.suppress: {} of them, at most 256",
            self.suppress.len()
        );
        for rule in &self.groups {
            ensure!(
                !rule.name.is_empty() && !rule.channels.is_empty(),
                "judge.groups: a group has a name and channels"
            );
        }
        for rule in &self.suppress {
            let distances = [rule.absolute, rule.relative];
            ensure!(
                distances.iter().any(Option::is_some),
                "judge.suppress of {}: absolute or relative is missing",
                rule.channel
            );
            ensure!(
                distances
                    .iter()
                    .flatten()
                    .all(|x| x.is_finite() && *x >= 0.0)
                    && rule.expected.is_none_or(f32::is_finite),
                "judge.suppress of {}: a distance is a number from 0",
                rule.channel
            );
        }
        Ok(())
    }
}
