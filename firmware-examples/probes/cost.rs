//! Shows: the cost of calls, as instructions and stack.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md, made from tests/expect/costs.txt.
#![no_std]
#![no_main]

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
    cost::ensemble(ROLA);
    cost::worst(ROLA);
    cost::lane(LANE);
    cost::sigma(SIGMA);
    cost::trainings();
    if ROOMY {
        cost::training::<SequenceLstm>("libm");
    }
    cost::functions();
    console::finish()
}
