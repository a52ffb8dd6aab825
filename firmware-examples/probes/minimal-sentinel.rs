//! Shows: the flash of the sentinel without its fit: a snapshot of a fitted quartet is restored, and rows are
//! judged.
//! Run: `bellwether cost --board qemu-mps2-an386` reads its size.
//! Expected: tests/expect/sizes.txt
#![no_std]
#![no_main]

use bellwether::quartet::{self, Shape};
use bellwether::sentinel::{Rules, Sentinel, Settings};
use bellwether::{Detector, Reading, Snapshot, Tick, alarm, quartet_of};
use bellwether_firmware as _;
use board as _;
use core::hint::black_box;
use cortex_m_rt::entry;

const SHAPE: Shape = Shape::new(8);

#[entry]
fn main() -> ! {
    static mut STATE: Sentinel<quartet_of!(SHAPE), 8> = Sentinel::new();
    let settings = Settings {
        detector: quartet::Settings::new(SHAPE),
        alarm: alarm::Settings::DEFAULT,
    };
    if let Ok(rules) = Rules::try_from(settings) {
        let fit: &[u8] = black_box(&[]);
        let fitted = STATE.detector_mut().restore(rules.detector(), fit);
        for tick in 0.. {
            let frame = black_box([Reading::Value(0.0); 8]);
            black_box(STATE.observe(&rules, Tick(tick), &frame));
            black_box((fitted.is_ok(), STATE.event(), STATE.complaints().count()));
        }
    }
    loop {
        core::hint::spin_loop();
    }
}
