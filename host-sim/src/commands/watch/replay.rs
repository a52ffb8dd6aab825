//! A recording, judged and shown as if it were read now.

use super::feed::Machine;
use crate::recording::time::clock::Clock;
use crate::recording::{Options, Recording, notes};
use crate::text::number::counted;
use anyhow::ensure;
use bellwether_agent::event::Event;
use bellwether_agent::judge::{self, Context, Judge};
use bellwether_agent::status::Status;
use bellwether_hal::linux::probe::{Channel, Measure};
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest wait between two rows: a gap in a recording is no reason to stand still.
const LONGEST: f64 = 2.0;
/// Rows that come faster than the screen are judged, and not shown.
const SHOWN: Duration = Duration::from_millis(40);

/// A recording and its judgement.
pub struct Replay {
    recording: Recording,
    judge: Judge,
    clock: Clock,
    /// Times as fast as it was recorded; `None` without waiting.
    speed: Option<f64>,
    /// Time of the last row in seconds.
    last: Option<f64>,
    due: Instant,
    shown: Option<Instant>,
    ended: bool,
}

impl Replay {
    /// Opens a recording.
    ///
    /// # Errors
    /// It cannot be read, has no variables, or a setting of the judgement is wrong.
    pub fn open(
        path: &Path,
        options: &Options,
        settings: &judge::Settings,
        speed: Option<f64>,
    ) -> anyhow::Result<Self> {
        let recording = notes::open(path, options)?;
        let channels: Vec<Channel> = recording.names().iter().map(|name| channel(name)).collect();
        ensure!(!channels.is_empty(), "{}: no variable", path.display());
        let settings = judge::Settings {
            fit_share: 1.0,
            ..settings.clone()
        };
        let node = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self {
            judge: Judge::new(&node, &channels, &settings, None)?,
            recording,
            clock: Clock::default(),
            speed,
            last: None,
            due: Instant::now(),
            shown: None,
            ended: false,
        })
    }

    /// Judges the next row, at its time. False at the end.
    fn row(&mut self, told: &mut Vec<Event>) -> anyhow::Result<bool> {
        let Some(row) = self.recording.next_row()? else {
            return Ok(false);
        };
        // Rows without a time are a second apart.
        let next = self.last.map_or(0.0, |last| last + 1.0);
        let seconds = self.clock.read(row.timestamp).unwrap_or(next);
        let step = self.last.map_or(0.0, |last| seconds - last);
        self.last = Some(seconds);
        if let Some(speed) = self.speed {
            let wait = (step / speed).clamp(0.0, LONGEST);
            self.due += Duration::from_secs_f64(wait);
            std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
        }
        let at_ms = (seconds * 1e3).max(0.0) as u64;
        let context = Context::default();
        if self.judge.take(at_ms, row.readings, &context, told) {
            // The time of a recording does not pass while a model is fitted.
            self.judge.finish_fits();
        }
        Ok(true)
    }

    fn status(&self) -> Status {
        let mut status = Status::default();
        self.judge.status(&mut status);
        status
    }
}

impl Machine for Replay {
    fn next(&mut self, told: &mut Vec<Event>) -> anyhow::Result<Option<Status>> {
        if self.ended {
            return Ok(None);
        }
        loop {
            self.ended = !self.row(told)?;
            let fresh = self.shown.is_some_and(|shown| shown.elapsed() < SHOWN);
            if self.ended || self.speed.is_some() && !fresh {
                self.shown = Some(Instant::now());
                return Ok(Some(self.status()));
            }
        }
    }

    fn acknowledge(&mut self, id: u64) -> bool {
        self.judge.acknowledge(id)
    }

    fn end(&mut self) -> anyhow::Result<String> {
        let rows = counted(self.recording.rows(), "row");
        Ok(format!("the recording has ended after {rows}; q quits"))
    }
}

fn channel(name: &str) -> Channel {
    Channel {
        identity: name.to_owned(),
        chip: String::new(),
        sensor: name.to_owned(),
        unit: "",
        measure: Measure::Gauge,
    }
}
