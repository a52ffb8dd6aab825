//! Complaints by hand, and what hostile streams and bytes do to them.

use super::*;
use crate::sample::Cause;
use proptest::prelude::*;
use std::vec::Vec;

type Pair = Health<2>;

/// Two variables that move in every row; the first one from 0 to 6, the second from 0 to 40.
fn row(t: u32) -> [Reading; 2] {
    [(t % 7) as f32, (t % 5) as f32 * 10.0].map(Reading::Value)
}

fn fitted() -> Pair {
    let mut health = Pair::new();
    for t in 0..700 {
        health.learn(&row(t));
    }
    health
}

fn found(health: &Pair) -> Vec<(u16, Symptom, u16)> {
    let all = health.complaints();
    all.map(|of| (of.variable, of.symptom, of.rows)).collect()
}

/// The first row of a stream with a complaint, from 1 on, and the complaints then.
fn first(
    health: &mut Pair,
    rows: impl Iterator<Item = [Reading; 2]>,
) -> (u32, Vec<(u16, Symptom, u16)>) {
    for (t, frame) in (1..).zip(rows) {
        health.observe(&frame);
        let complaints = found(health);
        if !complaints.is_empty() {
            return (t, complaints);
        }
    }
    (0, Vec::new())
}

/// By hand: L is 3, 1.5 of it is less than 8, and the run begins with the first of these rows.
#[test]
fn a_repeated_value_is_stuck_at_its_eighth_row() {
    let mut health = fitted();
    let rows = (700..800).map(|t| [row(t)[0], Reading::Value(21.0)]);
    assert_eq!(
        first(&mut health, rows),
        (8, [(1, Symptom::Stuck, 1)].to_vec())
    );
    health.observe(&[Reading::Value(1.0), Reading::Value(21.0)]);
    assert_eq!(found(&health), [(1, Symptom::Stuck, 2)]);
    health.observe(&row(810));
    assert_eq!(found(&health), [], "it moves again");
    let all = |t: u32| [Reading::Value(3.5), Reading::Value(t as f32 % 2.0)];
    let again = (0..100).map(all);
    assert_eq!(
        first(&mut health, again).0,
        8,
        "half of nine rows is usual now"
    );
}

/// By hand: 0 is the lowest value, so 20 + 5·3 rows.
#[test]
fn the_ends_of_the_range_may_last() {
    let mut health = fitted();
    let rows = (700..800).map(|t| [row(t)[0], Reading::Value(0.0)]);
    assert_eq!(first(&mut health, rows).0, 35);
}

/// Broken by counting rows in which nothing moves: a machine at rest.
#[test]
fn a_machine_at_rest_has_no_stuck_sensors() {
    let mut health = fitted();
    let still = [Reading::Value(3.5), Reading::Value(21.0)];
    assert_eq!(first(&mut health, std::iter::repeat_n(still, 1000)).0, 0);
}

/// Broken by a shortest run that knows nothing of the variable.
#[test]
fn a_steady_variable_may_be_steady() {
    let mut health = Pair::new();
    let steady = |t: u32| [row(t)[0], Reading::Value((t / 50) as f32)];
    for t in 0..1000 {
        health.learn(&steady(t));
    }
    // By hand: L is 51, p is 0.98: 226 rows.
    let rows = (0..1000).map(|t| [row(t)[0], Reading::Value(18.5)]);
    assert_eq!(first(&mut health, rows).0, 227);
}

/// By hand: 1 - 0.9^7 = 0.52.
#[test]
fn seven_gaps_in_a_row_are_missing_values() {
    let mut health = fitted();
    let gone = Reading::Absent(Cause::Sensor);
    let rows = (700..800).map(|t| [gone, row(t)[1]]);
    assert_eq!(
        first(&mut health, rows),
        (7, [(0, Symptom::Missing, 1)].to_vec())
    );
    let mut health = Pair::new();
    for t in 0..700 {
        health.learn(&[gone, row(t)[1]]);
    }
    let rows = (700..900).map(|t| [gone, row(t)[1]]);
    assert_eq!(
        found(&health),
        [(0, Symptom::Missing, 694)],
        "while it learns"
    );
    assert_eq!(first(&mut health, rows).0, 0, "it never had a value");
}

