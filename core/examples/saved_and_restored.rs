//! A device that is switched off in between goes on as if it had not been.
//! Run: `cargo run --package bellwether --example saved_and_restored`

use bellwether::rola::{Rola, Settings};
use bellwether::{Monitor, Snapshot};
use std::error::Error;

type Pair = Rola<2, 120, 120>;

fn frame(minute: u64) -> [f32; 2] {
    let load = (minute % 60).abs_diff(30) as f32 / 30.0;
    [40.0 + load, 90.0 + 3.0 * load] // °C, W
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut state, mut after_reboot) = (Pair::new(), Pair::new());
    let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
    for minute in 0..300 {
        monitor.observe(frame(minute));
    }
    let mut flash = [0; Pair::SNAPSHOT_MAX];
    let used = monitor.save(&mut flash)?;
    println!("saved {used} bytes after {} frames", monitor.next_tick());

    let mut restored = Monitor::new(&mut after_reboot, Settings::DEFAULT)?;
    println!(
        "restored; the next tick is {}",
        restored.restore(&flash[..used])?
    );
    for minute in 300..400 {
        let (a, b) = (
            monitor.observe(frame(minute)),
            restored.observe(frame(minute)),
        );
        assert_eq!(a, b, "minute {minute}");
    }
    println!("100 frames later both give the same answers, to the bit");

    let refused = restored.restore(&flash[..used / 2]);
    println!("half a snapshot: {}", refused.unwrap_err());
    Ok(())
}
