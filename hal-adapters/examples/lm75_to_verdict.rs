//! A temperature sensor on an I2C bus, from its register to a detector's answer.
//! Run: `cargo run --package bellwether-hal --features i2c --example lm75_to_verdict`
//!
//! The bus is a mock with a transcript, so that the example runs anywhere. A board passes its own
//! `embedded_hal::i2c::I2c` to the same two lines.

use bellwether::port::FrameSource;
use bellwether::repad2::{Repad2, Settings};
use bellwether::{Alert, Cause, Monitor, Reading};
use bellwether_hal::driver::lm75::RANGE_C;
use bellwether_hal::{Channels, Checked};
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
use lm75::Lm75;
use std::error::Error;

const ADDRESS: u8 = 0x48;
const MINUTES: u64 = 600;
/// Minute without an acknowledge.
const SILENT: u64 = 300;
/// Minute of a blocked fan.
const BLOCKED: u64 = 500;

/// One measurement on the bus.
fn transaction(minute: u64) -> Transaction {
    let load = (minute % 60).abs_diff(30) as f32 / 30.0;
    let fault = if minute == BLOCKED { 20.0 } else { 0.0 };
    let halves = ((40.0 + 4.0 * load + fault) * 2.0) as i16; // steps of 0.5 °C
    let register = (halves << 7).to_be_bytes();
    let answer = Transaction::write_read(ADDRESS, vec![0], register.to_vec());
    if minute == SILENT {
        answer.with_error(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address))
    } else {
        answer
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let transcript: Vec<Transaction> = (0..MINUTES).map(transaction).collect();
    let mut bus = Mock::new(&transcript);

    let inlet = Checked::new(Lm75::new(bus.clone(), ADDRESS), RANGE_C);
    let mut node = Channels::new([inlet]);

    let mut state = Repad2::<240>::new(); // firmware: a `static` cell
    let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
    let mut frame = [Reading::Absent(Cause::Missing)];
    let mut alerts = 0;
    for _ in 0..MINUTES {
        let Some(tick) = node.next_frame(&mut frame)? else {
            break;
        };
        let answer = monitor.observe(frame);
        match frame[0] {
            Reading::Value(value) if answer.alert() > Alert::None => {
                alerts += 1;
                let expected = answer.expected.unwrap_or(f32::NAN);
                println!("minute {tick}: {value} °C, expected {expected:.1}");
            }
            Reading::Value(_) => {}
            Reading::Absent(cause) => {
                let [inlet] = node.channels();
                println!("minute {tick}: absent ({cause}), {:?}", inlet.last_fault());
            }
        }
    }
    let [inlet] = node.channels();
    println!(
        "{} reads, {} absent, {alerts} alerts",
        inlet.reads(),
        inlet.faults()
    );
    assert_eq!((inlet.reads(), inlet.faults()), (MINUTES as u32, 1));
    assert!(alerts > 0, "the blocked fan is found");
    bus.done();
    Ok(())
}
