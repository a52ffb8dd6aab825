//! Weights by hand, the majority of equal records, and voters that earn and lose their weight.

use super::*;
use proptest::prelude::*;

fn rules(span: u16) -> Rules {
    Rules::new(span).expect("above 0")
}

fn record(missed: f32, vain: f32) -> Record {
    Record { missed, vain }
}

/// By hand: a voter wrong in half of its balanced rows has odds 1, in a quarter 3; bounded at 20.
#[test]
fn a_weight_is_the_log_odds_of_being_right() {
    let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-6, "{a} {b}");
    near(record(0.25, 0.25).weight(), 3.0_f32.ln());
    near(record(0.0, 0.5).weight(), 3.0_f32.ln());
    near(record(0.0, 0.0).weight(), 20.0_f32.ln());
    // At random, never and always: nothing is told.
    assert_eq!(record(0.5, 0.5).weight(), 0.0);
    assert_eq!(record(1.0, 0.0).weight(), 0.0);
    assert_eq!(record(0.0, 1.0).weight(), 0.0);
    // Always wrong: not turned round.
    assert_eq!(record(1.0, 1.0).weight(), 0.0);
}

/// By hand: odds 19 and twice 3: ln 19 = 2.94 against 2 ln 3 = 2.20.
#[test]
fn a_voter_with_a_good_record_outvotes_two_with_worse_ones() {
    let records = [record(0.05, 0.05), record(0.25, 0.25), record(0.25, 0.25)];
    let vote = Weighted { records };
    let count = vote.count(&[Some(true), Some(false), Some(false)]);
    assert!(count.raised);
    let by_hand = 19.0_f32.ln() / (19.0_f32.ln() + 2.0 * 3.0_f32.ln());
    assert!((count.share - by_hand).abs() < 1e-6);
    assert!(!vote.count(&[Some(false), Some(true), Some(true)]).raised);
    assert!(vote.count(&[None, Some(true), Some(true)]).raised);
}

/// By hand, span 4: of two anomalous rows one was missed, 1/4 · 3/4; three quiet ones, the last raised.
#[test]
fn a_record_is_a_mean_of_the_last_rows_of_each_kind() {
    let mut vote = Weighted::<1>::new();
    for (raises, outcome) in [(false, true), (true, true), (false, false), (true, false)] {
        vote.learn(rules(4), &[Some(raises)], outcome);
    }
    assert_eq!(vote.records(), &[record(0.1875, 0.25)]);
    vote.learn(rules(4), &[None], true);
    assert_eq!(vote.records(), &[record(0.1875, 0.25)]);
}

/// Broken by accuracy in place of balanced accuracy: a voter that never raises is then right in 9 of 10 rows.
#[test]
fn voters_at_random_and_silent_ones_lose_their_weight() {
    let mut vote = Weighted::<4>::new();
    let mut state = 1_u32;
    for row in 0..4_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (anomalous, random) = (row % 10 == 0, state >> 31 == 1);
        let votes = [Some(anomalous), Some(random), Some(false), Some(true)];
        vote.learn(rules(64), &votes, anomalous);
    }
    let weights = vote.records().map(Record::weight);
    assert_eq!(weights[0], 20.0_f32.ln());
    assert!(weights[1] < 0.3, "{weights:?}");
    assert!(weights[2] < 0.01 && weights[3] < 0.01, "{weights:?}");
}

/// Three detectors agree on one anomaly in ten; the fourth raises in every other row, the fifth never.
#[test]
fn the_answer_itself_tells_who_disagrees() {
    let mut vote = Weighted::<5>::new();
    for row in 0..1_000 {
        let anomalous = row % 10 == 3;
        let (noisy, silent) = (Some(row % 2 == 0), Some(false));
        let votes = [
            Some(anomalous),
            Some(anomalous),
            Some(anomalous),
            noisy,
            silent,
        ];
        assert_eq!(vote.observe(rules(64), &votes).raised, anomalous, "{row}");
    }
    let weights = vote.records().map(Record::weight);
    assert!(weights[..3].iter().all(|weight| *weight > 2.9));
    assert!(weights[3] < 0.3 && weights[4] < 1.0, "{weights:?}");
}

