//! A server: the node of `bellwether demo`, with days, regimes of jobs, and maintenance.

use super::{Moment, Plant, PlantFault, Sheet};
use crate::node::{FaultKind, Node, PERIOD_S, VARIABLES};

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

const KINDS: [FaultKind; 4] = [
    FaultKind::FanDegradation,
    FaultKind::SensorStuck,
    FaultKind::Spike,
    FaultKind::Decoupling,
];

/// What it measures, and what can happen to it.
pub const SHEET: Sheet = Sheet {
    names: &VARIABLES,
    faults: &FAULTS,
    period_s: PERIOD_S,
};

/// The node.
#[derive(Clone, Debug)]
pub struct ComputeNode(Node);

impl ComputeNode {
    /// With jobs already.
    pub fn new(seed: u64) -> Self {
        Self(Node::with_faults(seed, u64::MAX, &[]))
    }
}

impl Plant for ComputeNode {
    fn step(&mut self, now: &Moment) -> Vec<f32> {
        let kinds = FAULTS.iter().zip(KINDS);
        let faults: Vec<(FaultKind, f64)> = kinds
            .filter_map(|(fault, kind)| Some((kind, now.fault(fault.name)?.strength)))
            .collect();
        self.0.step(now.day(), &faults, now.maintenance).to_vec()
    }
}
