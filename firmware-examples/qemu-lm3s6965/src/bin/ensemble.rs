//! Shows: the whole detector on a board, frames in and verdicts out.
//! Run: `bellwether device run RECORDING.csv --board qemu-lm3s6965`
//! Expected: the bits of `bellwether run` on the host; `cargo verify qemu` compares them.
#![no_std]
#![no_main]

use bellwether::Mid9;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Mid9 = Mid9::new();
    bellwether_firmware::ensemble::run(ROLA)
}
