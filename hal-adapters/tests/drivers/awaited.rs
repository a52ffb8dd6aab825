use super::*;
use ::ina219::AsyncIna219;
use ::ina219::address::Address;
use ::ina219::calibration::UnCalibrated;
use bellwether_hal::driver::awaited::Awaited;
use bellwether_hal::driver::ina3221::{self, Ina3221};
use bellwether_hal::driver::{ina219, tmp117};
use bellwether_hal::{AsyncChecked, AsyncSensors};
use embassy_futures::block_on;

/// As `read`, awaited.
fn read<S: AsyncSensors<K, Error = DriverError>, const K: usize>(
    transcript: &[Transaction],
    sensor: impl FnOnce(Mock) -> S,
    measurands: [Measurand; K],
) -> ([Reading; K], Option<ReadFault<DriverError>>) {
    let mut bus = Mock::new(transcript);
    let mut channel = AsyncChecked::with(sensor(bus.clone()), measurands);
    let readings = block_on(channel.readings());
    bus.done();
    (readings, channel.last_fault().copied())
}

fn assert_failures<S: AsyncSensors<K, Error = DriverError>, const K: usize>(
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

// Breaks if the awaited driver is read otherwise than the blocking one.
#[test]
fn tmp117_is_awaited() {
    let sensor = |bus| {
        Awaited(::tmp117::asynchronous::Tmp117::new(
            bus,
            0x48,
            NoopDelay::new(),
        ))
    };
    let measurands = [tmp117::TEMPERATURE];
    let sound = [
        register(0x48, 1, &[0; 2]),
        Transaction::write(0x48, vec![1, 0x0C, 0x00]),
        register(0x48, 1, &[0x20, 0x00]),
        register(0x48, 0, &[0x0C, 0x80]),
    ];
    let (readings, fault) = read(&sound, sensor, measurands);
    assert_eq!((readings, fault), ([Reading::Value(25.0)], None));
    assert_failures(&sound, sensor, measurands);
}

// Breaks if the awaited driver is read otherwise than the blocking one.
#[test]
fn ina219_is_awaited() {
    let sensor = |bus| {
        let address = Address::from_byte(0x40).expect("an address of the part");
        Awaited(AsyncIna219::new_unchecked(bus, address, UnCalibrated))
    };
    let sound = [
        register(0x40, 2, &[0x5D, 0xC2]),
        register(0x40, 1, &(-2_000_i16).to_be_bytes()),
    ];
    let (readings, _) = read(&sound, sensor, ina219::measurands(0.1));
    assert_near(readings, [12.0, -0.2]);
    assert_failures(&sound, sensor, ina219::measurands(0.1));
    let stuck = [register(0x40, 2, &[0xFF; 2])];
    let invalid = Some(ReadFault::Sensor(DriverError::Invalid));
    assert_eq!(
        read(&stuck, sensor, ina219::measurands(0.1)),
        ([ABSENT; 2], invalid)
    );
}

// Breaks if the awaited registers are others than the blocking ones.
#[test]
fn ina3221_is_awaited() {
    let transcript: Vec<_> = (1..=6)
        .map(|number| register(0x40, number, &[0x0C, 0x80 + 8 * number]))
        .collect();
    let sensor = |bus| Ina3221::new(bus, 0x40);
    let measurands = ina3221::measurands([0.1; 3]);
    let blocking = super::read(&transcript, sensor, measurands);
    assert_eq!(read(&transcript, sensor, measurands), blocking);
    assert_eq!(blocking.1, None);
    assert_failures(&transcript, sensor, measurands);
}
