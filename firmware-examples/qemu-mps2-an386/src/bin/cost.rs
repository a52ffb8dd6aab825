//! Shows: what calls cost, as instructions and stack.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md.
#![no_std]
#![no_main]

use bellwether::Paper9;
use bellwether::lane::Repad2;
use bellwether::predictor::SequenceLstm;
use bellwether_firmware::{console, cost};
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Paper9 = Paper9::new();
    static mut LANE: Repad2<1440> = Repad2::new();
    cost::ensemble(ROLA);
    cost::lane(LANE);
    cost::trainings();
    cost::training::<SequenceLstm>("libm");
    cost::functions();
    console::finish()
}
