use super::*;
use ::ina219::SyncIna219;
use ::ina219::address::Address;
use ::ina219::calibration::UnCalibrated;
use ::ina226::INA226;
use bellwether_hal::driver::ina3221::Ina3221;
use bellwether_hal::driver::{ina219, ina226, ina3221};

const ADDRESS: u8 = 0x40;

fn sync(bus: Mock) -> SyncIna219<Mock, UnCalibrated> {
    let address = Address::from_byte(ADDRESS).expect("an address of the part");
    SyncIna219::new_unchecked(bus, address, UnCalibrated)
}

/// A register whose number is written in a transaction of its own, as the driver of the INA226 does.
fn apart(number: u8, bytes: &[u8]) -> [Transaction; 2] {
    [
        Transaction::write(ADDRESS, vec![number]),
        Transaction::read(ADDRESS, bytes.to_vec()),
    ]
}

// Breaks if voltage and current change places, a step is another, or the current's sign is lost.
#[test]
fn ina219_gives_volts_and_amperes() {
    let transcript =
        |bus: [u8; 2], shunt: [u8; 2]| [register(ADDRESS, 2, &bus), register(ADDRESS, 1, &shunt)];
    let measurands = ina219::measurands(0.1);
    // 3000 steps of 4 mV above three bits of flags; -2000 steps of 10 µV at 0.1 Ω.
    let sound = transcript([0x5D, 0xC2], (-2_000_i16).to_be_bytes());
    let (readings, fault) = read(&sound, sync, measurands);
    assert_near(readings, [12.0, -0.2]);
    assert_eq!(fault, None);
    assert_failures(&sound, sync, measurands);
    assert_failures(&sound[..1], sync, measurands);
}

// Breaks if all ones, as a bus stuck high gives, are volts.
#[test]
fn ina219_of_a_stuck_bus_is_absent() {
    let stuck = [register(ADDRESS, 2, &[0xFF, 0xFF])];
    let (readings, fault) = read(&stuck, sync, ina219::measurands(0.1));
    assert_eq!(readings, [ABSENT; 2]);
    assert_eq!(fault, Some(ReadFault::Sensor(DriverError::Invalid)));
}

// Breaks as the test of the INA219 does.
#[test]
fn ina226_gives_volts_and_amperes() {
    let transcript = |bus: [u8; 2], shunt: [u8; 2]| [apart(2, &bus), apart(1, &shunt)].concat();
    let sensor = |bus| INA226::new(bus, ADDRESS);
    let measurands = ina226::measurands(0.01);
    // 9600 steps of 1.25 mV; -4000 steps of 2.5 µV at 0.01 Ω.
    let sound = transcript(9_600_u16.to_be_bytes(), (-4_000_i16).to_be_bytes());
    let (readings, fault) = read(&sound, sensor, measurands);
    assert_near(readings, [12.0, -1.0]);
    assert_eq!(fault, None);
    for failing in 1..=sound.len() {
        assert_failures(&sound[..failing], sensor, measurands);
    }
    // A voltage of 40.96 V and more is beyond the part; the current stays.
    let (readings, fault) = read(&transcript([0xFF; 2], [0x00, 0x04]), sensor, measurands);
    assert_eq!(readings[0], ABSENT);
    assert_near([readings[1]], [0.001]);
    assert!(matches!(fault, Some(ReadFault::Implausible(volts)) if volts > 81.0));
}

// Breaks if rails or registers change places, the three lowest bits count, or a battery that is charged
// looks like one that is drained.
#[test]
fn ina3221_gives_six_values_of_three_rails() {
    let registers = [
        [0x00, 0x28], // 5 steps of 40 µV at 0.1 Ω
        [0x2E, 0xE0], // 1500 steps of 8 mV
        [0xFF, 0xD8], // -5 steps
        [0x0C, 0xE7], // 412 steps, and three bits without a meaning
        [0x01, 0x90], // 50 steps at 0.05 Ω
        [0x7F, 0xF8], // 32.76 V, beyond the part
    ];
    let transcript: Vec<_> = (1..)
        .zip(registers)
        .map(|(number, bytes)| register(ADDRESS, number, &bytes))
        .collect();
    let sensor = |bus| Ina3221::new(bus, ADDRESS);
    let measurands = ina3221::measurands([0.1, 0.1, 0.05]);
    let (readings, fault) = read(&transcript, sensor, measurands);
    let [a, b, c, d, e, f] = readings;
    assert_near([a, b, c, d, f], [12.0, 0.002, 3.296, -0.002, 0.04]);
    assert_eq!(e, ABSENT);
    assert!(
        matches!(fault, Some(ReadFault::Implausible(_))),
        "{fault:?}"
    );
    for failing in 1..=transcript.len() {
        assert_failures(&transcript[..failing], sensor, measurands);
    }
}
