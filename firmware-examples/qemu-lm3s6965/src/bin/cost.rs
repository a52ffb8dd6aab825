//! Shows: what calls cost, as instructions and stack.
//! Run: `bellwether cost --board qemu-lm3s6965`
//! Expected: COSTS.md.
#![no_std]
#![no_main]

use bellwether::Mid9;
use bellwether::lane::Repad2;
use bellwether_firmware::{console, cost};
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Mid9 = Mid9::new();
    static mut LANE: Repad2<720> = Repad2::new();
    cost::ensemble(ROLA);
    cost::lane(LANE);
    cost::trainings();

    cost::functions();
    console::finish()
}
