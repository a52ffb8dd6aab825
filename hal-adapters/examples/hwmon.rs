//! The sensors of this Linux host, ten frames into a detector.
//! Run: `cargo run --package bellwether-hal --features hwmon --example hwmon`
//!
//! It says so and ends where the host shows no sensor, as in most containers and virtual machines.

use bellwether::port::FrameSource;
use bellwether::rola::{Rola, Settings};
use bellwether::{Cause, Monitor, Reading};
use bellwether_hal::Hwmon;
use bellwether_hal::linux::hwmon::{ROOT, Selection};
use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

/// Maximum number of sensors.
const SENSORS: usize = 128;
const FRAMES: u32 = 10;
const PERIOD: Duration = Duration::from_millis(200);

fn main() -> Result<(), Box<dyn Error>> {
    let mut node = match Hwmon::discover(ROOT, &Selection::default()) {
        Ok(node) => node,
        Err(error) => {
            println!("This host has no {ROOT} ({error}): no sensors to read.");
            return Ok(());
        }
    };
    let variables = node.variables();
    if variables == 0 {
        println!("{ROOT} shows no sensor on this host: nothing to read.");
        return Ok(());
    }
    if variables > SENSORS {
        println!("{variables} sensors are more than {SENSORS}: choose some with a `Selection`.");
        return Ok(());
    }
    println!("{variables} sensors");

    let settings = Settings {
        variables: variables as u16,
        ..Settings::DEFAULT
    };
    let mut state = Box::new(Rola::<SENSORS, 240, 240>::new());
    let mut monitor = Monitor::new(&mut *state, settings)?;
    let mut frame = [Reading::Absent(Cause::Missing); SENSORS];
    for _ in 0..FRAMES {
        let Some(tick) = node.next_frame(&mut frame)? else {
            break;
        };
        let answer = monitor.observe(frame);
        println!("frame {tick}: {}, alert {}", answer.state, answer.alert());
        sleep(PERIOD);
    }
    for (input, reading) in node.inputs().iter().zip(&frame) {
        let sensor = input.sensor();
        match reading {
            Reading::Value(value) => {
                println!(
                    "{}: {value} {}",
                    sensor.identity(),
                    sensor.quantity().unit()
                );
            }
            Reading::Absent(cause) => println!("{}: absent ({cause})", sensor.identity()),
        }
    }
    Ok(())
}
