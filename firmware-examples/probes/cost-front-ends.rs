//! Shows: the cost of a burst of 1,024 samples with all of its features, as instructions. A program of its own:
//! the micro:bit has no room for it beside an ensemble.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md, made from tests/expect/costs.txt.
#![no_std]
#![no_main]

use bellwether::signal::Burst;
use bellwether_firmware::console;
use bellwether_probes::front_end::bursts;
use board as _;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut BURST: Burst<1024> = Burst::new();
    bursts(BURST);
    console::finish()
}
