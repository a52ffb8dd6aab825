//! A motor that drives a pump: speed and load by shifts, vibration that grows with the square of
//! the speed, bearings that warm up by friction, an oil pump on the same shaft.

use super::{Instant, Plant, PlantFault, PlantSpec, follow, sensed};
use crate::random::Random;

const NAMES: [&str; 8] = [
    "speed_rpm",
    "load_percent",
    "current_a",
    "vibration_mm_s",
    "vibration_2x_mm_s",
    "bearing_c",
    "winding_c",
    "oil_bar",
];

const FAULTS: [PlantFault; 5] = [
    PlantFault {
        name: "bearing wear",
        variable: 3,
    },
    PlantFault {
        name: "imbalance",
        variable: 3,
    },
    PlantFault {
        name: "misalignment",
        variable: 4,
    },
    PlantFault {
        name: "oil leak",
        variable: 7,
    },
    PlantFault {
        name: "phase loss",
        variable: 2,
    },
];

const PERIOD_S: u32 = 10;
const RATED_RPM: f64 = 1480.0;
const ROOM_C: f64 = 24.0;

/// Its variables and possible faults.
pub const SHEET: PlantSpec = PlantSpec {
    names: &NAMES,
    faults: &FAULTS,
    period_s: PERIOD_S,
};

/// The machine.
#[derive(Clone, Debug)]
pub struct RotatingMachine {
    random: Random,
    speed: f64,
    load: f64,
    wanted: f64,
    regime_left: u64,
    bearing: f64,
    winding: f64,
}

impl RotatingMachine {
    /// At rest.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            speed: 0.0,
            load: 0.0,
            wanted: 0.6,
            regime_left: 0,
            bearing: ROOM_C,
            winding: ROOM_C,
        }
    }

    /// Share of the rated speed and load that operators want: three regimes by day, less at
    /// night, nothing for a while at weekends.
    fn regime(&mut self, now: &Instant) -> (f64, f64) {
        if self.regime_left == 0 {
            self.regime_left = 180 + self.random.below(540);
            self.wanted = [0.45, 0.65, 0.85][self.random.below(3) as usize];
        }
        self.regime_left -= 1;
        let night = !(0.25..0.92).contains(&now.day());
        let wanted = if night { 0.3 } else { self.wanted };
        match now.maintenance {
            // Locked out; then a run-in without load, above the usual speed.
            Some(share) if share < 0.6 => (0.0, 0.0),
            Some(_) => (1.12, 0.05),
            None if now.is_weekend() && night => (0.0, 0.0),
            None => (0.6 + 0.4 * wanted, wanted),
        }
    }
}

impl Plant for RotatingMachine {
    fn step(&mut self, now: &Instant) -> Vec<f32> {
        let (speed, load) = self.regime(now);
        let step = f64::from(PERIOD_S);
        follow(&mut self.speed, speed, step, 40.0);
        follow(&mut self.load, load, step, 90.0);
        let swing = 0.01 * self.random.noise();
        let load = (self.load + swing * self.load).max(0.0);
        let square = self.speed * self.speed;
        let wear = 0.4 * now.strength("bearing wear") + 2.6 * now.grown("bearing wear");
        let imbalance = 2.5 * now.strength("imbalance");
        let misaligned = 0.8 * now.strength("misalignment");
        let leak = now.grown("oil leak");
        let phase = 1.0 + 0.5 * now.strength("phase loss");
        let current = if self.speed > 0.02 {
            phase * (12.0 + 68.0 * load)
        } else {
            0.0
        };
        let friction = (14.0 + 10.0 * load) * self.speed * (1.0 + 0.5 * wear);
        follow(&mut self.bearing, ROOM_C + 1.6 * friction, step, 900.0);
        let heat = 0.006 * current * current;
        follow(
            &mut self.winding,
            ROOM_C + 8.0 * self.speed + heat,
            step,
            1500.0,
        );
        // Oil grows thin as it warms up.
        let oil = 3.4 * self.speed * (1.0 - 0.004 * (self.bearing - ROOM_C)) * (1.0 - 0.6 * leak);
        let first = (1.1 + 0.5 * load + wear + imbalance) * square;
        let second = (0.4 + 0.1 * load + 0.3 * wear + misaligned) * square;
        let random = &mut self.random;
        vec![
            sensed(random, RATED_RPM * self.speed, 1.5, 1.0),
            sensed(random, 100.0 * load, 0.3, 0.1),
            sensed(random, current, 0.2, 0.1),
            sensed(random, first, 0.03 + 0.02 * first, 0.01),
            sensed(random, second, 0.02 + 0.02 * second, 0.01),
            sensed(random, self.bearing, 0.1, 0.1),
            sensed(random, self.winding, 0.15, 0.1),
            sensed(random, oil, 0.015, 0.01),
        ]
    }
}
