//! Nine sensors, three of which move together: RoLA's vote tells a fault of the machine from a fault
//! of one sensor.
//! Run: `cargo run --package bellwether --example nine_sensors`

use bellwether::rola::{Rola, Settings};
use bellwether::{Alert, Monitor, SettingsError};

const NAMES: [&str; 9] = [
    "inlet", "fan", "volt", "core", "pump", "amps", "outlet", "flow", "hum",
];

fn main() -> Result<(), SettingsError> {
    let mut state = Box::new(Rola::<9, 240, 240>::new());
    let mut monitor = Monitor::new(&mut *state, Settings::DEFAULT)?;
    for minute in 0..900_u64 {
        let load = (minute % 60).abs_diff(30) as f32;
        let mut frame = [50.0; NAMES.len()];
        for (k, value) in frame.iter_mut().enumerate() {
            let own = (minute * (k as u64 + 3) % 7) as f32 / 100.0;
            *value += own + if k % 3 == 0 { load } else { 0.0 };
            // At minute 500 the machine is hit, at 700 one sensor.
            let hit = minute == 500 && k % 3 == 0 || minute == 700 && k == 1;
            *value += if hit { 60.0 } else { 0.0 };
        }
        let alert = monitor.observe(frame).alert();
        if alert > Alert::None && (minute == 500 || minute == 700) {
            println!("minute {minute}: {alert}");
            let verdict = monitor.detector().verdict();
            for (name, lane) in NAMES.iter().zip(verdict.lanes()) {
                if lane.is_anomalous() {
                    println!(
                        "  {name}: expected {:.1?}, score {:.3?}",
                        lane.expected, lane.score
                    );
                }
            }
        }
    }
    Ok(())
}
