//! One machine of a fleet: variables that follow the load of its job, each with a gain, an offset and noise of
//! its own.

use super::jobs::Load;
use crate::random::Random;
use crate::simulate::corpus::{follow, sensed};

/// A kind of variable.
struct Sheet {
    name: &'static str,
    /// Without load.
    base: f64,
    /// More at full load of cores, memory and links.
    compute: f64,
    memory: f64,
    traffic: f64,
    /// More per degree of the room.
    room: f64,
    /// Rows of its time constant, deviation of its noise, and its resolution.
    lag: f64,
    noise: f64,
    resolution: f64,
}

const fn sheet(
    name: &'static str,
    base: f64,
    [compute, memory, traffic, room]: [f64; 4],
    [lag, noise, resolution]: [f64; 3],
) -> Sheet {
    Sheet {
        name,
        base,
        compute,
        memory,
        traffic,
        room,
        lag,
        noise,
        resolution,
    }
}

/// The room's temperature without a season.
pub const ROOM_C: f64 = 22.0;

const SHEETS: [Sheet; 12] = [
    sheet("cpu_percent", 2.0, [90.0, 0.0, 4.0, 0.0], [1.0, 1.0, 0.1]),
    sheet(
        "memory_percent",
        8.0,
        [0.0, 80.0, 0.0, 0.0],
        [1.0, 0.5, 0.1],
    ),
    sheet(
        "network_mb_s",
        1.0,
        [0.0, 0.0, 110.0, 0.0],
        [1.0, 2.0, 0.01],
    ),
    sheet("disk_mb_s", 3.0, [0.0, 35.0, 20.0, 0.0], [1.0, 2.0, 0.01]),
    sheet("power_w", 90.0, [190.0, 45.0, 10.0, 0.8], [1.0, 2.5, 0.1]),
    sheet("cpu0_c", 36.0, [38.0, 4.0, 0.0, 1.0], [6.0, 0.3, 0.01]),
    sheet("cpu1_c", 37.0, [36.0, 5.0, 0.0, 1.0], [6.0, 0.3, 0.01]),
    sheet("memory_c", 32.0, [6.0, 16.0, 0.0, 1.0], [10.0, 0.2, 0.01]),
    sheet("board_c", 28.0, [5.0, 3.0, 2.0, 1.0], [25.0, 0.1, 0.01]),
    sheet("psu_c", 34.0, [10.0, 4.0, 1.0, 1.0], [20.0, 0.2, 0.01]),
    sheet(
        "fan_rpm",
        2400.0,
        [5200.0, 900.0, 0.0, 80.0],
        [12.0, 25.0, 1.0],
    ),
    sheet("inlet_c", 22.0, [0.0, 0.0, 0.0, 1.0], [1.0, 0.1, 0.01]),
];

/// Names of the variables of every machine, with the unit as suffix.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHEETS.iter().map(|of| of.name)
}

/// Resolution of a variable of any machine.
pub fn resolution(variable: usize) -> f64 {
    SHEETS[variable % VARIABLES].resolution
}

/// Variables of a machine.
pub const VARIABLES: usize = SHEETS.len();

/// A machine.
#[derive(Clone, Debug)]
pub struct Machine {
    random: Random,
    /// Gain of each variable.
    gains: Vec<f64>,
    /// Levels without noise; empty before the first row.
    levels: Vec<f64>,
    /// Slow noise, in deviations of the quick one.
    wander: Vec<f64>,
}

impl Machine {
    /// Draws its gains.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let gains = SHEETS.iter().map(|_| random.between(0.85, 1.15)).collect();
        Self {
            gains,
            levels: Vec::new(),
            wander: vec![0.0; VARIABLES],
            random,
        }
    }

    /// Values of the next row.
    pub fn step(&mut self, load: Load, room: f64) -> Vec<f32> {
        let targets = SHEETS.iter().zip(&self.gains).map(|(of, gain)| {
            let loaded =
                of.compute * load.compute + of.memory * load.memory + of.traffic * load.traffic;
            of.base + gain * loaded + of.room * (room - ROOM_C)
        });
        if self.levels.is_empty() {
            self.levels = targets.collect();
        } else {
            let levels = self.levels.iter_mut().zip(&SHEETS);
            for ((level, of), target) in levels.zip(targets) {
                follow(level, target, 1.0, of.lag);
            }
        }
        let parts = SHEETS.iter().zip(&self.levels).zip(&mut self.wander);
        parts
            .map(|((of, level), wander)| {
                *wander += 0.02 * (5.0 * self.random.noise() - *wander);
                let slow = level + of.noise * *wander;
                sensed(&mut self.random, slow, of.noise, of.resolution)
            })
            .collect()
    }
}
