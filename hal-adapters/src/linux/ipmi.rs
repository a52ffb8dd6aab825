//! Sensors of a management controller, as FreeIPMI's `ipmi-sensors --comma-separated-output` prints them.
//!
//! The tool asks the controller and can take many seconds. It runs as a child with a limit, and never twice at a time.
//! A sensor's identity is its name; where two share it, its record's number follows, as in `ipmi/Temp#34`. With
//! `--output-sensor-state`, a sensor without a number has its state: 0 nominal, 1 warning, 2 critical.

mod list;

use super::probe::{Channel, Measure, Probe, Raw};
use super::tool::{Tool, ToolError};
use bellwether::Cause;
use core::time::Duration;
use list::Line;
use std::borrow::ToOwned;
use std::collections::BTreeMap;
use std::format;
use std::string::String;
use std::vec::Vec;

/// Sensors, at most.
const SENSORS_MAX: usize = 4096;

/// The command that is run if no other is asked for.
pub const COMMAND: [&str; 4] = [
    "ipmi-sensors",
    "--comma-separated-output",
    "--output-sensor-state",
    "--quiet-cache",
];

/// The sensors that the controller listed at start.
#[derive(Debug)]
pub struct Ipmi {
    tool: Tool,
    period: Duration,
    channels: Vec<Channel>,
    /// Places of the channels, by name and, where that is shared, number.
    places: BTreeMap<String, Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    channel: usize,
    state: bool,
}

impl Ipmi {
    /// Runs a command that prints such a list, and takes its sensors. `limit` is the longest wait for it, `period` the
    /// least time between two runs.
    ///
    /// # Errors
    /// It cannot be run, is late, or lists no sensor.
    pub fn open(
        command: Vec<String>,
        limit: Duration,
        period: Duration,
    ) -> Result<Self, ToolError> {
        let mut tool = Tool::new(command, limit);
        let output = tool.output()?;
        let mut probe = Self {
            tool,
            period,
            channels: Vec::new(),
            places: BTreeMap::new(),
        };
        probe.discover(&output);
        if probe.channels.is_empty() {
            return Err(ToolError::Empty);
        }
        Ok(probe)
    }

    fn discover(&mut self, output: &[u8]) {
        let lines: Vec<Line> = list::lines(output).take(SENSORS_MAX).collect();
        let mut count = BTreeMap::new();
        for line in &lines {
            *count.entry(line.name.as_str()).or_insert(0) += 1;
        }
        for line in &lines {
            let state = !line.is_measured();
            if state && line.state.is_none() {
                continue;
            }
            let shared = count
                .get(line.name.as_str())
                .is_some_and(|count| *count > 1);
            let key = if shared {
                line.full()
            } else {
                line.name.clone()
            };
            let channel = self.channels.len();
            if self
                .places
                .insert(key.clone(), Place { channel, state })
                .is_some()
            {
                // The same record twice: which one is meant cannot be told.
                continue;
            }
            let suffix = if state { ":state" } else { "" };
            self.channels.push(Channel {
                identity: format!("ipmi/{key}{suffix}"),
                chip: "ipmi".to_owned(),
                sensor: format!("{key}{suffix}"),
                unit: if state { "" } else { line.unit },
                measure: Measure::Gauge,
            });
        }
        let channels = self.channels.len();
        self.places.retain(|_, place| place.channel < channels);
    }

    /// Puts the values of an output into their places. What is not listed stays.
    fn place(&self, output: &[u8], into: &mut [Raw]) {
        for line in list::lines(output).take(2 * SENSORS_MAX) {
            let known = self
                .places
                .get(&line.name)
                .or_else(|| self.places.get(&line.full()));
            if let Some(place) = known
                && let Some(value) = into.get_mut(place.channel)
            {
                *value = if place.state {
                    line.state.ok_or(Cause::Missing)
                } else {
                    line.reading
                };
            }
        }
    }
}

impl Probe for Ipmi {
    fn name(&self) -> &str {
        "ipmi"
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Runs the tool once.
    fn read(&mut self, into: &mut [Raw]) {
        match self.tool.output() {
            Ok(output) => {
                into.fill(Err(Cause::Missing));
                self.place(&output, into);
            }
            Err(_) => into.fill(Err(Cause::Sensor)),
        }
    }

    fn period(&self) -> Duration {
        self.period
    }
}

#[cfg(test)]
mod tests;
