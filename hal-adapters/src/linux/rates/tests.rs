use super::*;
use std::borrow::ToOwned;
use std::vec;

const MISSING: Reading = Reading::Absent(Cause::Missing);

fn channel(measure: Measure) -> Channel {
    Channel {
        identity: "x".to_owned(),
        chip: "x".to_owned(),
        sensor: "x".to_owned(),
        unit: "1/s",
        measure,
    }
}

/// Readings of one counter from its values at seconds.
fn counter(values: &[(f64, Raw)]) -> Vec<Reading> {
    let mut rates = Rates::new(&[channel(Measure::Counter)]);
    let mut into = [MISSING];
    let mut all = vec![];
    for (at, raw) in values {
        rates.take(Duration::from_secs_f64(*at), &[*raw], &mut into);
        all.push(into[0]);
    }
    all
}

/// Broken if the first value of a counter is taken for its growth, or a gap for a second.
#[test]
fn growth_is_per_second_and_a_gap_counts_whole() {
    let readings = counter(&[
        (10.0, Ok(5e9)),
        (11.0, Ok(5e9 + 30.0)),
        (12.0, Err(Cause::Sensor)),
        (13.0, Ok(5e9 + 50.0)),
        (13.5, Ok(5e9 + 51.0)),
    ]);
    let absent = Reading::Absent(Cause::Sensor);
    let [a, b, c] = [30.0, 10.0, 2.0].map(Reading::Value);
    assert_eq!(readings, [MISSING, a, absent, b, c]);
}

/// Broken by a spike where a counter starts again, of 32 bits or 64 bits, or is reset.
#[test]
fn wraps_go_on_and_resets_are_absent_once() {
    let near = 4_294_967_290.0;
    let readings = counter(&[(0.0, Ok(near)), (1.0, Ok(4.0)), (2.0, Ok(5.0))]);
    assert_eq!(readings[1..], [10.0, 1.0].map(Reading::Value));
    let near = 18_446_744_073_709_547_520.0; // 2^64 - 4096
    let readings = counter(&[(0.0, Ok(near)), (1.0, Ok(904.0))]);
    assert_eq!(readings[1], Reading::Value(5000.0));
    let readings = counter(&[(0.0, Ok(3e9)), (1.0, Ok(7.0)), (2.0, Ok(8.0))]);
    assert_eq!(readings, [MISSING, MISSING, Reading::Value(1.0)]);
    let readings = counter(&[(0.0, Ok(100.0)), (1.0, Ok(99.0)), (2.0, Ok(101.0))]);
    assert_eq!(
        readings,
        [MISSING, Reading::Value(0.0), Reading::Value(2.0)]
    );
    let readings = counter(&[(0.0, Ok(9e15)), (1.0, Ok(7.0)), (2.0, Ok(8.0))]);
    assert_eq!(readings, [MISSING, MISSING, Reading::Value(1.0)]);
}

/// Broken if a maximum is not believed, or one that is below the values or no number is.
#[test]
fn known_range_is_where_it_starts_again() {
    let mut joules = Counter::with_range(100.0);
    let growth = [90.0, 99.0, 3.0, 2.0].map(|value| joules.growth(value));
    assert_eq!(growth, [None, Some(9.0), Some(4.0), Some(99.0)]);
    let mut lie = Counter::with_range(10.0);
    assert_eq!([90.0, 3.0].map(|value| lie.growth(value)), [None, None]);
    for range in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Counter::with_range(range), Counter::new());
    }
}

/// Broken by a division by no time, or by a number that no counter can have.
#[test]
fn hostile_numbers_are_absent_and_forgotten() {
    let readings = counter(&[
        (1.0, Ok(1.0)),
        (1.0, Ok(2.0)),
        (0.5, Ok(2.0)),
        (2.0, Ok(f64::NAN)),
        (2.0, Ok(f64::INFINITY)),
        (2.0, Ok(-4.0)),
        (3.0, Ok(5.0)),
    ]);
    let infinite = Reading::Absent(Cause::NotFinite);
    let negative = Reading::Absent(Cause::Sensor);
    assert_eq!(readings[..4], [MISSING; 4]);
    assert_eq!(readings[4..], [infinite, negative, Reading::Value(2.0)]);
    let mut rates = Rates::new(&[channel(Measure::Gauge), channel(Measure::Errors)]);
    let mut into = [MISSING; 2];
    rates.take(Duration::ZERO, &[Ok(1e300), Ok(0.0)], &mut into);
    assert_eq!(into, [infinite, MISSING]);
    rates.take(Duration::from_secs(1), &[Ok(-3.5)], &mut into[..1]);
    assert_eq!(into, [Reading::Value(-3.5), MISSING]);
    rates.take(Duration::MAX, &[Ok(f64::NAN), Ok(1e308)], &mut into);
    assert_eq!(into[0], MISSING);
}
