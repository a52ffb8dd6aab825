//! A simulated compute node with labelled faults: a recording that needs no data set.
//!
//! The heat of the package obeys
//!
//! ```text
//! C dT/dt = P - (T - T_inlet) * (g0 + g1 * fan)
//! ```
//!
//! with the power P driven by the load (a daily pattern, job regimes with ramps) and a leakage
//! that grows with T, and the fan by a sluggish controller on T. Core temperatures follow the
//! package and their own share of the load. All randomness is one seeded generator; there is
//! no clock, and the same seed gives the same bytes everywhere. The faults are sized to be seen: this is for showing, not for measuring a detector.

use crate::random::Random;
use std::f64::consts::TAU;

/// Names of the variables, in order: name, with the unit as suffix.
pub const VARIABLES: [&str; 9] = [
    "load_percent",
    "power_w",
    "core0_c",
    "core1_c",
    "core2_c",
    "core3_c",
    "package_c",
    "inlet_c",
    "fan_rpm",
];

const POWER: usize = 1;
const CORE2: usize = 4;
const PACKAGE: usize = 6;
const FAN: usize = 8;

/// Seconds between rows.
pub const PERIOD_S: u32 = 60;

/// Rows of a day.
pub const DAY: u64 = 1440;

/// First timestamp: 2026-01-05 00:00 UTC, a Monday, in seconds since 1970.
pub const START_S: i64 = 1_767_571_200;

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerFault {
    /// The fan turns at a fifth of its set speed; everything heats up.
    FanDegradation,
    /// A core temperature repeats its last value.
    SensorStuck,
    /// The package temperature is wrong for one row.
    Spike,
    /// The power reading no longer follows the load, and so parts from the temperatures.
    Decoupling,
}

impl ServerFault {
    /// The fault in a few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::FanDegradation => "fan degradation",
            Self::SensorStuck => "sensor stuck",
            Self::Spike => "spike",
            Self::Decoupling => "power-temperature decoupling",
        }
    }

    /// The variable whose hardware is at fault.
    pub fn variable(self) -> usize {
        match self {
            Self::FanDegradation => FAN,
            Self::SensorStuck => CORE2,
            Self::Spike => PACKAGE,
            Self::Decoupling => POWER,
        }
    }
}

/// A fault and the rows it is present in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of fault.
    pub kind: ServerFault,
    /// First row.
    pub first: u64,
    /// Last row.
    pub last: u64,
}

impl Fault {
    /// Whether the fault is present in a row.
    pub fn covers(&self, row: u64) -> bool {
        (self.first..=self.last).contains(&row)
    }
}

/// The standard faults: one of each, on the second and third day, after a quiet first day.
pub const FAULTS: [Fault; 4] = [
    Fault {
        kind: ServerFault::FanDegradation,
        first: DAY + 600,
        last: DAY + 719,
    },
    Fault {
        kind: ServerFault::SensorStuck,
        first: DAY + 1020,
        last: DAY + 1199,
    },
    Fault {
        kind: ServerFault::Spike,
        first: 2 * DAY + 400,
        last: 2 * DAY + 400,
    },
    Fault {
        kind: ServerFault::Decoupling,
        first: 2 * DAY + 900,
        last: 2 * DAY + 1019,
    },
];

/// Rows of the standard recording: three days.
pub const ROWS: u64 = 3 * DAY;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Seconds since 1970.
    pub timestamp: i64,
    /// One value per variable, rounded as a sensor rounds.
    pub values: [f32; VARIABLES.len()],
    /// Whether a fault is present.
    pub label: bool,
}

/// The node: an iterator over its rows.
#[derive(Clone, Debug)]
pub struct ServerNode {
    random: Random,
    faults: Vec<Fault>,
    rows: u64,
    row: u64,
    /// Load in [0, 1], the scheduler's target, and rows until the target changes.
    load: f64,
    wanted: f64,
    regime_left: u64,
    package: f64,
    fan: f64,
    cores: [f64; 4],
    stuck: Option<f32>,
}

/// Each core's share of the load, relative to the mean.
const SHARES: [f64; 4] = [1.04, 0.97, 1.01, 0.98];
const IDLE_W: f64 = 80.0;
const LOAD_W: f64 = 160.0;
const MAX_RPM: f64 = 9000.0;
/// Of the package and its heat sink: about four minutes at medium fan speed.
const CAPACITY_J_PER_K: f64 = 900.0;
const STEP_S: f64 = 5.0;

