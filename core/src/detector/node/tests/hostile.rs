//! Streams, fits and snapshots that nobody should send.

use super::series::{FITTED, Row, Twelve, V, fitted, fitted_to, rules, series};
use crate::node::Verdict;
use crate::{Detector, Reading, Snapshot, Tick};
use proptest::prelude::*;
use std::vec::Vec;

/// Any bits, but often of a size.
fn hostile() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        -1e3_f32..1e3,
        Just(f32::MAX),
        Just(f32::MIN),
        Just(f32::MIN_POSITIVE),
        Just(0.0),
    ]
}

fn is_sound(verdict: &Verdict) -> bool {
    verdict.score.is_none_or(|score| {
        let rest = [score.broken, score.onset, score.held];
        let mut numbers = score.lanes.into_iter().chain(rest);
        numbers.all(|x| x.is_finite() && x >= 0.0)
    })
}

fn judged(node: &mut Twelve, rows: impl Iterator<Item = Row>) -> bool {
    let ticks = (node.next_tick().0..).map(Tick);
    rows.zip(ticks).all(|(row, tick)| {
        let verdict = node.decide(&rules(), tick, &row.map(Reading::Value));
        let surprises = node.surprises().all(|x| x.is_finite() && x >= 0.0);
        surprises && is_sound(&verdict)
    })
}

proptest! {
    #[test]
    fn whatever_comes_the_score_is_a_number(
        cells in prop::collection::vec(hostile(), V..60 * V),
    ) {
        let rows = cells.as_chunks::<V>().0.iter().copied();
        prop_assert!(judged(&mut fitted(), rows));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Odd values in the rows of a fit: it is one, and what follows has scores.
    #[test]
    fn whatever_is_fitted_the_score_is_a_number(
        cells in prop::collection::vec((0..120 * V, hostile()), 0..300),
        column in 0..V,
        value in hostile(),
    ) {
        let mut rows = series(120);
        for (at, x) in cells {
            rows[at / V][at % V] = x;
        }
        for row in &mut rows {
            row[column] = value;
        }
        let mut node = fitted_to(&rows);
        prop_assert!(node.is_fitted(&rules()));
        prop_assert!(judged(&mut node, series(60).into_iter()));
    }

    /// A snapshot with a right checksum and any content is refused, or gives a detector that works.
    #[test]
    fn any_content_is_refused_or_harmless(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let node = fitted();
        let mut buffer = std::vec![0; Twelve::SNAPSHOT_MAX];
        let used = node.save(&rules(), &mut buffer).expect("room");
        let body = 14..used - 4;
        for (at, value) in changes {
            buffer[body.start + at.index(body.len())] = value;
        }
        let sum = crate::wire::checksum::CRC.checksum(&buffer[..used - 4]).to_le_bytes();
        buffer[used - 4..used].copy_from_slice(&sum);
        let mut restored = Twelve::new();
        if restored.restore(&rules(), &buffer[..used]).is_ok() {
            prop_assert!(restored.rows() > 0 || !restored.is_fitted(&rules()));
            let mut again = std::vec![0; Twelve::SNAPSHOT_MAX];
            for (row, tick) in series(40).into_iter().zip(1_000..) {
                let answer = restored.observe(&rules(), Tick(tick), &row.map(Reading::Value));
                prop_assert!(answer.score.is_none_or(|x| !x.is_nan() && x >= 0.0));
            }
            prop_assert!(restored.save(&rules(), &mut again).is_ok());
        } else {
            prop_assert!(restored == Twelve::new());
        }
    }
}

/// Constants, a variable without a value, a single one that moves, and all the same.
#[test]
fn still_variables_and_empty_ones_are_fitted() {
    let constant = [[7.0; V]; 200].to_vec();
    let mut node = fitted_to(&constant);
    assert!(judged(&mut node, constant.iter().copied()));
    let answer = node.observe(&rules(), Tick(900), &[Reading::Value(8.0); V]);
    assert!(answer.is_anomalous(), "{answer:?}");

    let mut empty = series(FITTED);
    for row in &mut empty {
        row[3] = f32::NAN;
    }
    let mut node = fitted_to(&empty);
    let mut rows = series(FITTED + 50).split_off(FITTED);
    let quiet: Vec<bool> = rows
        .iter_mut()
        .zip(1_000..)
        .map(|(row, tick)| {
            row[3] = 1e9;
            let frame = row.map(Reading::Value);
            node.observe(&rules(), Tick(tick), &frame).is_anomalous()
        })
        .collect();
    assert!(quiet.iter().filter(|anomalous| **anomalous).count() < 5);
}

/// Broken by a limit that a stored infinity would leave open.
#[test]
fn a_fit_to_nothing_but_gaps_is_one() {
    let mut node = fitted_to(&[[f32::NAN; V]; 150]);
    assert!(judged(&mut node, series(20).into_iter()));
}
