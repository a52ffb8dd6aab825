//! Fields of GPUs, as NVIDIA's tools print them: `nvidia-smi --query-gpu=… --format=csv`, `nvidia-smi dmon` and
//! `dcgmi dmon`.
//!
//! A tool is run for each reading, or once for all, if it goes on and writes a line per GPU and moment. A GPU's
//! identity is its UUID, its PCI address or its number, in this order, as far as the fields have them. A field that a
//! tool cannot give at a moment (`N/A`) is missing at that moment: lost samples are a signal of their own.

mod table;

use super::errors;
use super::probe::{Channel, Probe, Raw};
use super::tool::{Stream, Tool, ToolError};
use bellwether::Cause;
use core::time::Duration;
use std::collections::BTreeMap;
use std::format;
use std::string::String;
use std::time::Instant;
use std::vec::Vec;
use table::{Row, Table};

/// Channels, at most.
const CHANNELS_MAX: usize = 4096;

/// The command line and the output of a tool.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The command with its arguments. No shell is involved.
    pub command: Vec<String>,
    /// Whether it goes on by itself, as `dcgmi dmon` does.
    pub stream: bool,
    /// The longest wait for it; of a stream, for its first lines.
    pub limit: Duration,
    /// The least time between two runs; of a stream, the time between two of its moments.
    pub period: Duration,
    /// Parts of names of further counters of errors.
    pub errors: Vec<String>,
}

/// The GPUs that a tool showed at start.
#[derive(Debug)]
pub struct Gpu {
    runner: Runner,
    limit: Duration,
    period: Duration,
    table: Table,
    channels: Vec<Channel>,
    /// Channels by GPU and field.
    places: BTreeMap<String, BTreeMap<String, usize>>,
    /// Of a stream: the last values and their moments.
    last: Vec<(Option<Instant>, Raw)>,
}

#[derive(Debug)]
enum Runner {
    Tool(Tool),
    Stream(Stream),
}

impl Gpu {
    /// Runs the tool and takes the GPUs and fields that it shows. A field without a number on any GPU is no channel.
    ///
    /// # Errors
    /// It cannot be run, is late, or shows no number.
    pub fn open(settings: Settings) -> Result<Self, ToolError> {
        let Settings {
            command,
            stream,
            limit,
            period,
            errors,
        } = settings;
        let mut table = Table::default();
        let mut rows = Vec::new();
        let runner = if stream {
            let mut stream = Stream::new(command);
            first_rows(&mut stream, &mut table, &mut rows, limit)?;
            Runner::Stream(stream)
        } else {
            let mut tool = Tool::new(command, limit);
            let output = tool.output()?;
            rows.extend(
                output
                    .split(|byte| *byte == b'\n')
                    .filter_map(|line| table.row(line)),
            );
            Runner::Tool(tool)
        };
        let mut probe = Self {
            runner,
            limit,
            period,
            table,
            channels: Vec::new(),
            places: BTreeMap::new(),
            last: Vec::new(),
        };
        probe.discover(&rows, &errors);
        if probe.channels.is_empty() {
            return Err(ToolError::Empty);
        }
        probe.last = Vec::from_iter(probe.channels.iter().map(|_| (None, Err(Cause::Missing))));
        for row in &rows {
            probe.keep(row);
        }
        Ok(probe)
    }

    fn discover(&mut self, rows: &[Row], errors: &[String]) {
        let mut numbers: BTreeMap<&str, bool> = BTreeMap::new();
        for (name, _, value) in rows.iter().flat_map(|row| &row.values) {
            *numbers.entry(name).or_default() |= value.is_ok();
        }
        for row in rows {
            for (name, unit, _) in &row.values {
                let gpu = self.places.entry(row.gpu.clone()).or_default();
                let is_number = numbers.get(name.as_str()) == Some(&true);
                if !is_number || gpu.contains_key(name) || self.channels.len() == CHANNELS_MAX {
                    continue;
                }
                gpu.insert(name.clone(), self.channels.len());
                self.channels.push(Channel {
                    identity: format!("gpu/{}/{name}", row.gpu),
                    chip: row.gpu.clone(),
                    sensor: name.clone(),
                    unit,
                    measure: errors::measure(name, table::is_counter(name), errors),
                });
            }
        }
    }

    /// Keeps the values of a line until they are asked for.
    fn keep(&mut self, row: &Row) {
        let Some(gpu) = self.places.get(&row.gpu) else {
            return;
        };
        let now = Instant::now();
        for (name, _, value) in &row.values {
            let place = gpu.get(name).and_then(|place| self.last.get_mut(*place));
            if let Some(place) = place {
                *place = (Some(now), *value);
            }
        }
    }

    fn run(&mut self, into: &mut [Raw]) -> Result<(), ToolError> {
        let mut rows = Vec::new();
        let table = &mut self.table;
        let stale = match &mut self.runner {
            Runner::Tool(tool) => {
                let output = tool.output()?;
                self.last.fill((None, Err(Cause::Missing)));
                rows.extend(
                    output
                        .split(|byte| *byte == b'\n')
                        .filter_map(|line| table.row(line)),
                );
                self.limit.max(Duration::from_secs(3600))
            }
            Runner::Stream(stream) => {
                stream.lines(Duration::ZERO, |line| rows.extend(table.row(line)))?;
                // One line may come late; the second one is lost.
                self.period.saturating_mul(2) + Duration::from_millis(500)
            }
        };
        for row in &rows {
            self.keep(row);
        }
        let now = Instant::now();
        for (value, (at, last)) in into.iter_mut().zip(&self.last) {
            let fresh = at.is_some_and(|at| now.saturating_duration_since(at) <= stale);
            *value = if fresh { *last } else { Err(Cause::Missing) };
        }
        Ok(())
    }
}

/// Waits for the lines of the first moment: until a GPU comes a second time, or the limit is over.
fn first_rows(
    stream: &mut Stream,
    table: &mut Table,
    rows: &mut Vec<Row>,
    limit: Duration,
) -> Result<(), ToolError> {
    let until = Instant::now() + limit;
    let mut count = BTreeMap::new();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        stream.lines(left, |line| {
            if let Some(row) = table.row(line) {
                *count.entry(row.gpu.clone()).or_insert(0) += 1;
                rows.push(row);
            }
        })?;
        // The last GPU's line may follow that of the first.
        if count.values().any(|lines| *lines > 1) || left.is_zero() || rows.len() > CHANNELS_MAX {
            return if rows.is_empty() {
                Err(ToolError::Late)
            } else {
                Ok(())
            };
        }
    }
}

impl Probe for Gpu {
    fn name(&self) -> &str {
        "gpu"
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Runs the tool once, or takes what a stream has written since the last time.
    fn read(&mut self, into: &mut [Raw]) {
        if self.run(into).is_err() {
            into.fill(Err(Cause::Sensor));
        }
    }

    fn period(&self) -> Duration {
        match self.runner {
            Runner::Tool(_) => self.period,
            Runner::Stream(_) => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests;
