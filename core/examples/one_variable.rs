//! One sensor without any training: RePAD2 learns while it watches.
//! Run: `cargo run --package bellwether --example one_variable`

use bellwether::repad2::{Repad2, Settings};
use bellwether::{Monitor, SettingsError, State};

fn main() -> Result<(), SettingsError> {
    let mut state = Repad2::<240>::new(); // errors of a threshold
    let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
    for minute in 0..600_u64 {
        let load = (minute % 60).abs_diff(30) as f32 / 30.0;
        let fault = if minute == 500 { 20.0 } else { 0.0 };
        let value = 40.0 + load + fault; // °C
        let tick = monitor.next_tick();
        let answer = monitor.observe([value]);
        if answer.state == State::Anomalous {
            let (expected, score) = (answer.expected, answer.score);
            println!("{tick}: {value} °C, expected {expected:.1?}, relative error {score:.3?}");
        }
    }
    Ok(())
}
