//! Probes: what they leave alone, what they replace, and what they cost.

use super::super::{Node, Pairs, Probes, Rules, Settings, Wide, fit::Work, probes::BOTH, wide};
use crate::error::SnapshotError;
use crate::sample::Tick;
use proptest::prelude::*;
use std::vec::Vec;

const V: usize = 16;

/// Two loads by chance, of which even and odd variables are multiples, with noise of their own; with `moved`,
/// variable 6 goes with the other load, 3 higher.
fn row(t: u32, moved: bool) -> [f32; V] {
    let chance = |k: u32| {
        let bits = crate::rng::split_mix(7, u64::from(t) << 8 | u64::from(k));
        (bits >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let loads = [100.0 * chance(100), 100.0 * chance(101)];
    core::array::from_fn(|j| {
        let (load, shift) = match (moved, j) {
            (true, 6) => (loads[1], 3.0),
            _ => (loads[j % 2], 0.0),
        };
        20.0 + shift + load * (1.0 + 0.1 * j as f32) + 6.0 * chance(j as u32)
    })
}

type Fitted = (Rules<wide::Rules<V>, V>, Node<Wide<V>, V>, Pairs<V>);

fn fitted() -> Fitted {
    let settings = Settings::new(wide::Settings {
        variables: V as u16,
    });
    let rules: Rules<wide::Rules<V>, V> = settings.try_into().expect("valid settings");
    let rows: Vec<[f32; V]> = (0..1_000).map(|t| row(t, false)).collect();
    let (mut node, mut pairs, mut work) = (Node::new(), Pairs::new(), Work::new());
    node.fit(&rules, &mut rows.as_slice(), &mut work)
        .expect("rows enough");
    pairs.fit(&node, &mut rows.as_slice(), &mut work);
    (rules, node, pairs)
}

fn take(fitted: &mut Fitted, probes: &mut Probes<4>, ticks: core::ops::Range<u32>, moved: bool) {
    let (rules, node, pairs) = fitted;
    for t in ticks {
        node.decide(rules, Tick(t.into()), &row(t, moved).map(Into::into));
        probes.take(pairs, node);
    }
}

fn partners(pairs: &Pairs<V>, variable: usize) -> Vec<usize> {
    let partners = pairs.partners[variable].iter();
    partners.map(|partner| partner.variable.into()).collect()
}

/// Broken by a partner that is fitted anew although it has held, or a candidate that is as good.
#[test]
fn partners_that_hold_are_left_alone() {
    let mut fitted = fitted();
    let before = fitted.2.clone();
    take(&mut fitted, &mut Probes::new(), 1_000..13_000, false);
    assert_eq!(fitted.2, before);
}

/// Broken by a mean that is not followed: 3 higher, it would be blamed for good.
#[test]
fn a_variable_that_changed_gets_new_partners() {
    let mut fitted = fitted();
    assert!(partners(&fitted.2, 6).iter().all(|k| k % 2 == 0));
    let blamed = |(rules, node, pairs): &Fitted, from: u32| {
        let mut node = node.clone();
        let rows = (from..from + 200).map(|t| {
            node.decide(rules, Tick(t.into()), &row(t, true).map(Into::into));
            pairs.blamed(&node).filter(|of| of.variable == 6).count()
        });
        rows.sum::<usize>()
    };
    assert!(blamed(&fitted, 1_000) > 150);
    take(&mut fitted, &mut Probes::new(), 1_000..25_000, true);
    let found = partners(&fitted.2, 6);
    assert!(found.iter().all(|k| k % 2 == 1), "{found:?}");
    assert_eq!(blamed(&fitted, 25_000), 0);
    // Nobody has it among its partners any more, nor itself, nor the same one twice.
    for variable in (0..V).filter(|k| k % 2 == 0) {
        let mut found = partners(&fitted.2, variable);
        assert!(
            !found.contains(&6) && !found.contains(&variable),
            "{variable}: {found:?}"
        );
        found.dedup();
        assert_eq!(found.len(), 5);
    }
}

/// A probe ends after 512 rows, and no partner changes before.
#[test]
fn partners_change_at_the_end_of_a_probe() {
    let mut fitted = fitted();
    let (before, mut probes) = (fitted.2.clone(), Probes::new());
    let last = 1_000 + u32::from(BOTH) - 1;
    take(&mut fitted, &mut probes, 1_000..last, true);
    assert_eq!(fitted.2, before);
    // The fifth to eighth variable, 6 among them.
    take(
        &mut fitted,
        &mut probes,
        last..last + u32::from(BOTH) + 1,
        true,
    );
    assert_ne!(fitted.2, before);
}

/// A plant that rests tells nothing: the same row again and again.
#[test]
fn a_variable_that_rests_keeps_its_partners() {
    let (rules, mut node, mut pairs) = fitted();
    let (before, mut probes) = (pairs.clone(), Probes::<4>::new());
    for t in 1_000..6_000_u32 {
        node.decide(&rules, Tick(t.into()), &[1.0; V].map(Into::into));
        probes.take(&mut pairs, &node);
    }
    assert_eq!(pairs, before);
}

#[test]
fn the_state_does_not_depend_on_the_variables() {
    assert_eq!(size_of::<Probes<8>>(), 8 * 200 + 12);
}

/// Broken by sums that a snapshot leaves out.
#[test]
fn a_snapshot_goes_on_where_it_was_and_a_damaged_one_changes_nothing() {
    let (mut whole, mut probes) = (fitted(), Probes::new());
    take(&mut whole, &mut probes, 1_000..1_900, true);
    let (mut other, mut restored) = (whole.clone(), Probes::new());
    let mut bytes = [0; Probes::<4>::SNAPSHOT_MAX];
    let used = probes.save(&mut bytes).expect("room");
    restored.restore(&bytes[..used]).expect("own snapshot");
    assert_eq!(restored, probes);
    for at in 0..used {
        let mut damaged = bytes;
        damaged[at] ^= 0x10;
        assert!(restored.restore(&damaged[..used]).is_err(), "byte {at}");
        assert!(restored.restore(&bytes[..at]).is_err(), "cut to {at}");
    }
    assert_eq!(restored, probes);
    take(&mut whole, &mut probes, 1_900..5_000, true);
    take(&mut other, &mut restored, 1_900..5_000, true);
    assert_eq!((whole.2, probes), (other.2, restored));
    let mut small = [0; 40];
    assert_eq!(
        Probes::<4>::new().save(&mut small),
        Err(SnapshotError::BufferFull)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    /// Broken by a deviation of 0, or a slope over a variance of 0.
    #[test]
    fn whatever_comes_votes_are_finite(
        bits in prop::collection::vec(prop::array::uniform16(prop_oneof![
            any::<u32>().prop_map(f32::from_bits),
            -1e3_f32..1e3,
            Just(f32::MAX),
            Just(0.0),
        ]), 300),
    ) {
        let (rules, mut node, mut pairs) = fitted();
        let mut probes = Probes::<V>::new();
        for (tick, row) in (0..).zip(bits.iter().cycle().take(1_200)) {
            node.decide(&rules, Tick(tick), &row.map(Into::into));
            probes.take(&mut pairs, &node);
            prop_assert!(pairs.votes(&node).all(|vote| vote.is_finite() && vote >= 0.0));
        }
        let mut bytes = [0; Probes::<V>::SNAPSHOT_MAX];
        let used = probes.save(&mut bytes).expect("room");
        prop_assert!(probes.restore(&bytes[..used]).is_ok());
    }
}
