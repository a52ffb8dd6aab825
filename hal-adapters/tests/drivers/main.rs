//! Parts through their drivers, against transcripts of the bus: a good answer, no acknowledgement, a
//! failing bus, nonsense, and the end of the driver's patience.

use bellwether::{Cause, Reading};
use bellwether_hal::driver::error::DriverError;
use bellwether_hal::{Channel, Checked, Measurand, ReadFault, Sensors};
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::delay::NoopDelay;
use embedded_hal_mock::eh1::i2c::{Mock, Transaction};

mod acceleration;
mod adc;
#[cfg(feature = "async")]
mod awaited;
mod environment;
mod power;
mod temperature;

const ABSENT: Reading = Reading::Absent(Cause::Sensor);

/// Failures of every bus: nobody there, and a line that is held.
const FAILURES: [ErrorKind; 2] = [
    ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address),
    ErrorKind::Bus,
];

/// A register that is read in one transaction.
fn register(address: u8, register: u8, bytes: &[u8]) -> Transaction {
    Transaction::write_read(address, vec![register], bytes.to_vec())
}

/// Readings of a part for a transcript, and the last fault.
fn read<S: Sensors<K, Error = DriverError>, const K: usize>(
    transcript: &[Transaction],
    sensor: impl FnOnce(Mock) -> S,
    measurands: [Measurand; K],
) -> ([Reading; K], Option<ReadFault<DriverError>>) {
    let mut bus = Mock::new(transcript);
    let mut channel = Checked::with(sensor(bus.clone()), measurands);
    assert_eq!(channel.variables(), K);
    let readings = channel.readings();
    bus.done();
    (readings, channel.last_fault().copied())
}

/// Checks values to a ten-thousandth of each, which is far below one step of every part.
fn assert_near<const K: usize>(readings: [Reading; K], wanted: [f32; K]) {
    for (reading, wanted) in readings.into_iter().zip(wanted) {
        let value = reading.usable().expect("a value");
        assert!(
            (value - wanted).abs() <= 1e-4 * wanted.abs(),
            "{value} {wanted}"
        );
    }
}

/// Checks that each failure of the last transaction makes all variables absent, with its kind.
fn assert_failures<S: Sensors<K, Error = DriverError>, const K: usize>(
    transcript: &[Transaction],
    sensor: impl Fn(Mock) -> S,
    measurands: [Measurand; K],
) {
    for kind in FAILURES {
        let mut failing = transcript.to_vec();
        let last = failing.pop().expect("a transaction");
        failing.push(last.with_error(kind));
        let fault = Some(ReadFault::Sensor(DriverError::Bus(kind)));
        assert_eq!(read(&failing, &sensor, measurands), ([ABSENT; K], fault));
    }
}
