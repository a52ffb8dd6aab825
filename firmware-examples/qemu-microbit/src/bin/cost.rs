//! Shows: what calls cost, as instructions and stack.
//! Run: `bellwether cost --board qemu-microbit`
//! Expected: COSTS.md.
#![no_std]
#![no_main]

use bellwether::Tiny9;
use bellwether::lane::Repad2;
use bellwether_firmware::{console, cost};
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Tiny9 = Tiny9::new();
    static mut LANE: Repad2<128> = Repad2::new();
    cost::ensemble(ROLA);
    cost::lane(LANE);
    cost::trainings();

    cost::functions();
    console::finish()
}
