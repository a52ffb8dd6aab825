//! Shows: the flash of a program that does nothing; it is subtracted from the others'.
//! Run: `bellwether cost --board qemu-mps2-an386` reads its size.
//! Expected: tests/expect/sizes.txt
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
