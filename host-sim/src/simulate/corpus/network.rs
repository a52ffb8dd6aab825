//! A router of an office: people by day and week, machines at all hours, bursts, and the response
//! of its processor and memory.

use super::{Instant, Plant, PlantFault, PlantSpec, follow, sensed};
use crate::random::Random;

const NAMES: [&str; 9] = [
    "rx_mbit_s",
    "tx_mbit_s",
    "packets_k_s",
    "errors_s",
    "drops_s",
    "sessions",
    "cpu_percent",
    "memory_percent",
    "latency_ms",
];

const FAULTS: [PlantFault; 5] = [
    PlantFault {
        name: "memory leak",
        variable: 7,
    },
    PlantFault {
        name: "failing transceiver",
        variable: 3,
    },
    PlantFault {
        name: "packet storm",
        variable: 2,
    },
    PlantFault {
        name: "detour",
        variable: 8,
    },
    PlantFault {
        name: "exfiltration",
        variable: 1,
    },
];

const PERIOD_S: u32 = 60;

/// Its variables and possible faults.
pub const SHEET: PlantSpec = PlantSpec {
    names: &NAMES,
    faults: &FAULTS,
    period_s: PERIOD_S,
};

/// The device.
#[derive(Clone, Debug)]
pub struct NetworkDevice {
    random: Random,
    people: f64,
    burst: f64,
    sessions: f64,
    memory: f64,
}

impl NetworkDevice {
    /// At night.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            people: 0.1,
            burst: 0.0,
            sessions: 300.0,
            memory: 42.0,
        }
    }

    /// Share of the people who are at work.
    fn presence(now: &Instant) -> f64 {
        let day = now.day();
        let rise = ((day - 0.29) / 0.09).clamp(0.0, 1.0);
        let fall = ((0.79 - day) / 0.1).clamp(0.0, 1.0);
        let lunch = if (0.5..0.54).contains(&day) { 0.7 } else { 1.0 };
        let week = if now.is_weekend() { 0.12 } else { 1.0 };
        0.06 + 0.94 * rise * fall * lunch * week
    }
}

impl Plant for NetworkDevice {
    fn step(&mut self, now: &Instant) -> Vec<f32> {
        let random = &mut self.random;
        follow(&mut self.people, Self::presence(now), 1.0, 12.0);
        // Downloads come at any time; few are large.
        let (arrives, size) = (random.unit() < 0.04, random.unit());
        let size = if arrives {
            120.0 * size * size * size
        } else {
            0.0
        };
        self.burst = 0.7 * self.burst + size;
        let jitter = 1.0 + 0.06 * random.noise();
        let mut rx = (35.0 + 420.0 * self.people) * jitter + self.burst;
        let mut tx = 0.28 * rx + 12.0 + 2.0 * random.noise();
        let mut wanted = 250.0 + 4200.0 * self.people;
        // Every night at two, a backup for forty minutes.
        let hour = 24.0 * now.day();
        if (2.0..2.67).contains(&hour) {
            tx += 380.0;
        }
        let mut rebooting = false;
        match now.maintenance {
            // New firmware: traffic is led elsewhere, a reboot, sessions come back all at once.
            Some(share) if share < 0.3 => (rx, tx, wanted) = (0.05 * rx, 0.05 * tx, 0.1 * wanted),
            Some(share) if share < 0.4 => (rx, tx, wanted, rebooting) = (0.0, 0.0, 0.0, true),
            Some(_) => wanted *= 1.4,
            None => {}
        }
        let bad =
            0.02 * now.strength("failing transceiver") + 0.2 * now.grown("failing transceiver");
        rx *= 1.0 - bad;
        tx += 140.0 * now.strength("exfiltration");
        let storm = 55.0 * now.strength("packet storm");
        follow(
            &mut self.sessions,
            wanted,
            1.0,
            if rebooting { 1.0 } else { 5.0 },
        );
        let packets = (rx + tx) / 7.2 + storm;
        let leak = 0.2 * now.strength("memory leak");
        let usual = if rebooting {
            20.0
        } else {
            36.0 + 0.006 * self.sessions
        };
        self.memory =
            (self.memory + leak + (usual - self.memory) * if leak > 0.0 { 0.0 } else { 0.05 })
                .clamp(0.0, 99.0);
        let cpu = (6.0 + 0.38 * packets + 0.002 * self.sessions).min(100.0);
        let queue = (cpu / 100.0) * (cpu / 100.0);
        let drops = 0.2 + 30.0 * queue * queue + 20.0 * bad;
        let detour = 8.0 * now.strength("detour");
        let latency = if rebooting {
            0.0
        } else {
            6.0 + 18.0 * queue + 10.0 * bad + detour
        };
        let errors = 0.3 + 0.002 * rx + 60.0 * bad;
        vec![
            sensed(random, rx, 0.5, 0.1).max(0.0),
            sensed(random, tx, 0.5, 0.1).max(0.0),
            sensed(random, packets, 0.2, 0.01).max(0.0),
            sensed(random, errors, 0.2, 0.1).max(0.0),
            sensed(random, drops, 0.15, 0.1).max(0.0),
            sensed(random, self.sessions, 4.0, 1.0).max(0.0),
            sensed(random, cpu, 0.6, 0.1).clamp(0.0, 100.0),
            sensed(random, self.memory, 0.1, 0.1),
            sensed(random, latency, 0.15, 0.01).max(0.0),
        ]
    }
}
