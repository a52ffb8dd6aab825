//! A replay: a recording that the judgement takes as if it were read now, and what came of it.
//!
//! Rows of a fit part, from which rows labelled bad are left out, come first; the alarms of the rows behind them
//! count. Labels judge, and nothing else.

pub mod episodes;

use crate::event::{Event, Kind, Phase};
use crate::judge::{Context, Judge, Settings};
use anyhow::{Context as _, ensure};
use bellwether::{Cause, Reading};
use bellwether_hal::linux::probe::{Channel, Measure};
use bellwether_hal::linux::replay::Replay;
use episodes::Episodes;
use std::path::PathBuf;

/// Fewest frames of a lasting change that slow rows are fitted to.
const ACCEPTED: u64 = 300;

/// A recording in memory.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Its channels.
    pub channels: Vec<Channel>,
    /// Values of all rows, row by row; NaN is missing.
    pub values: Vec<f32>,
    /// Time of each row in milliseconds.
    pub at_ms: Vec<u64>,
    /// Whether each row is labelled bad.
    pub labels: Vec<bool>,
    /// Whether there is a column of labels.
    pub labelled: bool,
    /// Rows of each file.
    pub files: Vec<usize>,
}

/// The measure of a column by the end of its name, as exporters of metrics name counters.
fn measure(name: &str) -> Measure {
    match name.ends_with("_errors_total") {
        true => Measure::Errors,
        false => Measure::Gauge,
    }
}

impl Recording {
    /// Reads files of the same columns, one behind the other.
    ///
    /// # Errors
    /// One cannot be read, or has other columns.
    pub fn read(files: &[PathBuf], period_s: Option<f64>) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for path in files {
            let name = path.display().to_string();
            let mut replay = Replay::open(path).with_context(|| name.clone())?;
            let mut channels = replay.channels().to_vec();
            for channel in &mut channels {
                channel.measure = measure(&channel.identity);
            }
            if all.channels.is_empty() {
                all.channels = channels;
            }
            ensure!(
                all.channels.len() == replay.channels().len(),
                "{name}: {} columns, and {} in the file before",
                replay.channels().len(),
                all.channels.len()
            );
            if let Some(period_s) = period_s {
                replay.set_interval_ms((period_s * 1000.0) as u64);
            }
            let begin = match (all.at_ms.last(), period_s) {
                (Some(last), Some(period_s)) => last + (period_s * 1000.0) as u64,
                _ => 0,
            };
            let before = all.at_ms.len();
            while let Some((at_ms, values)) = replay.next_row() {
                let values = values
                    .into_iter()
                    .map(|value| value.map_or(f32::NAN, |x| x as f32));
                all.values.extend(values);
                all.at_ms.push(begin.saturating_add(at_ms));
                all.labelled |= replay.label().is_some();
                all.labels.push(replay.label().unwrap_or(false));
            }
            if let Some(failure) = replay.failure() {
                anyhow::bail!("{name}, row {}: {failure}", replay.rows());
            }
            all.files.push(all.at_ms.len() - before);
        }
        Ok(all)
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.at_ms.len()
    }

    /// The values of a row.
    pub fn row(&self, row: usize) -> &[f32] {
        let width = self.channels.len();
        let from = row * width;
        self.values.get(from..from + width).unwrap_or_default()
    }

    /// Milliseconds between rows: the median, so that gaps do not count.
    pub fn period_ms(&self) -> u64 {
        let pairs = self.at_ms.iter().zip(self.at_ms.iter().skip(1));
        let mut steps: Vec<u64> = pairs.map(|(a, b)| b.saturating_sub(*a)).collect();
        steps.sort_unstable();
        steps.get(steps.len() / 2).copied().unwrap_or(1000).max(1)
    }

    /// Healthy rows among the first ones: not labelled bad, and with half of their values.
    pub fn healthy(&self, first: usize) -> Vec<usize> {
        let bad = |row: &usize| self.labels.get(*row).copied().unwrap_or(true);
        let there = |row: &usize| {
            let values = self.row(*row);
            2 * values.iter().filter(|x| x.is_finite()).count() >= values.len()
        };
        (0..first.min(self.rows()))
            .filter(|row| !bad(row) && there(row))
            .collect()
    }
}

/// The choices of a replay.
#[derive(Clone, Debug)]
pub struct Options {
    /// Settings of the judgement. Frames, the fit and lengths in samples are made to fit the recording.
    pub settings: Settings,
    /// Rows of the fit part.
    pub fit_rows: usize,
}

/// The result of a replay.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Rows behind the fit part.
    pub rows: usize,
    /// Days of these.
    pub days: f64,
    /// Events of watchers and groups that started.
    pub watchers: u64,
    /// See `watchers`.
    pub anomalies: u64,
    /// Whether an anomaly is on in each of these rows, and whether anything is.
    pub alarmed: Vec<bool>,
    /// See `alarmed`.
    pub any: Vec<bool>,
    /// Labels of these rows.
    pub labels: Vec<bool>,
    /// Remarks of the judgement.
    pub remarks: Vec<String>,
    /// Bytes of state at the end.
    pub state_bytes: usize,
}

impl Course {
    /// The alarms beside the labels.
    pub fn judged(&self, with_watchers: bool) -> Episodes {
        let on = if with_watchers {
            &self.any
        } else {
            &self.alarmed
        };
        Episodes::of(&self.labels, on)
    }
}

