//! Features of bursts against NumPy and SciPy (tests/golden/signal/burst.py).

use bellwether::Reading;
use bellwether::signal::{Statistic, of_burst};

/// The samples of a case, as in the script: all exact in f32.
fn samples<const N: usize>(seed: u32, divisor: f32, offset: f32) -> [f32; N] {
    let mut state = seed;
    std::array::from_fn(|n| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let step = 40 * (n as u32 / (seed + 2) % 2);
        let impulse = if n % 97 == 13 { 900 } else { 0 };
        let x = f64::from((state >> 24) + step + impulse) - 128.0;
        (x / f64::from(divisor) + f64::from(offset)) as f32
    })
}

fn features(seed: u32, count: usize, divisor: f32, offset: f32) -> [Reading; Statistic::COUNT] {
    fn of<const N: usize>(seed: u32, divisor: f32, offset: f32) -> [Reading; Statistic::COUNT] {
        of_burst::<N>(&samples(seed, divisor, offset), &mut [0.0; N])
    }
    match count {
        64 => of::<64>(seed, divisor, offset),
        128 => of::<128>(seed, divisor, offset),
        256 => of::<256>(seed, divisor, offset),
        512 => of::<512>(seed, divisor, offset),
        1024 => of::<1024>(seed, divisor, offset),
        2048 => of::<2048>(seed, divisor, offset),
        _ => of::<4096>(seed, divisor, offset),
    }
}

/// Broken by a moment, a band or a sign that differs from SciPy's or NumPy's.
#[test]
fn features_are_those_of_numpy_and_scipy() {
    let path = format!("{}/golden/signal/burst.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a golden");
    let mut cases = 0;
    for line in text.lines().skip(1) {
        let row = line.split(',').map(|x| x.parse().expect("a number"));
        let row: Vec<f64> = row.collect();
        let (seed, count) = (row[0] as u32, row[1] as usize);
        let found = features(seed, count, row[2] as f32, row[3] as f32);
        for ((statistic, found), wanted) in Statistic::ALL.iter().zip(found).zip(&row[4..]) {
            let found = f64::from(found.usable().expect("finite samples"));
            let apart = (found - wanted).abs();
            // Below: rounding of f32 in sums of up to 4,096.
            assert!(
                apart <= 3e-6 * wanted.abs().max(row[6].min(1.0)),
                "{count} samples, {}: {found}, {wanted}",
                statistic.name()
            );
        }
        cases += 1;
    }
    assert_eq!(cases, 8);
}
