//! Votes by hand, and the broken variable of rows that go together.

use super::super::pairs::{Partner, vote};
use super::super::{Node, PARTNERS, Pairs, Rules, Settings, Wide, fit::Work, wide};
use crate::error::SnapshotError;
use crate::sample::Tick;
use proptest::prelude::*;
use std::vec::Vec;

const V: usize = 12;

fn partner(variable: u16, slope: f32) -> Partner {
    Partner {
        slope,
        inv_deviation: 2.0,
        variable,
        offset: 0,
    }
}

/// By hand, r = 3: 2 |3 - 1 · 1|, 2 |3 - 2 · 1|, 2 |3 + 1 · 1|, ... = 4, 2, 8, 6, 10; sorted 2, 4, 6, 8, 10.
#[test]
fn a_vote_is_the_median_disagreement() {
    let slopes = [1.0, 2.0, -1.0, 0.0, -2.0];
    let mut partners = slopes.map(|slope| partner(7, slope));
    let of = |variable: usize| if variable == 7 { 1.0 } else { 100.0 };
    assert_eq!(vote(&partners, 3.0, of), 6.0);
    // Of four, the lower of the middle ones: three of four disagree by at least so much.
    partners[4] = Partner::default();
    assert_eq!(vote(&partners, 3.0, of), 4.0);
    partners[1..].fill(Partner::default());
    assert_eq!(vote(&partners, 3.0, of), 4.0);
    assert_eq!(vote(&[Partner::default(); PARTNERS], 3.0, of), 0.0);
}

/// A load and its multiples, each with a noise of its own; the last variable is constant.
fn row(minute: u32) -> [f32; V] {
    let load = (minute * 7 % 23) as f32;
    core::array::from_fn(|j| match j {
        11 => 5.0,
        _ => 40.0 + load * (j + 1) as f32 + (minute * (j as u32 + 3) % 5) as f32,
    })
}

type Fitted = (Rules<wide::Rules<V>, V>, Node<Wide<V>, V>, Pairs<V>);

fn fitted(rows: &[[f32; V]]) -> Fitted {
    let settings = Settings::new(wide::Settings {
        variables: V as u16,
    });
    let rules: Rules<wide::Rules<V>, V> = settings.try_into().expect("valid settings");
    let (mut node, mut pairs, mut work) = (Node::new(), Pairs::new(), Work::new());
    node.fit(&rules, &mut &rows[..], &mut work)
        .expect("rows enough");
    pairs.fit(&node, &mut &rows[..], &mut work);
    (rules, node, pairs)
}

fn blamed((rules, node, pairs): &Fitted, row: [f32; V]) -> Vec<usize> {
    let mut node = node.clone();
    node.decide(rules, Tick(10_000), &row.map(Into::into));
    pairs.blamed(&node).map(|blame| blame.variable).collect()
}

/// Broken by the largest disagreement in place of the median: a broken variable then takes its partners along.
#[test]
fn a_broken_variable_is_blamed_alone() {
    let rows: Vec<[f32; V]> = (0..500).map(row).collect();
    let fitted = fitted(&rows);
    for minute in 500..520 {
        assert_eq!(blamed(&fitted, row(minute)), [0; 0], "{minute}");
        for broken in 0..11 {
            let mut row = row(minute);
            row[broken] += if minute % 2 == 0 { 100.0 } else { -100.0 };
            assert_eq!(blamed(&fitted, row), [broken], "{minute}");
        }
    }
    // What never moved has no partner, and is nobody's.
    let mut other = row(500);
    other[11] = 500.0;
    assert_eq!(blamed(&fitted, other), [0; 0]);
    assert_eq!(fitted.2.votes(&fitted.1).count(), V);
}

/// Broken by a vote that rests on one partner alone.
#[test]
fn two_broken_variables_are_both_blamed() {
    let rows: Vec<[f32; V]> = (0..500).map(row).collect();
    let fitted = fitted(&rows);
    let mut row = row(600);
    (row[3], row[8]) = (row[3] + 300.0, row[8] - 300.0);
    assert_eq!(blamed(&fitted, row), [3, 8]);
}

#[test]
fn a_snapshot_has_every_bit_and_a_damaged_one_changes_nothing() {
    let rows: Vec<[f32; V]> = (0..200).map(row).collect();
    let (_, _, pairs) = fitted(&rows);
    let mut bytes = [0; Pairs::<V>::SNAPSHOT_MAX];
    let used = pairs.save(&mut bytes).expect("room");
    let mut restored = Pairs::new();
    restored.restore(&bytes[..used]).expect("own snapshot");
    assert_eq!(restored, pairs);
    for at in 0..used {
        let mut damaged = bytes;
        damaged[at] ^= 0x10;
        assert!(restored.restore(&damaged[..used]).is_err(), "byte {at}");
        assert!(restored.restore(&bytes[..at]).is_err(), "cut to {at}");
    }
    assert_eq!(restored, pairs);
    let mut small = [0; 100];
    assert_eq!(pairs.save(&mut small), Err(SnapshotError::BufferFull));
}

#[test]
fn the_state_is_as_large_as_documented() {
    assert_eq!(size_of::<Pairs<84>>(), 84 * 64);
    assert_eq!(size_of::<Pairs<500>>(), 500 * 64);
}

proptest! {
    /// Broken by a sum that is not finite, or a partner beyond the variables.
    #[test]
    fn whatever_comes_votes_are_finite(
        bits in prop::collection::vec(prop::array::uniform12(prop_oneof![
            any::<u32>().prop_map(f32::from_bits),
            -1e3_f32..1e3,
            Just(f32::MAX),
            Just(0.0),
        ]), 25..60),
    ) {
        let (rules, mut node, pairs) = fitted(&bits);
        for (tick, row) in (0..).zip(&bits) {
            node.decide(&rules, Tick(tick), &row.map(Into::into));
            prop_assert!(pairs.votes(&node).all(|vote| vote.is_finite() && vote >= 0.0));
        }
    }
}