#[test]
fn a_lonely_voter_is_no_judge_of_itself() {
    let mut vote = Weighted::<2>::new();
    assert!(vote.observe(rules(2), &[Some(true), None]).raised);
    assert_eq!(vote, Weighted::new());
    let silence = vote.observe(rules(2), &[None; 2]);
    assert_eq!((silence.raised, silence.share), (false, 0.0));
}

#[test]
fn a_detector_votes_once_it_decides() {
    let of = |state| vote_of(&Assessment::bare(state));
    assert_eq!(of(State::Anomalous), Some(true));
    assert_eq!(of(State::Adapted), Some(false));
    assert_eq!(of(State::Warming { left: 0 }), None);
    assert_eq!(of(State::Early), None);
    assert!(Rules::new(0).is_err());
}

#[test]
fn the_state_is_as_large_as_documented() {
    assert_eq!(size_of::<Weighted<5>>(), 40);
}

/// Broken by a share beyond 1 that is taken.
#[test]
fn a_snapshot_has_every_bit_and_a_damaged_one_changes_nothing() {
    let mut vote = Weighted::<3>::new();
    for row in 0..50 {
        vote.learn(
            rules(7),
            &[Some(row % 3 == 0), Some(true), None],
            row % 5 == 0,
        );
    }
    let mut bytes = [0; Weighted::<3>::SNAPSHOT_MAX];
    let used = vote.save(&mut bytes).expect("room");
    let mut restored = Weighted::new();
    restored.restore(&bytes[..used]).expect("own snapshot");
    assert_eq!(restored, vote);
    for at in 0..used {
        let mut damaged = bytes;
        damaged[at] ^= 0x40;
        assert!(restored.restore(&damaged[..used]).is_err(), "byte {at}");
        assert!(restored.restore(&bytes[..at]).is_err(), "cut to {at}");
    }
    assert_eq!(restored, vote);
    let beyond = Weighted {
        records: [record(0.0, 1.5); 3],
    };
    let used = beyond.save(&mut bytes).expect("room");
    assert!(restored.restore(&bytes[..used]).is_err());
    assert_eq!(restored, vote);
}

fn votes() -> impl Strategy<Value = [Option<bool>; 6]> {
    prop::array::uniform6(any::<Option<bool>>())
}

proptest! {
    #[test]
    fn equal_records_are_the_plain_majority(votes in votes(), missed in 0.0_f32..=1.0, vain in 0.0_f32..=1.0) {
        let vote = Weighted { records: [record(missed, vain); 6] };
        let raising = votes.iter().flatten().filter(|raises| **raises).count();
        let against = votes.iter().flatten().count() - raising;
        prop_assert_eq!(vote.count(&votes).raised, raising > against);
    }

    /// Broken by a weight without bounds, or a record that leaves 0 to 1.
    #[test]
    fn records_and_weights_stay_bounded(rows in prop::collection::vec((votes(), any::<bool>()), 1..200), span in 1_u16..300) {
        let mut vote = Weighted::new();
        for (votes, outcome) in rows {
            vote.learn(rules(span), &votes, outcome);
            let count = vote.observe(rules(span), &votes);
            prop_assert!((0.0..=1.0).contains(&count.share));
            for of in vote.records() {
                prop_assert!((0.0..=1.0).contains(&of.missed()) && (0.0..=1.0).contains(&of.vain()));
                prop_assert!((0.0..=20.0_f32.ln()).contains(&of.weight()));
            }
        }
    }

    /// Votes turned into raising ones never take an alarm back.
    #[test]
    fn one_more_that_raises_never_takes_an_alarm_back(votes in votes(), at in 0_usize..6, records in prop::array::uniform6((0.0_f32..=1.0, 0.0_f32..=1.0))) {
        let vote = Weighted { records: records.map(|(missed, vain)| record(missed, vain)) };
        let mut more = votes;
        more[at] = more[at].map(|_| true);
        prop_assert!(vote.count(&more).share >= vote.count(&votes).share);
    }
}
