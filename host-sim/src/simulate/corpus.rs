//! Labelled corpora without a data set: simulated plants, their faults, and harmless events that
//! resemble faults.
//!
//! A plant is simulated twice with the same random numbers, with faults and without. The difference
//! is the fault, and its size the severity. Seasons, regimes of load and maintenance windows are in
//! both, so they are normal, even if they look odd. There is no clock and no platform's
//! mathematics: a seed gives the same bytes everywhere.

pub mod compute;
pub mod dropouts;
pub mod environmental;
pub mod network;
pub mod paired_plants;
pub mod rotating;
pub mod schedule;

use crate::random::Random;
use crate::recording::recorder::Recorder;
use crate::simulate::fault::{Label, Profile, Tally};
use crate::simulate::node::{START_S, rounded};
use bellwether::rng::split_mix;
use dropouts::{Dropouts, Gaps};
use paired_plants::PairedPlants;
use schedule::{Schedule, Scheduled};
use std::f64::consts::TAU;
use std::io::Write;

/// Seconds of a day.
pub const DAY_S: i64 = 86_400;

/// A possible fault of a plant: its name, and the variable whose hardware is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlantFault {
    /// In a word or two.
    pub name: &'static str,
    /// Index of the variable.
    pub variable: usize,
}

/// A fault in progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Present {
    /// Its name.
    pub name: &'static str,
    /// The share of it that has passed, above 0 to 1.
    pub share: f64,
    /// Its strength, above 0 to 1.
    pub strength: f64,
}

impl Present {
    /// Growing from nothing to its strength.
    pub fn grown(&self) -> f64 {
        self.share * self.strength
    }
}

/// A plant's input for a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instant {
    /// Seconds since 1970.
    pub seconds: i64,
    /// The present fault.
    pub fault: Option<Present>,
    /// The share of the present maintenance window that has passed, above 0 to 1.
    pub maintenance: Option<f64>,
}

impl Instant {
    /// Share of the day that has passed.
    pub fn day(&self) -> f64 {
        self.seconds.rem_euclid(DAY_S) as f64 / DAY_S as f64
    }

    /// Whether it is Saturday or Sunday.
    pub fn is_weekend(&self) -> bool {
        (self.seconds - START_S).div_euclid(DAY_S).rem_euclid(7) >= 5
    }

    /// -1 to 1 and back once a day, 1 at this share of the day.
    pub fn daily(&self, peak: f64) -> f64 {
        libm::cos(TAU * (self.day() - peak))
    }

    /// This fault, if it is present.
    pub fn fault(&self, name: &str) -> Option<Present> {
        self.fault.filter(|fault| fault.name == name)
    }

    /// The strength of this fault, 0 if it is not present.
    pub fn strength(&self, name: &str) -> f64 {
        self.fault(name).map_or(0.0, |fault| fault.strength)
    }

    /// The same of a fault that grows.
    pub fn grown(&self, name: &str) -> f64 {
        self.fault(name).map_or(0.0, |fault| fault.grown())
    }
}

/// A plant's variables and possible faults.
#[derive(Clone, Copy, Debug)]
pub struct PlantSpec {
    /// Names of the variables, with the unit as suffix.
    pub names: &'static [&'static str],
    /// The faults it can have.
    pub faults: &'static [PlantFault],
    /// Seconds between rows.
    pub period_s: u32,
}

/// A system with sensors.
pub trait Plant {
    /// Values of the next step. Draws the same random numbers with and without faults.
    fn step(&mut self, now: &Instant) -> Vec<f32>;
}

/// Kinds of plants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PlantKind {
    /// Load, power, temperatures and fan of a server; a row a minute
    ComputeNode,
    /// A motor with bearings and oil; a row every ten seconds
    RotatingMachine,
    /// Weather and air quality; a row every ten minutes
    EnvironmentalStation,
    /// Traffic, sessions and health of a router; a row a minute
    NetworkDevice,
}

impl PlantKind {
    fn plant(self, seed: u64) -> Box<dyn Plant> {
        match self {
            Self::ComputeNode => Box::new(compute::ComputeNode::new(seed)),
            Self::RotatingMachine => Box::new(rotating::RotatingMachine::new(seed)),
            Self::EnvironmentalStation => Box::new(environmental::EnvironmentalStation::new(seed)),
            Self::NetworkDevice => Box::new(network::NetworkDevice::new(seed)),
        }
    }

