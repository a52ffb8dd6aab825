//! Shows: a state outlives a reboot. It goes to storage and back in pieces of 64 bytes: no memory
//! holds it twice, and nine variables fit a part with 16 KiB.
//! Run: `cargo verify apps`
//! Expected: tests/expect/apps.txt; answers after a reboot are those without one, to the bit.
#![no_std]
#![no_main]

use bellwether::{Detector, Monitor, rola::Settings};
use bellwether_firmware::console::{fail, finish, println};
use bellwether_firmware::storage::Storage;
use board::{Preset, VARIABLES, entry};

const REBOOT: u64 = 300;
const END: u64 = 420;

/// In place of sensors: a common load, and a fault at minute 400.
fn frame(minute: u64) -> [f32; VARIABLES] {
    let load = (minute % 60).abs_diff(30) as f32 + (minute * 7 % 5) as f32;
    core::array::from_fn(|k| 40.0 + k as f32 + load + 60.0 * f32::from(minute == 400))
}

/// Judges frames up to an end; a digest of thresholds and scores from the reboot on.
fn watch(monitor: &mut Monitor<'_, '_, Preset>, end: u64) -> u32 {
    let mut digest = 0_u32;
    for minute in monitor.next_tick().0..end {
        let answer = monitor.observe(frame(minute));
        let numbers = [answer.score, answer.threshold].into_iter().flatten();
        for x in numbers.filter(|_| minute >= REBOOT) {
            digest = digest.rotate_left(5) ^ x.to_bits();
        }
    }
    digest
}

fn boot(state: &mut Preset) -> Monitor<'_, 'static, Preset> {
    Monitor::new(state, Settings::DEFAULT).unwrap_or_else(|_| fail("the defaults fit"))
}

#[entry]
fn main() -> ! {
    static mut STATE: Preset = Preset::new();
    let without = watch(&mut boot(STATE), END);
    STATE.reset();
    let mut monitor = boot(STATE);
    watch(&mut monitor, REBOOT);
    let mut flash = Storage::create();
    let Ok(bytes) = monitor.save_to(&mut |piece| flash.append(piece)) else {
        fail("the storage is full")
    };
    println!("saved {bytes} bytes before frame {}", monitor.next_tick());
    STATE.reset(); // the power is off, and on again
    let mut monitor = boot(STATE);
    let Ok(next) = monitor.restore_from(&mut |offset, piece| flash.read(offset, piece)) else {
        fail("the snapshot was refused")
    };
    let after = watch(&mut monitor, END);
    println!("answers from frame {next} on: {after:08x}, without a reboot {without:08x}");
    finish()
}
