use super::*;
use bellwether_hal::driver::{tmp1x2 as adapter_1x2, tmp117 as adapter_117};
use tmp1x2::{SlaveAddr, Tmp1x2};
use tmp117::Tmp117;

const ADDRESS: u8 = 0x48;
/// Configuration with a conversion that is done, and one that is not.
const DONE: [u8; 2] = [0x20, 0x00];
const BUSY: [u8; 2] = [0x00, 0x00];

/// One shot without averaging, and `polls` looks that find no new value.
fn one_shot(polls: usize) -> Vec<Transaction> {
    let start = Transaction::write(ADDRESS, vec![1, 0x0C, 0x00]);
    let mut transcript = vec![register(ADDRESS, 1, &BUSY), start];
    transcript.extend((0..polls).map(|_| register(ADDRESS, 1, &BUSY)));
    transcript
}

fn converted(polls: usize, bytes: [u8; 2]) -> Vec<Transaction> {
    let mut transcript = one_shot(polls);
    transcript.push(register(ADDRESS, 1, &DONE));
    transcript.push(register(ADDRESS, 0, &bytes));
    transcript
}

fn tmp117(bus: Mock) -> Tmp117<Mock, ErrorKind, NoopDelay> {
    Tmp117::new(bus, ADDRESS, NoopDelay::new())
}

// Breaks if the register is read in another order, or its sign or a step is lost.
#[test]
fn tmp117_is_read_in_steps_of_a_128th() {
    let measurands = [adapter_117::TEMPERATURE];
    for (bytes, wanted) in [([0x0C, 0x80], 25.0), ([0xFF, 0xFF], -0.007_812_5)] {
        let (readings, fault) = read(&converted(2, bytes), tmp117, measurands);
        assert_eq!((readings, fault), ([Reading::Value(wanted)], None));
    }
    assert_failures(&converted(0, [0; 2]), tmp117, measurands);
}

// Breaks if the value before the first conversion is taken for a temperature.
#[test]
fn tmp117_without_a_conversion_is_absent() {
    let measurands = [adapter_117::TEMPERATURE];
    let (readings, fault) = read(&converted(0, [0x80, 0x00]), tmp117, measurands);
    assert_eq!(
        (readings, fault),
        ([ABSENT], Some(ReadFault::Implausible(-256.0)))
    );
}

// Breaks if the end of the driver's patience is another failure.
#[test]
fn tmp117_that_never_ends_its_conversion_is_timed_out() {
    let (readings, fault) = read(&one_shot(5), tmp117, [adapter_117::TEMPERATURE]);
    let timed_out = Some(ReadFault::Sensor(DriverError::TimedOut));
    assert_eq!((readings, fault), ([ABSENT], timed_out));
}

// Breaks if a sensor of the continuous mode waits, or takes an old value for a new one.
#[test]
fn tmp117_in_continuous_mode_does_not_wait() {
    let start = [
        register(ADDRESS, 1, &[0; 2]),
        Transaction::write(ADDRESS, vec![1, 0x00, 0x00]),
    ];
    let value = [
        register(ADDRESS, 1, &DONE),
        register(ADDRESS, 0, &[0x0C, 0x80]),
    ];
    let none = [register(ADDRESS, 1, &BUSY)];
    let stop = [
        register(ADDRESS, 1, &[0; 2]),
        Transaction::write(ADDRESS, vec![1, 0x04, 0x00]),
    ];
    let mut bus = Mock::new(&[&start[..], &value, &none, &stop].concat());
    let mut driver = tmp117(bus.clone());
    let run = driver.continuous(tmp117::ContinuousConfig::default(), |handler| {
        let mut inlet = Checked::with(handler, [adapter_117::TEMPERATURE]);
        assert_eq!((inlet.read(), inlet.read()), (Reading::Value(25.0), ABSENT));
        let fault = ReadFault::Sensor(DriverError::NotReady);
        assert_eq!(inlet.last_fault(), Some(&fault));
        Ok(())
    });
    assert_eq!(run, Ok(()));
    bus.done();
}

// Breaks if the register is read in another order, its sign is lost, or its ends are temperatures.
#[test]
fn tmp102_is_read_in_sixteenths() {
    let sensor = |bus| Tmp1x2::new(bus, SlaveAddr::Default);
    let measurands = [adapter_1x2::TEMPERATURE];
    for (bytes, wanted) in [([0x19, 0x10], 25.0625), ([0xE7, 0x00], -25.0)] {
        let (readings, fault) = read(&[register(ADDRESS, 0, &bytes)], sensor, measurands);
        assert_eq!((readings, fault), ([Reading::Value(wanted)], None));
    }
    for (bytes, value) in [([0x7F, 0xF0], 127.9375), ([0x80, 0x00], -128.0)] {
        let fault = Some(ReadFault::Implausible(value));
        let transcript = [register(ADDRESS, 0, &bytes)];
        assert_eq!(read(&transcript, sensor, measurands), ([ABSENT], fault));
    }
    assert_failures(&[register(ADDRESS, 0, &[0; 2])], sensor, measurands);
}