/// Settings for rows of a period: frames of at least one row, and lengths of as much time: two rows
/// at least, and 300 for a lasting change.
pub fn fitting(settings: &Settings, period_ms: u64, fit_rows: usize) -> Settings {
    let mut fitting = settings.clone();
    let period_s = period_ms.div_ceil(1000).clamp(1, 86_400);
    fitting.frame_s = u64::from(settings.frame_s).max(period_s) as u32;
    let rows_per_frame = (u64::from(fitting.frame_s) / period_s).max(1);
    // The first row only begins a frame.
    let frames = (fit_rows as u64).saturating_sub(1) / rows_per_frame;
    fitting.learn = frames.clamp(20, 100_000) as u32;
    fitting.begin = 0;
    if settings.accept_after > 0 {
        let seconds = u64::from(settings.accept_after) * u64::from(settings.frame_s);
        let frames = seconds / u64::from(fitting.frame_s);
        fitting.accept_after = frames.clamp(ACCEPTED, 100_000) as u32;
    }
    fitting.watch_learn = (fit_rows as u32).saturating_sub(1).max(20);
    fitting.dwell = u64::from(settings.dwell).div_ceil(period_s).max(2) as u32;
    fitting.fit_share = 1.0;
    // Rows of the fit part are declared healthy.
    fitting.pause_limit_s = 0;
    fitting
}

/// The state of a judgement behind the fit part, for [`run`] with other promises.
///
/// # Errors
/// As [`run`].
pub fn fit(recording: &Recording, options: &Options) -> anyhow::Result<Vec<u8>> {
    let mut front = recording.clone();
    let rows = options.fit_rows.min(front.rows());
    front.at_ms.truncate(rows);
    front.labels.truncate(rows);
    front.values.truncate(rows * front.channels.len());
    Ok(judged(&front, options, None, |_| ())?.1)
}

/// Replays a recording; `tell` hears every event. From a state behind the fit part, that is left out.
///
/// # Errors
/// A setting is out of range, or the fit part is too short.
pub fn run(
    recording: &Recording,
    options: &Options,
    state: Option<&[u8]>,
    tell: impl FnMut(&Event),
) -> anyhow::Result<Course> {
    Ok(judged(recording, options, state, tell)?.0)
}

fn judged(
    recording: &Recording,
    options: &Options,
    state: Option<&[u8]>,
    mut tell: impl FnMut(&Event),
) -> anyhow::Result<(Course, Vec<u8>)> {
    let period_ms = recording.period_ms();
    let fit = recording.healthy(options.fit_rows);
    ensure!(
        fit.len() > 20,
        "a fit part of {} healthy rows, fewer than 21",
        fit.len()
    );
    let settings = fitting(&options.settings, period_ms, fit.len());
    let mut judge = Judge::new("replay", &recording.channels, &settings, None)?;
    if let Some(state) = state {
        judge.restore(state)?;
    }
    let mut course = Course::default();
    let (mut told, mut on): (Vec<Event>, Vec<(u64, Kind)>) = (Vec::new(), Vec::new());
    let behind = options.fit_rows.min(recording.rows())..recording.rows();
    let first_ms = recording.at_ms.get(behind.start).copied().unwrap_or(0);
    // Rows of the fit have no gaps where bad ones are left out, and end right in front of the others.
    let length = fit.len() as u64 * period_ms;
    let shift_ms = (length + period_ms).saturating_sub(first_ms);
    let begin = (first_ms + shift_ms).saturating_sub(length);
    let fit = fit.into_iter().enumerate();
    let fit = fit
        .filter(|_| state.is_none())
        .map(|(place, row)| (begin + place as u64 * period_ms, row, false));
    let behind = behind.map(|row| {
        let at_ms = recording.at_ms.get(row).copied().unwrap_or(0);
        (at_ms + shift_ms, row, true)
    });
    let context = Context::default();
    for (at_ms, row, counts) in fit.chain(behind) {
        let readings = recording.row(row).iter();
        let readings: Vec<Reading> = readings
            .map(|value| match value.is_nan() {
                true => Reading::Absent(Cause::Missing),
                false => Reading::Value(*value),
            })
            .collect();
        if judge.take(at_ms, &readings, &context, &mut told) {
            judge.finish_fits();
        }
        for mut event in told.drain(..) {
            match event.phase {
                Phase::Start => {
                    on.push((event.id, event.kind));
                    course.anomalies += u64::from(counts && event.kind == Kind::Anomaly);
                    course.watchers += u64::from(counts && event.kind != Kind::Anomaly);
                }
                Phase::Update => {}
                Phase::Clear => on.retain(|(id, _)| *id != event.id),
            }
            event.at_ms = event.at_ms.saturating_sub(shift_ms);
            event.since_ms = event.since_ms.saturating_sub(shift_ms);
            tell(&event);
        }
        if counts {
            course
                .alarmed
                .push(on.iter().any(|(_, kind)| *kind == Kind::Anomaly));
            course.any.push(!on.is_empty());
            course
                .labels
                .push(recording.labels.get(row).copied().unwrap_or(false));
        }
        course.remarks.append(&mut judge.remarks());
    }
    course.rows = course.labels.len();
    course.days = course.rows as f64 * period_ms as f64 / 86_400_000.0;
    course.state_bytes = judge.state_bytes();
    Ok((course, judge.save()))
}
