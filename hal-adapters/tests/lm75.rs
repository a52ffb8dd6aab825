//! An LM75 through its driver, against transcripts of the bus.

use bellwether::port::FrameSource;
use bellwether::{Cause, Reading, Tick};
use bellwether_hal::driver::lm75::RANGE_C;
use bellwether_hal::{Channels, Checked, ReadFault};
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
use lm75::{Lm75, ic};

const ADDRESS: u8 = 0x48;
const NO_ANSWER: ErrorKind = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
const ABSENT: Reading = Reading::Absent(Cause::Sensor);

/// The one transaction of a measurement.
fn answer(address: u8, bytes: [u8; 2]) -> Transaction {
    Transaction::write_read(address, vec![0], bytes.to_vec())
}

fn failure(address: u8, kind: ErrorKind) -> Transaction {
    answer(address, [0; 2]).with_error(kind)
}

fn channel(bus: &Mock, address: u8) -> Checked<Lm75<Mock, ic::Lm75>> {
    Checked::new(Lm75::new(bus.clone(), address), RANGE_C)
}

/// Readings of one sensor, and the faults they left, for a transcript.
fn readings(transcript: &[Transaction]) -> (Vec<Reading>, u32, Option<ReadFault<ErrorKind>>) {
    let mut bus = Mock::new(transcript);
    let mut channel = channel(&bus, ADDRESS);
    let readings = transcript.iter().map(|_| channel.read()).collect();
    bus.done();
    (readings, channel.faults(), channel.last_fault().copied())
}

// Breaks if the register is read in another order, or its sign or fraction is lost.
#[test]
fn temperatures_on_both_sides_of_zero_are_read() {
    let transcript = [
        answer(ADDRESS, [0x19, 0x80]),
        answer(ADDRESS, [0x00, 0x00]),
        answer(ADDRESS, [0xFF, 0x80]),
        answer(ADDRESS, [0xE7, 0x00]),
    ];
    let expected = [25.5, 0.0, -0.5, -25.0].map(Reading::Value);
    assert_eq!(readings(&transcript), (expected.to_vec(), 0, None));
}

// Breaks if the range is not the part's.
#[test]
fn ends_of_the_range_are_read() {
    let transcript = [answer(ADDRESS, [0x7D, 0x00]), answer(ADDRESS, [0xC9, 0x00])];
    let expected = [125.0, -55.0].map(Reading::Value);
    assert_eq!(readings(&transcript), (expected.to_vec(), 0, None));
}

// Breaks if a sensor that is not there gives a value, or cannot come back.
#[test]
fn sensor_that_does_not_acknowledge_is_absent_until_it_does() {
    let transcript = [
        answer(ADDRESS, [0x19, 0x00]),
        failure(ADDRESS, NO_ANSWER),
        failure(ADDRESS, NO_ANSWER),
        answer(ADDRESS, [0x1A, 0x00]),
    ];
    let expected = [Reading::Value(25.0), ABSENT, ABSENT, Reading::Value(26.0)];
    let fault = Some(ReadFault::Sensor(NO_ANSWER));
    assert_eq!(readings(&transcript), (expected.to_vec(), 2, fault));
}

// Breaks if the kind of a bus error is lost on the way to whoever asks.
#[test]
fn lost_arbitration_is_absent_and_keeps_its_kind() {
    for kind in [ErrorKind::ArbitrationLoss, ErrorKind::Bus] {
        let transcript = [failure(ADDRESS, kind)];
        let fault = Some(ReadFault::Sensor(kind));
        assert_eq!(readings(&transcript), (vec![ABSENT], 1, fault));
    }
}

// Breaks if a register of all ones but the sign, as a bus stuck high gives, is a temperature.
#[test]
fn value_the_part_cannot_measure_is_absent() {
    let transcript = [answer(ADDRESS, [0x7F, 0x80]), answer(ADDRESS, [0x80, 0x00])];
    let fault = Some(ReadFault::Implausible(-128.0));
    assert_eq!(readings(&transcript), (vec![ABSENT, ABSENT], 2, fault));
}

// Breaks if the finer part is read with the coarser one's mask.
#[test]
fn pct2075_is_read_in_eighths_of_a_degree() {
    let mut bus = Mock::new(&[
        answer(0x37, [0x19, 0x20]),
        failure(0x37, ErrorKind::Overrun),
    ]);
    let mut channel = Checked::new(Lm75::new_pct2075(bus.clone(), 0x37), RANGE_C);
    assert_eq!(channel.read(), Reading::Value(25.125));
    assert_eq!(channel.read(), ABSENT);
    assert_eq!(
        channel.last_fault(),
        Some(&ReadFault::Sensor(ErrorKind::Overrun))
    );
    bus.done();
}

// Breaks if a failure ends the frame, moves the other sensors' values, or is retried.
#[test]
fn failing_sensor_on_a_shared_bus_degrades_only_itself() {
    let mut bus = Mock::new(&[
        answer(0x48, [0x14, 0x00]),
        failure(0x49, NO_ANSWER),
        answer(0x4A, [0x1E, 0x00]),
        answer(0x48, [0x15, 0x00]),
        answer(0x49, [0x19, 0x00]),
        answer(0x4A, [0x1F, 0x00]),
    ]);
    let mut source = Channels::new([0x48, 0x49, 0x4A].map(|address| channel(&bus, address)));
    let mut frame = [Reading::Value(0.0); 3];
    assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(0))));
    assert_eq!(frame, [Reading::Value(20.0), ABSENT, Reading::Value(30.0)]);
    assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(1))));
    assert_eq!(frame, [21.0, 25.0, 31.0].map(Reading::Value));
    let faults = source.channels().each_ref().map(Checked::faults);
    assert_eq!(faults, [0, 1, 0]);
    bus.done();
}
