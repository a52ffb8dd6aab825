//! The rows in which the costly detector is asked, the laws, and hostile streams.

#[cfg(feature = "testing")]
mod laws;

use super::*;
use crate::mahalanobis::{self, Mahalanobis};
use crate::sigma::{self, Sigma};
use proptest::prelude::*;
use std::vec::Vec;

type Both = Cascade<Sigma<2>, Mahalanobis<2>>;
type Its = Rules<sigma::Rules<2>, mahalanobis::Rules<2>>;

const LEARN: (u32, u32) = (20, 30);

fn rules(wake: Wake) -> Its {
    let settings = Settings {
        watcher: sigma::Settings {
            learn: LEARN.0,
            ..sigma::Settings::DEFAULT
        },
        costly: mahalanobis::Settings {
            learn: LEARN.1,
            ..mahalanobis::Settings::DEFAULT
        },
        wake,
    };
    settings.try_into().expect("valid settings")
}

fn fresh() -> Both {
    Cascade::new(Sigma::new(), Mahalanobis::new())
}

fn row(t: u64) -> [f32; 2] {
    let wave = (t * 7 % 13) as f32;
    [20.0 + wave, 50.0 - wave + (t % 3) as f32]
}

/// The reasons of `count` rows after both have warmed up, with odd ones at `odd`.
fn reasons(wake: Wake, count: u64, odd: &[u64]) -> Vec<Option<Reason>> {
    let (rules, mut cascade) = (rules(wake), fresh());
    let first = u64::from(LEARN.1);
    let rows = (0..first + count).map(|t| {
        let mut row = row(t);
        if t >= first && odd.contains(&(t - first)) {
            row[0] += 100.0;
        }
        let verdict = cascade.decide(&rules, Tick(t), &row.map(Into::into));
        verdict.costly.map(|(reason, _)| reason)
    });
    let rows: Vec<_> = rows.collect();
    let (warming, after) = rows.split_at(first as usize);
    assert!(
        warming
            .iter()
            .all(|reason| *reason == Some(Reason::Warming))
    );
    after.to_vec()
}

use Reason::{Checked, Held, Odd};

/// Broken by a hold that begins again in held rows, or that an odd row does not begin again.
#[test]
fn an_odd_row_wakes_and_holds() {
    let wake = Wake {
        hold: 2,
        ..Wake::DEFAULT
    };
    let found = reasons(wake, 8, &[1, 3]);
    let by_hand = [
        None,
        Some(Odd),
        Some(Held),
        Some(Odd),
        Some(Held),
        Some(Held),
        None,
        None,
    ];
    assert_eq!(found, by_hand);
}

/// Broken by a count that goes on through odd rows.
#[test]
fn a_check_comes_so_many_rows_after_the_last_question() {
    let wake = Wake {
        hold: 0,
        check: Some(3),
        ..Wake::DEFAULT
    };
    let found = reasons(wake, 8, &[4]);
    let by_hand = [
        None,
        None,
        Some(Checked),
        None,
        Some(Odd),
        None,
        None,
        Some(Checked),
    ];
    assert_eq!(found, by_hand);
    let always = Wake {
        check: Some(1),
        ..wake
    };
    assert!(reasons(always, 5, &[]).iter().all(|r| *r == Some(Checked)));
}

/// Broken by a share of the score in place of the threshold.
#[test]
fn a_smaller_share_wakes_more_often() {
    let asked = |share| {
        let wake = Wake {
            share,
            hold: 0,
            check: None,
        };
        reasons(wake, 200, &[]).iter().flatten().count()
    };
    assert_eq!(asked(1.0), 0);
    assert!(asked(0.5) > 10 && asked(0.5) < 190, "{}", asked(0.5));
    assert_eq!(asked(1e-9), 200);
}

#[test]
fn a_sleeping_detector_answers_nothing_and_changes_nothing() {
    let (rules, mut cascade) = (rules(Wake::DEFAULT), fresh());
    for t in 0..40 {
        cascade.decide(&rules, Tick(t), &row(t).map(Into::into));
    }
    let before = cascade.costly().clone();
    let verdict = cascade.decide(&rules, Tick(40), &row(40).map(Into::into));
    assert_eq!(verdict.assessment(), Assessment::bare(State::Normal));
    assert!(verdict.watcher.score.is_some());
    assert_eq!(*cascade.costly(), before);
    // A row that the watcher alone finds odd is what the costly one says of it.
    let odd = [Reading::Value(120.0), Reading::Value(50.0)];
    let verdict = cascade.decide(&rules, Tick(41), &odd);
    let (reason, answer) = verdict.costly.expect("asked");
    assert_eq!((reason, answer), (Odd, verdict.assessment()));
    assert_ne!(*cascade.costly(), before);
}

/// The costly detector gives the answers that it gives alone, in every row that it takes: it does not learn any more.
#[test]
fn what_is_found_is_what_the_costly_detector_finds() {
    let rules = rules(Wake::DEFAULT);
    let (mut cascade, mut alone) = (fresh(), Mahalanobis::<2>::new());
    let mut found = 0;
    for t in 0..300 {
        let mut row = row(t);
        row[1] += if t % 50 == 49 { 40.0 } else { 0.0 };
        let frame = row.map(Into::into);
        let by_itself = alone.observe(rules.costly(), Tick(t), &frame);
        if let Some((_, answer)) = cascade.decide(&rules, Tick(t), &frame).costly {
            assert_eq!(answer, by_itself, "{t}");
            found += u32::from(answer.is_anomalous());
        }
    }
    assert!(found >= 5);
}

#[test]
fn settings_are_checked() {
    let tried = |wake| {
        let settings = Settings {
            watcher: sigma::Settings::<2>::DEFAULT,
            costly: mahalanobis::Settings::<2>::DEFAULT,
            wake,
        };
        Its::try_from(settings).map_err(|error| error.field)
    };
    let of_share = |share| {
        tried(Wake {
            share,
            ..Wake::DEFAULT
        })
        .err()
    };
    for share in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert_eq!(of_share(share), Some("share"));
    }
    let never = Wake {
        check: Some(0),
        ..Wake::DEFAULT
    };
    assert_eq!(tried(never).err(), Some("check"));
    assert!(tried(Wake::DEFAULT).is_ok());
    assert_eq!(rules(Wake::DEFAULT).wake(), Wake::DEFAULT);
}

#[test]
fn the_state_is_12_bytes_beside_both() {
    let both = Sigma::<2>::STATE_BYTES + Mahalanobis::<2>::STATE_BYTES;
    assert_eq!(Both::STATE_BYTES, (both + 9).next_multiple_of(8));
}

proptest! {
    /// Broken by a blind row that counts as one asleep.
    #[test]
    fn whatever_comes_the_gaps_are_bounded(
        bits in prop::collection::vec(prop::array::uniform2(prop_oneof![
            any::<u32>().prop_map(f32::from_bits),
            -50.0_f32..50.0,
        ]), 1..200),
        hold in 0_u32..5,
        check in 1_u32..9,
    ) {
        let wake = Wake { hold, check: Some(check), ..Wake::DEFAULT };
        let (rules, mut cascade, mut gap) = (rules(wake), fresh(), 0);
        for (t, row) in (0..).zip(&bits) {
            let verdict = cascade.decide(&rules, Tick(t), &row.map(Into::into));
            match (verdict.costly, verdict.watcher.state) {
                (Some(_), _) => gap = 0,
                (None, State::Blind { .. }) => {}
                (None, _) => gap += 1,
            }
            prop_assert!(gap < check);
        }
    }
}
