use super::*;
use ::bme280::i2c::BME280;
use bellwether_hal::driver::bme280::{Bme280, MEASURANDS};

const ADDRESS: u8 = 0x76;

/// Calibration of the data sheet's example for temperature and pressure; the humidity's is one of a
/// real part.
const CALIBRATION: [i32; 12] = [
    27_504, 26_435, -1_000, 36_477, -10_685, 3_024, 2_855, 140, -7, 15_500, -14_600, 6_000,
];
const HUMIDITY: [u8; 7] = [0x6A, 0x01, 0x00, 0x13, 0x29, 0x03, 0x1E];

fn initialised() -> Vec<Transaction> {
    let mut bytes: Vec<u8> = CALIBRATION
        .iter()
        .flat_map(|number| (*number as u16).to_le_bytes())
        .collect();
    bytes.extend([0, 75]);
    vec![
        register(ADDRESS, 0xD0, &[0x60]),
        Transaction::write(ADDRESS, vec![0xE0, 0xB6]),
        register(ADDRESS, 0x88, &bytes),
        register(ADDRESS, 0xE1, &HUMIDITY),
        register(ADDRESS, 0xF4, &[0]),
        Transaction::write(ADDRESS, vec![0xF2, 0x01]),
        register(ADDRESS, 0xF4, &[0]),
        Transaction::write(ADDRESS, vec![0xF4, 0x54]),
        register(ADDRESS, 0xF5, &[0]),
        Transaction::write(ADDRESS, vec![0xF5, 0x10]),
    ]
}

fn measured(data: [u8; 8]) -> Vec<Transaction> {
    vec![
        register(ADDRESS, 0xF4, &[0x54]),
        register(ADDRESS, 0xF4, &[0x54]),
        Transaction::write(ADDRESS, vec![0xF4, 0x55]),
        register(ADDRESS, 0xF7, &data),
    ]
}

fn sensor(bus: Mock) -> Bme280<BME280<Mock>, NoopDelay> {
    let mut driver = BME280::new_primary(bus);
    driver.init(&mut NoopDelay::new()).expect("initialised");
    Bme280::new(driver, NoopDelay::new())
}

/// The data sheet's raw numbers, 415148 and 519888, and a humidity.
const DATA: [u8; 8] = [0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00, 0x6E, 0x71];

// Breaks if the three values change places or their units are others. The data sheet's example is 25.08 °C
// and 1006.53 hPa.
#[test]
fn bme280_gives_the_data_sheets_example() {
    let transcript = [initialised(), measured(DATA)].concat();
    let (readings, fault) = read(&transcript, sensor, MEASURANDS);
    assert_eq!(fault, None);
    let [temperature, humidity, pressure] = readings.map(|reading| reading.usable().unwrap());
    assert!((temperature - 25.08).abs() < 0.01, "{temperature}");
    assert!((pressure - 1006.53).abs() < 0.05, "{pressure}");
    assert!((0.0..=100.0).contains(&humidity), "{humidity}");
    for failing in 1..=4 {
        let transcript = [initialised(), measured(DATA)].concat();
        assert_failures(&transcript[..10 + failing], sensor, MEASURANDS);
    }
}

// Breaks if a number that the driver moved to the end of a range is a temperature. Zeros are an answer
// of a part without power on a bus that is held.
#[test]
fn bme280_at_the_ends_of_its_ranges_is_absent() {
    let transcript = [initialised(), measured([0; 8])].concat();
    let (readings, fault) = read(&transcript, sensor, MEASURANDS);
    assert_eq!((readings[0], readings[2]), (ABSENT, ABSENT));
    assert!(
        matches!(fault, Some(ReadFault::Implausible(_))),
        "{fault:?}"
    );
}

// Breaks if a part whose set-up was forgotten, or failed, gives values.
#[test]
fn bme280_without_calibration_is_absent() {
    let sensor = |bus| Bme280::new(BME280::new_primary(bus), NoopDelay::new());
    let (readings, fault) = read(&measured(DATA), sensor, MEASURANDS);
    assert_eq!(readings, [ABSENT; 3]);
    assert_eq!(fault, Some(ReadFault::Sensor(DriverError::NotSetUp)));
}
