//! Shows: the cost of a log-mel frame of 1,024 samples of sound, as instructions, and of a sample between
//! frames. A program of its own: the micro:bit has no room for it beside a burst.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md, made from tests/expect/costs.txt.
#![no_std]
#![no_main]

use bellwether::signal::LogMel;
use bellwether_firmware::console;
use bellwether_probes::front_end::sound;
use board as _;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut SOUND: LogMel<5> = LogMel::new();
    sound(SOUND);
    console::finish()
}
