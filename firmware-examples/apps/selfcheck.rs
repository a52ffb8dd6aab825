//! Shows: the check at start. Golden vectors are computed on the board before anything else.
//! Run: `cargo run --release --package qemu-mps2-an386 --target thumbv7em-none-eabihf --bin selfcheck`
//! Expected: tests/expect/apps.txt; `cargo verify qemu` compares them.
#![no_std]
#![no_main]

use bellwether_firmware::console::{finish, println};
use board::entry;

#[entry]
fn main() -> ! {
    match bellwether::selfcheck() {
        Ok(()) => println!("every function has its bits"),
        Err(name) => println!("{name} has other bits: no verdict can be trusted"),
    }
    finish()
}
