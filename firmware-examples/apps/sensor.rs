//! Shows: sensors in, a verdict out. Three sensors, one of which fails now and then, are read once a
//! minute; a detector that learns while it watches says which minute is wrong, and why.
//! Run: `cargo +TOOLCHAIN run --release --target thumbv7em-none-eabihf --package qemu-mps2-an386 --bin
//! sensor` (README.md of this workspace)
//! Expected: tests/expect/apps.txt
#![no_std]
#![no_main]

use bellwether::port::FrameSource;
use bellwether::rola::{Rola, Settings};
use bellwether::{Alert, Cause, Monitor, Reading};
use bellwether_firmware::console::{fail, finish, println};
use bellwether_hal::{Channel, Channels, Checked};
use board::entry;
use core::cell::Cell;

const NAMES: [&str; 3] = ["pump, °C", "motor, A", "room, °C"];

#[entry]
fn main() -> ! {
    static mut STATE: Rola<3, 120, 120> = Rola::new();
    let Ok(mut monitor) = Monitor::new(STATE, Settings::DEFAULT) else {
        fail("the defaults fit")
    };
    // Drivers stand here. These three make their values up; at minute 400 the pump is hit.
    let clock = Cell::new(0_u32);
    let load = || (clock.get() % 60).abs_diff(30) as f32 / 3.0;
    let hit = || if clock.get() == 400 { 60.0 } else { 0.0 };
    let mut pump = Checked::new(|| Ok::<f32, ()>(50.0 + load() + hit()), -40.0..=125.0);
    let mut motor = Checked::new(|| Ok::<f32, ()>(8.0 + 0.1 * (load() + hit())), 0.0..=20.0);
    let mut room = Checked::new(
        || match clock.get() % 50 {
            7 => Err("no answer"),
            minute => Ok(21.0 + minute as f32 / 100.0),
        },
        -40.0..=125.0,
    );
    let mut sensors = Channels::new([&mut pump as &mut dyn Channel, &mut motor, &mut room]);
    let mut frame = [Reading::Absent(Cause::Missing); 3];
    for minute in 0..480 {
        clock.set(minute);
        if sensors.next_frame(&mut frame).is_err() {
            fail("a frame has room for three sensors");
        }
        let answer = monitor.observe(frame);
        if answer.alert() > Alert::None {
            println!("minute {minute}: {}", answer.alert());
            for (name, lane) in NAMES.iter().zip(monitor.detector().verdict().lanes()) {
                println!("  {name}: {:?}, score {:.3?}", lane.state, lane.score);
            }
        }
    }
    println!("the room's sensor failed {} times", room.faults());
    finish()
}
