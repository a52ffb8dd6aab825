//! A weather and air quality station: the sun by day and by year, fronts that pass within days,
//! a battery that the sun charges.

use super::{DAY_S, Instant, Plant, PlantFault, PlantSpec, follow, sensed};
use crate::random::Random;
use crate::simulate::node::START_S;
use std::f64::consts::TAU;

const NAMES: [&str; 8] = [
    "temperature_c",
    "humidity_percent",
    "pressure_hpa",
    "wind_m_s",
    "solar_w_m2",
    "pm25_ug_m3",
    "ground_c",
    "battery_v",
];

const FAULTS: [PlantFault; 5] = [
    PlantFault {
        name: "shield missing",
        variable: 0,
    },
    PlantFault {
        name: "humidity drift",
        variable: 1,
    },
    PlantFault {
        name: "anemometer iced",
        variable: 3,
    },
    PlantFault {
        name: "inlet clogged",
        variable: 5,
    },
    PlantFault {
        name: "battery failing",
        variable: 7,
    },
];

const PERIOD_S: u32 = 600;

/// Its variables and possible faults.
pub const SHEET: PlantSpec = PlantSpec {
    names: &NAMES,
    faults: &FAULTS,
    period_s: PERIOD_S,
};

/// The station.
#[derive(Clone, Debug)]
pub struct EnvironmentalStation {
    random: Random,
    /// Deviations of pressure, cloud cover, wind and air quality from their usual values.
    front: f64,
    cloud: f64,
    gust: f64,
    haze: f64,
    air: f64,
    ground: f64,
    charge: f64,
}

impl EnvironmentalStation {
    /// On a quiet day.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            front: 0.0,
            cloud: 0.4,
            gust: 0.0,
            haze: 0.0,
            air: 8.0,
            ground: 8.0,
            charge: 0.8,
        }
    }

    /// Lets a deviation wander, with a memory of `memory` steps.
    fn wander(random: &mut Random, value: &mut f64, memory: f64) {
        let kept = 1.0 - 1.0 / memory;
        *value = kept * *value + libm::sqrt(1.0 - kept * kept) * random.noise();
    }
}

impl Plant for EnvironmentalStation {
    fn step(&mut self, now: &Instant) -> Vec<f32> {
        let random = &mut self.random;
        Self::wander(random, &mut self.front, 300.0);
        Self::wander(random, &mut self.gust, 12.0);
        Self::wander(random, &mut self.haze, 60.0);
        let cover = (0.45 - 0.25 * self.front + 0.1 * random.noise()).clamp(0.0, 1.0);
        follow(&mut self.cloud, cover, 1.0, 6.0);
        let days = (now.seconds - START_S) as f64 / DAY_S as f64;
        let season = -libm::cos(TAU * (days + 15.0) / 365.25);
        // Height of the sun: longer days in summer.
        let height = (now.daily(0.5) + 0.1 + 0.35 * season).max(0.0) / 1.45;
        let sun = 950.0 * height * (1.0 - 0.75 * self.cloud);
        let usual = 11.0 + 8.0 * season + 1.5 * self.front;
        follow(&mut self.air, usual + 0.012 * sun - 2.0, 1.0, 9.0);
        follow(&mut self.ground, self.air + 0.008 * sun, 1.0, 24.0);
        let wind = (3.0 - self.front + 1.4 * self.gust + 0.002 * sun).max(0.0);
        let humidity = (88.0 - 2.1 * (self.air - usual) - 0.02 * sun + 12.0 * self.cloud - 6.0)
            .clamp(8.0, 100.0);
        let traffic =
            1.0 + 0.35 * now.daily(0.33).max(0.0) * f64::from(u8::from(!now.is_weekend()));
        let dust = (9.0 + 4.0 * self.haze).max(1.0) * traffic / (0.6 + 0.2 * wind);
        let failing = 0.3 * now.strength("battery failing") + 0.7 * now.grown("battery failing");
        let flow = 0.00003 * sun - 0.0035 - 0.004 * failing;
        self.charge = (self.charge + flow).clamp(0.05, 1.0);
        let volts = 11.6 + 1.4 * self.charge - 0.6 * failing + 0.0004 * sun;
        // A technician: the panel is wiped and shaded, breath and tools warm and stir, the dust
        // sensor gets its test gas.
        let (sun, humidity, dust, warm) = match now.maintenance {
            Some(share) if share < 0.5 => (0.15 * sun, (humidity + 9.0).min(100.0), dust, 1.2),
            Some(_) => (sun, humidity, 80.0, 0.4),
            None => (sun, humidity, dust, 0.0),
        };
        let shield = (1.5 + 0.02 * sun) * now.strength("shield missing");
        let drift = 30.0 * now.grown("humidity drift");
        let wind = wind * (1.0 - now.strength("anemometer iced"));
        let dust = dust * (1.0 - 0.9 * now.grown("inlet clogged"));
        let random = &mut self.random;
        vec![
            sensed(random, self.air + warm + shield, 0.08, 0.1),
            sensed(random, (humidity - drift).max(0.0), 0.4, 0.1),
            sensed(random, 1013.0 + 7.0 * self.front, 0.1, 0.1),
            sensed(random, wind, 0.08, 0.1).max(0.0),
            sensed(random, sun, 1.0 + 0.01 * sun, 1.0).max(0.0),
            sensed(random, dust, 0.4, 0.1).max(0.0),
            sensed(random, self.ground, 0.05, 0.1),
            sensed(random, volts, 0.01, 0.01),
        ]
    }
}
