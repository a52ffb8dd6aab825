//! Shows: the cost of calls, as instructions and stack.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md, made from tests/expect/costs.txt.
#![no_std]
#![no_main]

use bellwether::consensus::{self, Consensus};
use bellwether::half_space::{self, HalfSpace};
use bellwether::mahalanobis::{self, Mahalanobis};
use bellwether::repad2::{Repad2, predictor::SequenceLstm};
use bellwether::sigma::Sigma;
use bellwether_firmware::console;
use bellwether_probes::cost;
use board::{Preset, ROOMY, VARIABLES, WINDOW};
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Preset = Preset::new();
    static mut LANE: Repad2<WINDOW> = Repad2::new();
    static mut SIGMA: Sigma<VARIABLES> = Sigma::new();
    static mut MAHALANOBIS: Mahalanobis<VARIABLES> = Mahalanobis::new();
    // Those of a board without memory for them are not linked.
    static mut HALF_SPACE: HalfSpace<VARIABLES, 25, 512> = HalfSpace::new();
    static mut CONSENSUS: Consensus<VARIABLES, 18> = Consensus::new();
    cost::ensemble(ROLA);
    cost::worst(ROLA);
    cost::lane(LANE);
    cost::sigma(SIGMA);
    let settings = mahalanobis::Settings::DEFAULT;
    cost::detector("mahalanobis", MAHALANOBIS, settings);
    cost::trainings();
    if ROOMY {
        let settings = half_space::Settings::DEFAULT;
        cost::detector("half_space", HALF_SPACE, settings);
        let settings = consensus::Settings::DEFAULT;
        cost::detector("consensus", CONSENSUS, settings);
        cost::training::<SequenceLstm>("libm");
    }
    cost::functions();
    console::finish()
}