impl ServerNode {
    /// The standard recording: [`ROWS`] rows with [`FAULTS`].
    pub fn new(seed: u64) -> Self {
        Self::with_faults(seed, ROWS, &FAULTS)
    }

    /// A recording with other faults, or none.
    pub fn with_faults(seed: u64, rows: u64, faults: &[Fault]) -> Self {
        Self {
            random: Random::new(seed),
            faults: faults.to_vec(),
            rows,
            row: 0,
            load: 0.48,
            wanted: 0.48,
            regime_left: 0,
            package: 55.0,
            fan: 0.4,
            cores: [57.0; 4],
            stuck: None,
        }
    }

    /// Load of the next minute: jobs come and go with ramps of a quarter of an hour, more of
    /// them by day.
    fn schedule(&mut self, hour: f64) -> f64 {
        if self.regime_left == 0 {
            self.regime_left = 90 + (self.random.unit() * 180.0) as u64;
            self.wanted = 0.42 + 0.12 * self.random.unit();
        }
        self.regime_left -= 1;
        self.load += (self.wanted - self.load) / 15.0;
        let day = 0.04 * libm::sin(TAU * (hour - 0.25));
        (self.load + day + 0.004 * self.random.noise()).clamp(0.02, 1.0)
    }

    /// Values of the next minute, at this share of the day. Faults have a strength, at most 1.
    /// Maintenance is the share of it that has passed: first the node is drained and its fan on
    /// trial, then it runs at full load.
    pub fn step(
        &mut self,
        hour: f64,
        faults: &[(ServerFault, f64)],
        maintenance: Option<f64>,
    ) -> [f32; VARIABLES.len()] {
        let busy = self.schedule(hour);
        let (load, full) = match maintenance {
            Some(share) if share < 0.5 => (0.02, true),
            Some(_) => (0.97, false),
            None => (busy, false),
        };
        let inlet = 22.0 + 1.2 * libm::sin(TAU * (hour - 0.4));
        let strength = |kind| {
            let mut present = faults.iter().filter(|(fault, _)| *fault == kind);
            present.next().map(|(_, strength)| *strength)
        };
        let broken = 1.0 - 0.8 * strength(ServerFault::FanDegradation).unwrap_or(0.0);
        let mut power = 0.0;
        let mut turning = 0.0;
        for _ in 0..(f64::from(PERIOD_S) / STEP_S) as u32 {
            power = IDLE_W + LOAD_W * load + 0.25 * (self.package - 50.0);
            let asked = if full {
                1.0
            } else {
                (0.3 + 0.012 * (self.package - 45.0)).clamp(0.2, 1.0)
            };
            self.fan += (asked - self.fan) * STEP_S / 300.0;
            turning = self.fan * broken;
            let conductance = 2.2 + 5.5 * turning;
            let flow = power - (self.package - inlet) * conductance;
            self.package += flow * STEP_S / CAPACITY_J_PER_K;
            for (core, share) in self.cores.iter_mut().zip(SHARES) {
                let target = self.package + 9.0 * load * share;
                *core += (target - *core) * STEP_S / 20.0;
            }
        }
        let mut noisy = |value: f64, deviation: f64, step: f64| {
            rounded(value + deviation * self.random.noise(), step)
        };
        let [c0, c1, c2, c3] = self.cores;
        let mut values = [
            noisy(100.0 * load, 0.2, 0.1),
            noisy(power, 0.6, 0.1),
            noisy(c0, 0.08, 0.01),
            noisy(c1, 0.08, 0.01),
            noisy(c2, 0.08, 0.01),
            noisy(c3, 0.08, 0.01),
            noisy(self.package, 0.08, 0.01),
            noisy(inlet, 0.03, 0.01),
            noisy(turning * MAX_RPM, 8.0, 1.0),
        ];
        if strength(ServerFault::SensorStuck).is_some() {
            values[CORE2] = *self.stuck.get_or_insert(values[CORE2]);
        } else {
            self.stuck = None;
        }
        if let Some(strength) = strength(ServerFault::Spike) {
            values[PACKAGE] += (25.0 * strength) as f32;
        }
        if let Some(strength) = strength(ServerFault::Decoupling) {
            values[POWER] = rounded(f64::from(values[POWER]) * (1.0 - 0.4 * strength), 0.1);
        }
        values
    }
}

/// A value as a sensor with this resolution has it.
pub(crate) fn rounded(value: f64, step: f64) -> f32 {
    (libm::round(value / step) * step) as f32
}

