//! A server: the node of `bellwether demo`, with days, regimes of jobs, and maintenance.

use super::{Instant, Plant, PlantFault, PlantSpec};
use crate::simulate::node::{PERIOD_S, ServerFault, ServerNode, VARIABLES};

/// In the order of [`KINDS`].
const FAULTS: [PlantFault; 4] = [
    PlantFault {
        name: "fan degradation",
        variable: 8,
    },
    PlantFault {
        name: "sensor stuck",
        variable: 4,
    },
    PlantFault {
        name: "sensor offset",
        variable: 6,
    },
    PlantFault {
        name: "decoupling",
        variable: 1,
    },
];

const KINDS: [ServerFault; 4] = [
    ServerFault::FanDegradation,
    ServerFault::SensorStuck,
    ServerFault::Spike,
    ServerFault::Decoupling,
];

/// Its variables and possible faults.
pub const SHEET: PlantSpec = PlantSpec {
    names: &VARIABLES,
    faults: &FAULTS,
    period_s: PERIOD_S,
};

/// The node.
#[derive(Clone, Debug)]
pub struct ComputeNode(ServerNode);

impl ComputeNode {
    /// With jobs already.
    pub fn new(seed: u64) -> Self {
        Self(ServerNode::with_faults(seed, u64::MAX, &[]))
    }
}

impl Plant for ComputeNode {
    fn step(&mut self, now: &Instant) -> Vec<f32> {
        let kinds = FAULTS.iter().zip(KINDS);
        let faults: Vec<(ServerFault, f64)> = kinds
            .filter_map(|(fault, kind)| Some((kind, now.fault(fault.name)?.strength)))
            .collect();
        self.0.step(now.day(), &faults, now.maintenance).to_vec()
    }
}
