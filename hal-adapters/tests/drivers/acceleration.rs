use super::*;
use ::lis3dh::{Lis3dh, Lis3dhI2C, Range, SlaveAddr};
use bellwether_hal::driver::lis3dh::axis;

const ADDRESS: u8 = 0x18;

/// The driver's set-up: it reads each register before it writes it.
fn set_up() -> Vec<Transaction> {
    let change = |number: u8, before: u8, after: u8| {
        [
            register(ADDRESS, number, &[before]),
            Transaction::write(ADDRESS, vec![number, after]),
        ]
    };
    let mut transcript = vec![
        register(ADDRESS, 0x0F, &[0x33]),
        Transaction::write(ADDRESS, vec![0x23, 0x80]),
    ];
    for (number, before, after) in [
        (0x20, 0x07, 0x07),
        (0x23, 0x80, 0x88),
        (0x20, 0x07, 0x77),
        (0x20, 0x77, 0x77),
        (0x1F, 0x00, 0x80),
    ] {
        transcript.extend(change(number, before, after));
    }
    transcript
}

fn sensor(bus: Mock) -> Lis3dh<Lis3dhI2C<Mock>> {
    Lis3dh::new_i2c(bus, SlaveAddr::Default).expect("set up")
}

fn measured(axes: [i16; 3]) -> Vec<Transaction> {
    let bytes = axes.map(i16::to_le_bytes).as_flattened().to_vec();
    [set_up(), vec![register(ADDRESS, 0xA8, &bytes)]].concat()
}

// Breaks if axes change places, a sign is lost, the scale is another's, or more than one transaction is
// needed.
#[test]
fn lis3dh_gives_three_axes_of_one_transaction() {
    // Twelve bits above four: 1 mg a step at 2 g.
    let transcript = measured([16 * 500, -16 * 20, 16 * 1000]);
    let (readings, fault) = read(&transcript, sensor, [axis(Range::G2); 3]);
    assert_near(readings, [0.5, -0.02, 1.0]);
    assert_eq!(fault, None);
    // 12 mg a step at 16 g.
    let (readings, _) = read(&transcript, sensor, [axis(Range::G16); 3]);
    assert_near(readings, [6.0, -0.24, 12.0]);
    assert_failures(&transcript, sensor, [axis(Range::G2); 3]);
}

// Breaks if a plant's own range does not hold for the axis at the end of the scale alone.
#[test]
fn axis_beyond_the_plants_range_is_absent_alone() {
    let plant = axis(Range::G2).within(-1.5..=1.5);
    let (readings, fault) = read(&measured([i16::MAX, 0, 16_000]), sensor, [plant; 3]);
    assert_eq!(readings[0], ABSENT);
    assert_near([readings[2]], [1.0]);
    assert!(matches!(fault, Some(ReadFault::Implausible(g)) if g > 2.0));
}
