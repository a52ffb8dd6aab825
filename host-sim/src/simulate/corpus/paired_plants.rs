//! A plant with its faults and the same plant without, step by step.

use super::schedule::Schedule;
use super::{Instant, Plant, PlantKind, PlantSpec, Present};
use crate::simulate::node::START_S;
use bellwether::Reading;

/// Two plants of a kind, with the same random numbers.
pub struct PairedPlants {
    spec: PlantSpec,
    sick: Box<dyn Plant>,
    well: Box<dyn Plant>,
    schedule: Schedule,
    step: u64,
}

/// A step with faults, and the same step without.
pub struct Step {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Index of the present fault in the schedule.
    pub fault: Option<usize>,
    /// Index of the present maintenance window in the schedule.
    pub window: Option<usize>,
    /// Without faults.
    pub before: Vec<Reading>,
    /// With them.
    pub after: Vec<Reading>,
}

impl PairedPlants {
    /// Two plants, and the schedule of the first one's faults.
    pub fn new(kind: PlantKind, seed: u64, schedule: Schedule) -> Self {
        Self {
            spec: kind.spec(),
            sick: kind.plant(seed),
            well: kind.plant(seed),
            schedule,
            step: 0,
        }
    }

    /// The schedule.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The next step.
    pub fn advance(&mut self) -> Step {
        let fault = self.schedule.fault(self.step);
        let window = self.schedule.window(self.step);
        let present = fault.and_then(|(place, share)| {
            let scheduled = self.schedule.faults.get(place)?;
            Some(Present {
                name: self.spec.faults.get(scheduled.kind)?.name,
                share,
                strength: scheduled.strength,
            })
        });
        let healthy = Instant {
            seconds: START_S + self.step as i64 * i64::from(self.spec.period_s),
            fault: None,
            maintenance: window.map(|(_, share)| share),
        };
        let instant = Instant {
            fault: present,
            ..healthy
        };
        let readings = |row: Vec<f32>| row.into_iter().map(Reading::from).collect();
        self.step += 1;
        Step {
            seconds: healthy.seconds,
            fault: fault.map(|(place, _)| place),
            window: window.map(|(place, _)| place),
            before: readings(self.well.step(&healthy)),
            after: readings(self.sick.step(&instant)),
        }
    }
}
