//! Shows: the cost of a cascade's rows, asleep and awake, as instructions: limits on single variables in front of a
//! quartet. A program of its own: the micro:bit has no room for it beside an ensemble.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md, made from tests/expect/costs.txt.
#![no_std]
#![no_main]

use bellwether::cascade::Cascade;
use bellwether::quartet::fitting::Fitting;
use bellwether::sigma::Sigma;
use bellwether_firmware::console;
use bellwether_probes::cascade::{self, State};
use board as _;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut STATE: State = Cascade::new(Sigma::new(), Fitting::new());
    cascade::counted_rows(STATE);
    console::finish()
}