/// By hand: 40 and a tenth of 40; differences of at most 40 and three times that.
#[test]
fn values_beyond_the_range_and_fast_ones() {
    let mut health = fitted();
    assert_eq!(health.usual(1), Some((-4.0, 44.0)));
    assert_eq!(Pair::new().usual(1), None);
    assert_eq!(health.usual(2), None, "no such variable");
    health.observe(&[Reading::Value(3.0), Reading::Value(44.0)]);
    assert_eq!(found(&health), []);
    health.observe(&[Reading::Value(3.5), Reading::Value(44.5)]);
    assert_eq!(found(&health), [(1, Symptom::Range, 1)]);
    let mut slow = Pair::new();
    for t in 0..700 {
        let wave = t.min(700 - t) as f32;
        slow.learn(&[Reading::Value(wave), row(t)[1]]);
    }
    slow.observe(&[Reading::Value(3.0), Reading::Value(5.0)]);
    slow.observe(&[Reading::Value(7.0), Reading::Value(6.0)]);
    assert_eq!(found(&slow), [(0, Symptom::Rate, 1)]);
}

#[test]
fn nothing_is_said_before_a_row_was_learned() {
    let mut health = Pair::new();
    let rows = (0..100).map(|t| [row(t)[0], Reading::Absent(Cause::Missing)]);
    assert_eq!(first(&mut health, rows).0, 0);
    assert_eq!(size_of::<Health<8>>(), 8 * 40 + 4);
}

#[test]
fn impossible_content_is_refused_without_effect() {
    let mut health = fitted();
    let before = health.clone();
    let mut bytes = [0; Pair::SNAPSHOT_MAX];
    let used = before.save(2, &mut bytes).expect("room");
    for place in 0..used {
        let mut changed = bytes;
        changed[place] ^= 0x81;
        assert!(health.restore(2, &changed[..used]).is_err(), "byte {place}");
        assert!(
            health.restore(2, &bytes[..place]).is_err(),
            "cut at {place}"
        );
    }
    assert!(
        health.restore(1, &bytes[..used]).is_err(),
        "of two variables"
    );
    assert_eq!(health, before);
    let forged = |low: f32, share: f32, symptom: u8| {
        let mut bytes = [0; 256];
        let used = snapshot::write_slice(&mut bytes, shape(1), &|body| {
            body.put(&1_u32);
            body.put(&(0.0_f32, low, 1.0_f32, 0.0_f32, 0.0_f32));
            body.put(&(share, 0.0_f32, 0.0_f32));
            body.put(&(1_u16, 1_u16, 0_u16, symptom));
        });
        let bytes = &bytes[..used.expect("room")];
        Health::<1>::new().restore(1, bytes).is_ok()
    };
    assert!(forged(0.0, 0.5, 4));
    assert!(!forged(2.0, 0.5, 0) && !forged(f32::NAN, 0.5, 0));
    assert!(!forged(0.0, 1.5, 0) && !forged(0.0, f32::NAN, 0) && !forged(0.0, 0.5, 5));
}

/// Any bits, but often a value again.
fn hostile() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        Just(f32::NAN),
        Just(f32::MAX),
        Just(f32::MIN),
        Just(1.0),
        Just(0.0),
    ]
}

proptest! {
    /// Saved and restored before any row, the complaints are the same to the end.
    #[test]
    fn whatever_comes_is_watched_and_survives_a_snapshot(
        values in prop::collection::vec([hostile(), hostile()], 2..80),
        learned in 0_usize..60,
        cut in 0_usize..80,
    ) {
        let mut health = Pair::new();
        let mut other = Pair::new();
        for (t, values) in values.iter().enumerate() {
            let frame = values.map(Reading::from);
            if t == cut {
                let mut bytes = [0; Pair::SNAPSHOT_MAX];
                let used = health.save(2, &mut bytes).expect("room");
                let read = other.restore(2, &bytes[..used]);
                prop_assert!(read.is_ok(), "{:?} {:?}", read, health);
            }
            for (k, of) in [&mut health, &mut other].into_iter().enumerate() {
                if k == 1 && t < cut {
                    continue;
                }
                if t < learned { of.learn(&frame) } else { of.observe(&frame) }
            }
            if t >= cut {
                prop_assert_eq!(found(&health), found(&other));
                prop_assert_eq!(&health, &other);
            }
        }
    }
}
