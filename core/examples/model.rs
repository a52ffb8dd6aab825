//! A trained model in flash: a motor's temperature and power, which rise and fall together.
//! Run: `cargo run --package bellwether --example model`
//!
//! `pump.bwm` reconstructs both variables from their mean. A model for other data comes from
//! `bellwether model train`.

use bellwether::autoencoder::Alarm;
use bellwether::model::{Aligned, arena_len};
use bellwether::{Autoencoder, Model, Monitor};
use std::error::Error;

const BYTES: &[u8; 244] = include_bytes!("pump.bwm");
static PUMP: Aligned<[u8; BYTES.len()]> = Aligned(*BYTES);
const ARENA: usize = arena_len(BYTES);

fn main() -> Result<(), Box<dyn Error>> {
    let model = Model::parse(&PUMP.0)?;
    model.expect_features(&["motor", "power"])?;
    let names: Vec<&str> = model.features().map(|feature| feature.name).collect();

    let mut state = Autoencoder::<ARENA>::new(); // firmware: a `static` cell
    let mut monitor = Monitor::new(&mut state, model.into())?;
    let mut alarm = Alarm::new(); // the model advises 2 of 3
    for minute in 0..120_u64 {
        let load = (minute % 60).abs_diff(30) as f32 / 30.0;
        let blocked_fan = if minute >= 100 { 2.0 } else { 0.0 };
        let frame = [40.0 + load + blocked_fan, 90.0 + 3.0 * load]; // °C, W
        let answer = monitor.observe(frame);
        let answer = alarm.observe(monitor.rules(), monitor.detector(), answer);
        assert_eq!(answer.is_anomalous(), minute >= 100, "minute {minute}");
        if alarm.is_confirmed() && minute < 103 {
            println!(
                "minute {minute}: {:.2?} is above {:?}",
                answer.score, answer.threshold
            );
            let top = monitor.detector().top::<2>(monitor.rules(), frame);
            for part in top.into_iter().flatten() {
                let (name, value, expected) = (names[part.feature], part.value, part.expected);
                println!("  {name}: {value:.1}, expected {expected:.1}");
            }
        }
    }
    Ok(())
}