    /// Its variables and possible faults.
    pub const fn spec(self) -> PlantSpec {
        match self {
            Self::ComputeNode => compute::SHEET,
            Self::RotatingMachine => rotating::SHEET,
            Self::EnvironmentalStation => environmental::SHEET,
            Self::NetworkDevice => network::SHEET,
        }
    }
}

/// The settings of a generated corpus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corpus {
    /// The plant.
    pub kind: PlantKind,
    /// Rows.
    pub rows: u64,
    /// Faults.
    pub faults: u64,
    /// Seed of the simulation.
    pub seed: u64,
    /// Share of the readings that are missing.
    pub missing: f64,
    /// Whether timestamps jitter and rows are dropped.
    pub irregular: bool,
}

/// The result of a generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Faults, and maintenance windows, which have no severity.
    pub labels: Vec<Label>,
    /// Rows before the first fault.
    pub healthy: u64,
}

/// Follows a target with a time constant, both in the same unit of time.
pub fn follow(value: &mut f64, target: f64, step: f64, constant: f64) {
    *value += (target - *value) * (step / constant).min(1.0);
}

impl Corpus {
    fn seed(&self, place: u64) -> u64 {
        split_mix(self.seed, place)
    }

    fn schedule(&self, kinds: usize) -> anyhow::Result<Schedule> {
        Schedule::new(self.rows, self.faults, kinds, self.seed(1))
    }

    /// Checks that the recording is long enough for the faults.
    ///
    /// # Errors
    /// It is too short.
    pub fn check(&self) -> anyhow::Result<()> {
        self.schedule(1).map(|_| ())
    }

    /// Writes the recording. `watch` receives the number of rows so far.
    ///
    /// # Errors
    /// The recording is too short for the faults, or it cannot be written.
    pub fn write(&self, out: impl Write, mut watch: impl FnMut(u64)) -> anyhow::Result<Generated> {
        let spec = self.kind.spec();
        let kinds = spec.faults;
        let mut plants = PairedPlants::new(self.kind, self.seed(0), self.schedule(kinds.len())?);
        let names = spec.names.iter().map(|name| (*name).to_owned());
        let names: Vec<String> = names.collect();
        let mut dropouts = Dropouts::new(self.missing, names.len(), self.seed(2));
        let mut gaps = Gaps::new(self.irregular, spec.period_s, self.seed(3));
        let of = |fault: &Scheduled| Tally::new(&[kinds[fault.kind].variable]);
        let mut faults: Vec<Tally> = plants.schedule().faults.iter().map(of).collect();
        let mut windows = vec![Tally::new(&[]); plants.schedule().maintenance.len()];
        let mut profile = Profile::default();
        let mut recorder = Recorder::new(out, &names)?;
        let (mut row, mut healthy) = (0, self.rows);
        while row < self.rows {
            let step = plants.advance();
            let Some(timestamp) = gaps.timestamp(step.seconds) else {
                continue;
            };
            if let Some(place) = step.fault {
                faults[place].push(row, &step.before, &step.after);
                healthy = healthy.min(row);
            }
            if let Some(place) = step.window {
                windows[place].push(row, &step.before, &step.after);
            }
            profile.push(&step.before);
            let readings = dropouts.apply(&step.after);
            recorder.write(&timestamp.to_string(), readings, step.fault.is_some())?;
            row += 1;
            watch(row);
        }
        recorder.finish()?;
        let usual = profile.channels(names.len());
        let label = |(fault, tally): (&Scheduled, &Tally)| {
            tally.label(kinds[fault.kind].name, &names, &usual)
        };
        let labels = plants
            .schedule()
            .faults
            .iter()
            .zip(&faults)
            .filter_map(label);
        let windows = windows.iter().filter_map(|tally| {
            let label = tally.label("maintenance", &names, &usual)?;
            Some(Label {
                severity: None,
                ..label
            })
        });
        Ok(Generated {
            labels: labels.chain(windows).collect(),
            healthy,
        })
    }
}

/// Noise of a sensor, rounded to its resolution.
pub fn sensed(random: &mut Random, value: f64, deviation: f64, resolution: f64) -> f32 {
    rounded(value + deviation * random.noise(), resolution)
}
