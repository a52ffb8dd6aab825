//! The machine in front of you: its sensors, read once a second and judged.

use super::feed::Machine;
use crate::recording::recorder::Recorder;
use anyhow::{Context as _, ensure};
use bellwether::{Cause, Reading};
use bellwether_agent::config::Config;
use bellwether_agent::event::Event;
use bellwether_agent::judge::{Context, Judge};
use bellwether_agent::readers::Readers;
use bellwether_agent::sources;
use bellwether_agent::status::Status;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// All sources of this machine and their judgement.
pub struct Live {
    readers: Readers,
    judge: Judge,
    context: Context,
    recorder: Option<Recorder<BufWriter<File>>>,
    period: Duration,
    readings: Vec<Reading>,
    last: Option<Instant>,
    rows: u64,
}

impl Live {
    /// Opens the sources of a configuration, and a recording of their readings.
    ///
    /// # Errors
    /// There is nothing to read, a setting is wrong, or the recording cannot be written.
    pub fn open(config: &Config, record: Option<&Path>) -> anyhow::Result<Self> {
        let probes = sources::open(&config.sources)?;
        let wait = Duration::from_millis(config.agent.wait_ms.into());
        let readers = Readers::start(probes, wait)?;
        let channels = readers.channels();
        ensure!(
            !channels.is_empty(),
            "this machine has no sensors that the configured sources can read"
        );
        let recorder = record.map(|path| {
            let file = File::create_new(path).with_context(|| path.display().to_string())?;
            let names: Vec<&str> = channels.iter().map(|of| of.identity.as_str()).collect();
            Recorder::unlabelled(BufWriter::new(file), &names)
        });
        let recorder = recorder.transpose()?;
        Ok(Self {
            judge: Judge::new(&config.agent.name(), channels, &config.judge, None)?,
            context: Context::default(),
            period: Duration::from_millis(config.agent.period_ms.into()),
            readings: vec![Reading::Absent(Cause::Missing); channels.len()],
            readers,
            recorder,
            last: None,
            rows: 0,
        })
    }
}

impl Machine for Live {
    fn next(&mut self, told: &mut Vec<Event>) -> anyhow::Result<Option<Status>> {
        let elapsed = self.last.map_or(Duration::ZERO, |last| {
            std::thread::sleep((last + self.period).saturating_duration_since(Instant::now()));
            last.elapsed()
        });
        self.last = Some(Instant::now());
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let at_ms = u64::try_from(now.as_millis())?;
        self.readers.read(elapsed, &mut self.readings);
        if let Some(recorder) = &mut self.recorder {
            let time = jiff::Timestamp::from_millisecond(i64::try_from(at_ms)?)?;
            recorder.write(&time.to_string(), self.readings.iter().copied(), false)?;
            recorder.flush()?;
            self.rows += 1;
        }
        self.judge.take(at_ms, &self.readings, &self.context, told);
        let mut status = Status::default();
        self.judge.status(&mut status);
        self.readers.report(&mut status.agent);
        Ok(Some(status))
    }

    fn acknowledge(&mut self, id: u64) -> bool {
        self.judge.acknowledge(id)
    }

    fn end(&mut self) -> anyhow::Result<String> {
        Ok(format!("{} rows recorded", self.rows))
    }
}
