//! Shows: the cost of the sentinel's rows with each preset, as instructions and stack. A program of its own:
//! the micro:bit has no room for it beside an ensemble.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md, made from tests/expect/costs.txt.
#![no_std]
#![no_main]

use bellwether::sentinel::Sentinel;
use bellwether_firmware::console;
use bellwether_probes::sentinel::{self, Roomy};
use board as _;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut STATE: Roomy = Sentinel::new();
    sentinel::presets(STATE);
    console::finish()
}
