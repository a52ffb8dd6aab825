//! Shows: every approximation and training gives the same bits on every processor.
//! Run: `cargo verify qemu`
//! Expected: the lines of the same code on the host.
#![no_std]
#![no_main]

use bellwether_probes::bits;
use board::entry;

#[entry]
fn main() -> ! {
    bits::run()
}
