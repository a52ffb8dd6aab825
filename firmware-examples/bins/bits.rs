//! Shows: every approximation and training gives the same bits on every processor.
//! Run: `cargo verify qemu`
//! Expected: what the same code prints on the host.
#![no_std]
#![no_main]

use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    bellwether_firmware::bits::run()
}
