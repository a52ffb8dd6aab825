//! Shows: what was learned outlives a reboot. The state goes to storage and back in pieces of 64
//! bytes, so that no memory holds it twice.
//! Run: `cargo verify apps`
//! Expected: tests/expect/apps.txt; the answers after the reboot are those without one.
#![no_std]
#![no_main]

use bellwether::rola::Settings;
use bellwether::{Assessment, Detector, Monitor};
use bellwether_firmware::console::{fail, finish, println};
use bellwether_firmware::storage::Storage;
use board::{Preset, VARIABLES};
use cortex_m_rt::entry;

const REBOOT: u64 = 300;
const END: u64 = 420;

#[entry]
fn main() -> ! {
    static mut STATE: Preset = Preset::new();
    let without = run(STATE, 0, END, None);
    STATE.reset();

    run(STATE, 0, REBOOT, Some(Storage::create()));
    STATE.reset(); // the power is off
    let after = run(STATE, REBOOT, END, None);

    println!("answers from frame {REBOOT} on, without a reboot: {without:08x}");
    println!("the same after a reboot: {after:08x}");
    if without != after {
        fail("a reboot changes answers");
    }
    finish()
}
