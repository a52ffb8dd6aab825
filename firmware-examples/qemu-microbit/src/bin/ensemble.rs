//! Shows: the whole detector on a board, frames in and verdicts out.
//! Run: `bellwether device run RECORDING.csv --board qemu-microbit`
//! Expected: the bits of `bellwether run` on the host; `cargo verify qemu` compares them.
#![no_std]
#![no_main]

use bellwether::Tiny9;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Tiny9 = Tiny9::new();
    bellwether_firmware::ensemble::run(ROLA)
}
