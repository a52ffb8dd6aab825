//! A hot-swap controller over PMBus, against transcripts of the bus.

use bellwether::port::FrameSource;
use bellwether::{Cause, Reading, Tick};
use bellwether_hal::driver::pmbus::{Command, Direct, Format, Linear16, Pmbus, vout_mode};
use bellwether_hal::{Channel, Channels, Checked, ReadFault};
use core::ops::RangeInclusive;
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::i2c::{Mock, Transaction};

const ADDRESS: u8 = 0x10;
const NO_ANSWER: ErrorKind = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
const NO_COMMAND: ErrorKind = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data);
const ABSENT: Reading = Reading::Absent(Cause::Sensor);
const VOLTS: RangeInclusive<f32> = 0.0..=60.0;

/// The one transaction of a measurement.
fn answer(code: u8, bytes: [u8; 2]) -> Transaction {
    Transaction::write_read(ADDRESS, vec![code], bytes.to_vec())
}

fn failure(code: u8, kind: ErrorKind) -> Transaction {
    answer(code, [0; 2]).with_error(kind)
}

/// Readings of the input voltage, and the faults they left, for a transcript.
fn volts(transcript: &[Transaction]) -> (Vec<Reading>, u32, Option<ReadFault<ErrorKind>>) {
    let mut bus = Mock::new(transcript);
    let sensor = Pmbus::new(bus.clone(), ADDRESS, Command::ReadVin, Format::Linear11);
    let mut channel = Checked::new(sensor, VOLTS);
    let readings = transcript.iter().map(|_| channel.read()).collect();
    bus.done();
    (readings, channel.faults(), channel.last_fault().copied())
}

// Breaks if the high byte is read first: 0xF031 is 12.25, 0x31F0 is 31,744.
#[test]
fn low_byte_comes_first() {
    let transcript = [answer(0x88, [0x31, 0xF0]), answer(0x88, [0x60, 0xE8])];
    let expected = [12.25, 12.0].map(Reading::Value);
    assert_eq!(volts(&transcript), (expected.to_vec(), 0, None));
}

// Breaks if a command has another code.
#[test]
fn each_quantity_is_asked_for_by_its_code() {
    for (command, code) in [
        (Command::ReadVin, 0x88),
        (Command::ReadVout, 0x8B),
        (Command::ReadIout, 0x8C),
        (Command::ReadTemperature1, 0x8D),
        (Command::ReadPin, 0x97),
    ] {
        let mut bus = Mock::new(&[answer(code, [7, 0])]);
        let sensor = Pmbus::new(bus.clone(), ADDRESS, command, Format::Linear11);
        assert_eq!(Checked::new(sensor, VOLTS).read(), Reading::Value(7.0));
        bus.done();
    }
}

// Breaks if a device that is pulled gives a value, is asked again at once, or cannot come back.
#[test]
fn device_that_does_not_acknowledge_is_absent_until_it_does() {
    let transcript = [
        answer(0x88, [12, 0]),
        failure(0x88, NO_ANSWER),
        failure(0x88, NO_COMMAND),
        answer(0x88, [13, 0]),
    ];
    let expected = [Reading::Value(12.0), ABSENT, ABSENT, Reading::Value(13.0)];
    let fault = Some(ReadFault::Sensor(NO_COMMAND));
    assert_eq!(volts(&transcript), (expected.to_vec(), 2, fault));
}

// Breaks if the kind of a bus error is lost on the way to whoever asks.
#[test]
fn bus_error_is_absent_and_keeps_its_kind() {
    for kind in [
        ErrorKind::ArbitrationLoss,
        ErrorKind::Bus,
        ErrorKind::Overrun,
    ] {
        let fault = Some(ReadFault::Sensor(kind));
        assert_eq!(volts(&[failure(0x88, kind)]), (vec![ABSENT], 1, fault));
    }
}

// Breaks if the ones of a bus stuck high, -0.5 V, or a supply of 2 kV are readings.
#[test]
fn nonsense_is_absent_with_its_value() {
    let transcript = [answer(0x88, [0xFF, 0xFF]), answer(0x88, [0xFF, 0x0B])];
    let fault = Some(ReadFault::Implausible(2046.0));
    assert_eq!(volts(&transcript), (vec![ABSENT, ABSENT], 2, fault));
}

// Breaks if the exponent of the output voltage is not that of VOUT_MODE.
#[test]
fn output_voltage_has_the_exponent_of_vout_mode() {
    let mode = Transaction::write_read(ADDRESS, vec![0x20], vec![0x17]);
    let refused = mode.clone().with_error(NO_ANSWER);
    let mut bus = Mock::new(&[refused, mode, answer(0x8B, [0x00, 0x18])]);
    assert_eq!(vout_mode(&mut bus, ADDRESS), Err(NO_ANSWER));
    let mode = vout_mode(&mut bus, ADDRESS).unwrap();
    let format = Format::Linear16(Linear16::of_vout_mode(mode).unwrap());
    let sensor = Pmbus::new(bus.clone(), ADDRESS, Command::ReadVout, format);
    assert_eq!(Checked::new(sensor, VOLTS).read(), Reading::Value(12.0));
    bus.done();
}

// Breaks if a failure ends the frame, moves the other quantities, or is retried.
#[test]
fn failing_quantity_degrades_only_itself() {
    let volts = Format::Direct(Direct::new(4062, 0, -2).unwrap());
    let amperes = Format::Direct(Direct::new(663, 20_480, -1).unwrap());
    let mut bus = Mock::new(&[
        answer(0x88, 2031_u16.to_le_bytes()),
        answer(0x8C, 2711_u16.to_le_bytes()),
        failure(0x88, NO_ANSWER),
        answer(0x8C, 2048_u16.to_le_bytes()),
    ]);
    let mut vin = Checked::new(
        Pmbus::new(bus.clone(), ADDRESS, Command::ReadVin, volts),
        VOLTS,
    );
    let mut iout = Checked::new(
        Pmbus::new(bus.clone(), ADDRESS, Command::ReadIout, amperes),
        0.0..=30.0,
    );
    let mut source = Channels::new([&mut vin as &mut dyn Channel, &mut iout]);
    let mut frame = [Reading::Value(0.0); 2];
    assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(0))));
    assert_eq!(frame, [50.0, 10.0].map(Reading::Value));
    assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(1))));
    assert_eq!(frame, [ABSENT, Reading::Value(0.0)]);
    assert_eq!((vin.faults(), iout.faults()), (1, 0));
    bus.done();
}
