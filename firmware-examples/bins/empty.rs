//! Shows: what a program costs that does nothing; the flash of the others is counted from here.
//! Run: `bellwether cost --board NAME` reads its size.
#![no_std]
#![no_main]

use bellwether_firmware as _;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    loop {
        core::hint::spin_loop();
    }
}