impl Iterator for ServerNode {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        if self.row == self.rows {
            return None;
        }
        let present = self.faults.iter().filter(|fault| fault.covers(self.row));
        let present: Vec<(ServerFault, f64)> = present.map(|fault| (fault.kind, 1.0)).collect();
        let hour = (self.row % DAY) as f64 / DAY as f64;
        let values = self.step(hour, &present, None);
        let timestamp = START_S + (self.row * u64::from(PERIOD_S)) as i64;
        self.row += 1;
        Some(Sample {
            timestamp,
            values,
            label: !present.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(samples: &[Sample], variable: usize) -> Vec<f64> {
        samples
            .iter()
            .map(|s| f64::from(s.values[variable]))
            .collect()
    }

    fn pearson(x: &[f64], y: &[f64]) -> f64 {
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (mx, my) = (mean(x), mean(y));
        let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            x.iter().zip(y).map(|(a, b)| f(a - mx, b - my)).sum()
        };
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    }

    #[test]
    fn a_seed_gives_the_same_rows_and_another_seed_others() {
        let rows: Vec<_> = ServerNode::new(1).collect();
        assert_eq!(rows, ServerNode::new(1).collect::<Vec<_>>());
        assert_ne!(rows, ServerNode::new(2).collect::<Vec<_>>());
        assert_eq!(rows.len() as u64, ROWS);
    }

    #[test]
    fn labels_cover_the_faults_and_faults_touch_nothing_before_they_begin() {
        let faulty: Vec<_> = ServerNode::new(3).collect();
        let healthy: Vec<_> = ServerNode::with_faults(3, ROWS, &[]).collect();
        let labelled = faulty.iter().filter(|s| s.label).count() as u64;
        assert_eq!(
            labelled,
            FAULTS.iter().map(|f| f.last - f.first + 1).sum::<u64>()
        );
        let first = FAULTS[0].first as usize;
        assert_eq!(faulty[..first], healthy[..first]);
        assert_ne!(faulty[first].values, healthy[first].values);
    }

    #[test]
    fn each_fault_does_what_it_says() {
        let faulty: Vec<_> = ServerNode::new(4).collect();
        let healthy: Vec<_> = ServerNode::with_faults(4, ROWS, &[]).collect();
        for fault in FAULTS {
            let range = fault.first as usize..=fault.last as usize;
            let (sick, well) = (&faulty[range.clone()], &healthy[range]);
            let end = sick.len() - 1;
            let k = fault.kind.variable();
            match fault.kind {
                ServerFault::FanDegradation => {
                    assert!(sick[0].values[FAN] < 0.3 * well[0].values[FAN]);
                    assert!(sick[end].values[PACKAGE] > well[end].values[PACKAGE] + 5.0);
                }
                ServerFault::SensorStuck => {
                    assert!(sick.iter().all(|s| s.values[k] == sick[0].values[k]));
                    assert!(well.windows(4).any(|w| w[0].values[k] != w[3].values[k]));
                }
                ServerFault::Spike => {
                    assert!((sick[0].values[k] - well[0].values[k] - 25.0).abs() < 5.0);
                }
                ServerFault::Decoupling => {
                    assert!(
                        sick.iter()
                            .zip(well)
                            .all(|(s, w)| s.values[k] < 0.7 * w.values[k])
                    );
                    let change = sick[end].values[PACKAGE] - well[end].values[PACKAGE];
                    assert!(change.abs() < 2.0, "{change}");
                }
            }
        }
    }

    #[test]
    fn temperatures_move_together_and_take_minutes() {
        for seed in 0..5 {
            let healthy: Vec<_> = ServerNode::with_faults(seed, DAY, &[]).collect();
            let package = column(&healthy, PACKAGE);
            let r = pearson(&column(&healthy, CORE2), &package);
            assert!(r > 0.95, "seed {seed}: {r}");
            let r = pearson(&column(&healthy, 0), &package);
            assert!(r > 0.7, "seed {seed}: {r}");
            let possible = package.iter().all(|t| (30.0..95.0).contains(t));
            assert!(possible, "seed {seed}");

            let onset = FAULTS[0].first as usize;
            let faulty = column(&ServerNode::new(seed).collect::<Vec<_>>(), PACKAGE);
            let rise = |rows: usize| faulty[onset - 1 + rows] - faulty[onset - 1];
            let (first, tenth) = (rise(1), rise(10));
            assert!(
                first > 2.0 && first < 0.4 * tenth,
                "seed {seed}: {first} of {tenth}"
            );
        }
    }
}
