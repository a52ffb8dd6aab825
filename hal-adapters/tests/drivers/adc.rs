use super::*;
use ::ads1x1x::channel::{SingleA0, SingleA1};
use ::ads1x1x::ic::{Ads1015, Ads1115, Resolution12Bit, Resolution16Bit};
use ::ads1x1x::mode::Continuous;
use ::ads1x1x::{Ads1x1x, FullScaleRange, TargetAddr};
use bellwether_hal::driver::ads1x1x::{volts_12_bit, volts_16_bit, within};

const ADDRESS: u8 = 0x48;
const RANGE: FullScaleRange = FullScaleRange::Within2_048V;
const DONE: [u8; 2] = [0x85, 0x83];
const BUSY: [u8; 2] = [0x05, 0x83];

type Wide = Ads1x1x<Mock, Ads1115, Resolution16Bit, Continuous>;
type Narrow = Ads1x1x<Mock, Ads1015, Resolution12Bit, Continuous>;

fn wide(bus: Mock) -> Wide {
    let adc = Ads1x1x::new_ads1115(bus, TargetAddr::Gnd);
    adc.into_continuous().ok().expect("continuous")
}

fn narrow(bus: Mock) -> Narrow {
    let adc = Ads1x1x::new_ads1015(bus, TargetAddr::Gnd);
    adc.into_continuous().ok().expect("continuous")
}

fn converted(bytes: [u8; 2]) -> [Transaction; 2] {
    let continuous = Transaction::write(ADDRESS, vec![1, 0x84, 0x83]);
    [continuous, register(ADDRESS, 0, &bytes)]
}

// Breaks if a step is another, the sign is lost, or the narrow parts are scaled as the wide ones.
#[test]
fn ads1115_and_ads1015_give_volts() {
    for (volts, code) in [(1.0, 16_000_i16), (-0.5, -8_000)] {
        let transcript = converted(code.to_be_bytes());
        let (readings, fault) = read(&transcript, wide, [volts_16_bit(RANGE)]);
        assert_near(readings, [volts]);
        assert_eq!(fault, None);
        let (readings, _) = read(&transcript, narrow, [volts_12_bit(RANGE)]);
        assert_near(readings, [volts]);
    }
    assert_failures(&converted([0; 2]), wide, [volts_16_bit(RANGE)]);
}

// Breaks if an input beyond the range is a voltage, or the last code within it is none.
#[test]
fn end_codes_are_absent() {
    for (code, absent) in [
        (i16::MAX, true),
        (i16::MAX - 1, false),
        (i16::MIN, true),
        (i16::MIN + 1, false),
    ] {
        let (readings, _) = read(&converted(code.to_be_bytes()), wide, [volts_16_bit(RANGE)]);
        assert_eq!(readings[0] == ABSENT, absent, "{code}");
    }
    for (bytes, absent) in [([0x7F, 0xF0], true), ([0x7F, 0xE0], false)] {
        let (readings, _) = read(&converted(bytes), narrow, [volts_12_bit(RANGE)]);
        assert_eq!(readings[0] == ABSENT, absent, "{bytes:?}");
    }
}

/// One conversion of an input, which is found done at the last of the polls.
fn one_shot(start: [u8; 2], polls: usize, value: i16) -> Vec<Transaction> {
    let mut transcript = vec![
        register(ADDRESS, 1, &DONE),
        Transaction::write(ADDRESS, vec![1, start[0], start[1]]),
    ];
    transcript.extend((1..polls).map(|_| register(ADDRESS, 1, &BUSY)));
    transcript.push(register(ADDRESS, 1, &DONE));
    transcript.push(register(ADDRESS, 0, &value.to_be_bytes()));
    transcript
}

fn inputs(bus: Mock) -> impl Sensors<2, Error = DriverError> {
    let mut adc = Ads1x1x::new_ads1115(bus, TargetAddr::Gnd);
    let mut delay = NoopDelay::new();
    move || {
        let first = within(4, 1_000, &mut delay, || adc.read(SingleA0))?;
        let second = within(4, 1_000, &mut delay, || adc.read(SingleA1))?;
        Ok([first, second])
    }
}

// Breaks if the second input is converted by the first one's, or a conversion is polled for ever.
#[test]
fn inputs_are_converted_one_after_the_other_within_their_polls() {
    let volts = [volts_16_bit(RANGE); 2];
    let first = one_shot([0xC5, 0x83], 2, 16_000);
    let sound = [first.clone(), one_shot([0xD5, 0x83], 1, -8_000)].concat();
    let (readings, fault) = read(&sound, inputs, volts);
    assert_near(readings, [1.0, -0.5]);
    assert_eq!(fault, None);
    assert_failures(&sound, inputs, volts);
    assert_failures(&first[..3], inputs, volts);

    let mut busy = first[..2].to_vec();
    busy.extend((0..3).map(|_| register(ADDRESS, 1, &BUSY)));
    let timed_out = Some(ReadFault::Sensor(DriverError::TimedOut));
    assert_eq!(read(&busy, inputs, volts), ([ABSENT; 2], timed_out));
}

// Breaks if a converter on the chip needs more than a closure.
#[test]
fn converter_on_the_chip_is_a_closure_with_a_scale() {
    let mut codes = [Ok(2_048_u16), Err("overrun"), Ok(4_095)].into_iter();
    let mut adc = move || codes.next().expect("three conversions");
    let supply = Measurand::new("V", 0.0..=13.0).scaled(13.2 / 4_096.0, 0.0);
    let mut supply = Checked::with(move || adc().map(f32::from), [supply]);
    assert_near([supply.read()], [6.6]);
    assert_eq!((supply.read(), supply.read()), (ABSENT, ABSENT));
    assert_eq!(supply.faults(), 2);
}
