//! The laws of every detector, and what is said about input that cannot be used.

use bellwether::repad2::predictor::{
    Ewma, FixedSeedLstm, Persistence, Predictor, SequenceLstm, TabulatedLstm,
};
use bellwether::repad2::{self, Guard, Recheck, Repad2};
use bellwether::rola::{Rola, Rules, Settings};
use bellwether::{
    Blindness, Cause, Detector, Frame, Reading, Snapshot, SnapshotError, State, Tick, testing,
};
use proptest::prelude::*;

type Small<F> = Rola<3, 40, 50, F>;

/// A walk with jumps, the third variable following the first.
fn frames(count: usize, seed: u64) -> Vec<(Tick, Frame<3>)> {
    let mut state = seed;
    let mut noise = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    let (mut a, mut b) = (20.0f32, 300.0f32);
    (0..count)
        .map(|t| {
            a += noise();
            b += 3.0 * noise();
            let jump = if t % 37 > 33 { 15.0 } else { 0.0 };
            let values = [a + jump, b, 2.0 * (a + jump) + 0.1 * noise()];
            (Tick(t as u64), values.map(Reading::from))
        })
        .collect()
}

fn rules(edit: impl FnOnce(&mut Settings<3>)) -> Rules<3, 40, 50> {
    let mut settings = Settings::DEFAULT;
    edit(&mut settings);
    Rules::new(settings).expect("valid settings")
}

fn all_laws<F: Predictor>(edit: impl Fn(&mut Settings<3>) + Copy) {
    let rules = rules(edit);
    let inputs = frames(160, 7);
    testing::deterministic(Small::<F>::new, &rules, &inputs);
    let mut buffer = vec![0; Small::<F>::SNAPSHOT_MAX];
    for cut in [0, 1, 3, 6, 7, 40, 71, 75, 112, 150] {
        let damage = cut == 71;
        testing::survives_a_snapshot(Small::<F>::new, &rules, &inputs, cut, &mut buffer, damage);
    }
}

/// Every setting that has state of its own: what a snapshot could forget.
fn everything_on(settings: &mut Settings<3>) {
    settings.lane.recheck = Recheck::Append;
    settings.lane.guard = Some(Guard {
        error: 0.01,
        samples: 6,
    });
    settings.lane.stuck_after = Some(3);
    settings.lane.restart_after_gap = Some(4);
    settings.lane.min_history = 20;
}

/// As `frames`, with stuck values and gaps.
fn troubled(count: usize, seed: u64) -> Vec<(Tick, Frame<3>)> {
    let mut inputs = frames(count, seed);
    for (k, (tick, frame)) in inputs.iter_mut().enumerate() {
        if k % 23 > 16 {
            frame[1] = Reading::Value(300.0);
        }
        if k % 31 > 24 {
            frame[2] = Reading::Absent(Cause::Sensor);
        }
        tick.0 += 5 * (k as u64 / 50);
    }
    inputs
}

/// Cut at every frame: broken if a counter of repeats, gaps or suspicion is not saved.
#[test]
fn snapshots_hold_what_every_setting_remembers() {
    fn with<F: Predictor>(edit: impl Fn(&mut Settings<3>)) {
        let rules = rules(|settings| {
            everything_on(settings);
            edit(settings);
        });
        let inputs = troubled(160, 7);
        testing::deterministic(Small::<F>::new, &rules, &inputs);
        let mut buffer = vec![0; Small::<F>::SNAPSHOT_MAX];
        for cut in 0..inputs.len() {
            let fresh = Small::<F>::new;
            testing::survives_a_snapshot(fresh, &rules, &inputs, cut, &mut buffer, false);
        }
    }
    with::<TabulatedLstm>(|_| {});
    with::<Ewma>(|_| {});
    with::<FixedSeedLstm>(|settings| settings.lane.epochs_per_frame = Some(20));
}

#[test]
fn every_predictor_obeys_the_laws() {
    fn with<F: Predictor>() {
        all_laws::<F>(|_| {});
        let rules = rules(|_| {});
        testing::warms_up_as_declared(Small::<F>::new(), &rules, &frames(60, 3));
    }
    with::<TabulatedLstm>();
    with::<FixedSeedLstm>();
    with::<FixedSeedLstm<bellwether::math::Pade>>();
    with::<FixedSeedLstm<bellwether::math::Micromath>>();
    with::<Persistence>();
    with::<Ewma>();
}

#[test]
fn the_sequence_lstm_obeys_the_laws() {
    let rules = rules(|_| {});
    let inputs = frames(90, 7);
    testing::deterministic(Small::<SequenceLstm>::new, &rules, &inputs);
    let mut buffer = vec![0; Small::<SequenceLstm>::SNAPSHOT_MAX];
    let fresh = Small::<SequenceLstm>::new;
    testing::survives_a_snapshot(fresh, &rules, &inputs, 71, &mut buffer, false);
}

/// A snapshot taken while a training is cut into epochs resumes in the middle of it.
#[test]
fn training_spread_over_frames_obeys_the_laws_and_keeps_its_budget() {
    for epochs in [1, 7, 20] {
        all_laws::<FixedSeedLstm>(|s| s.lane.epochs_per_frame = Some(epochs));
    }
    let rules = rules(|s| s.lane.epochs_per_frame = Some(20));
    let mut rola = Small::<FixedSeedLstm>::new();
    let mut waited = 0;
    for (tick, frame) in frames(160, 7) {
        let lanes = rola.decide(&rules, tick, &frame).lanes();
        assert!(
            lanes.iter().filter(|a| a.trained).count() <= 1,
            "at most one ends per frame"
        );
        waited += lanes
            .iter()
            .filter(|a| {
                a.state
                    == State::Blind {
                        cause: Blindness::Training,
                    }
            })
            .count();
    }
    assert!(waited > 0, "some frames waited for a training");
}

#[test]
fn a_single_lane_obeys_the_laws() {
    type One = Repad2<40>;
    let rules = repad2::Rules::new(repad2::Settings::DEFAULT).unwrap();
    // Ticks are odd: those between are for frames that cannot be used.
    let inputs = frames(200, 5).into_iter();
    let inputs: Vec<(Tick, Frame<1>)> = inputs
        .map(|(tick, [a, ..])| (Tick(2 * tick.0 + 1), [a]))
        .collect();
    testing::deterministic(One::new, &rules, &inputs);
    testing::warms_up_as_declared(One::new(), &rules, &inputs);
    let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY].map(Reading::Value);
    testing::unusable_inputs_change_nothing(One::new, &rules, &inputs, |k| {
        (k % 3 == 0).then_some((Tick(2 * k as u64), [bad[k / 3 % 3]]))
    });
    let mut buffer = vec![0; One::SNAPSHOT_MAX];
    for cut in [0, 3, 7, 100, 150] {
        let damage = cut == 100;
        testing::survives_a_snapshot(One::new, &rules, &inputs, cut, &mut buffer, damage);
    }
}

/// Broken if a missing frame advances a lane, or if what is missing leaks into a lane beside.
#[test]
fn missing_data_is_a_state_and_changes_nothing_learned() {
    let rules = rules(|_| {});
    let (mut clean, mut gappy) = (Small::<TabulatedLstm>::new(), Small::<TabulatedLstm>::new());
    let inputs = frames(150, 11);
    let mut tick = 0;
    for (k, (_, frame)) in inputs.iter().enumerate() {
        if k % 4 == 0 {
            let bad = [
                Reading::Absent(Cause::Sensor),
                Reading::Value(f32::NAN),
                Reading::Value(f32::INFINITY),
            ];
            let verdict = gappy.decide(&rules, Tick(tick), &bad);
            let causes = [Cause::Sensor, Cause::Missing, Cause::NotFinite];
            for (lane, cause) in verdict.lanes().iter().zip(causes) {
                let cause = cause.into();
                assert_eq!(lane.state, State::Blind { cause });
            }
            assert_eq!(verdict.flagged().next(), None);
            tick += 1;
        }
        let a = clean.decide(&rules, Tick(k as u64), frame).lanes().to_vec();
        let b = gappy.decide(&rules, Tick(tick), frame).lanes().to_vec();
        assert_eq!(a, b, "frame {k}");
        tick += 1;
    }
    // A short frame: what is not given is missing.
    let verdict = gappy.decide(&rules, Tick(tick), &inputs[0].1[..1]);
    assert_eq!(
        verdict.lanes()[2].state,
        State::Blind {
            cause: Cause::Missing.into()
        }
    );
}

#[test]
fn a_tick_that_does_not_advance_is_refused_and_not_learned_from() {
    let rules = rules(|_| {});
    let (mut a, mut b) = (Small::<TabulatedLstm>::new(), Small::<TabulatedLstm>::new());
    for (tick, frame) in frames(100, 2) {
        let want = a.decide(&rules, tick, &frame).lanes().to_vec();
        assert_eq!(b.decide(&rules, tick, &frame).lanes(), want);
        for late in [tick.0, tick.0 / 2] {
            let verdict = b.decide(&rules, Tick(late), &frame);
            let refused = State::Blind {
                cause: Blindness::OutOfOrder,
            };
            assert!(verdict.lanes().iter().all(|lane| lane.state == refused));
        }
    }
}

#[test]
fn a_stuck_sensor_is_blind_until_it_moves() {
    let rules = rules(|s| s.lane.stuck_after = Some(5));
    let mut rola = Small::<TabulatedLstm>::new();
    let mut states = Vec::new();
    for (k, (tick, mut frame)) in frames(60, 9).into_iter().enumerate() {
        if (30..45).contains(&k) {
            frame[1] = Reading::Value(299.0);
        }
        states.push(rola.decide(&rules, tick, &frame).lanes()[1].state);
    }
    let stuck = State::Blind {
        cause: Cause::Stuck.into(),
    };
    for (k, state) in states.iter().enumerate() {
        assert_eq!(
            *state == stuck,
            (35..45).contains(&k),
            "frame {k}: {state:?}"
        );
    }
}

#[test]
fn a_long_gap_restarts_a_lane_where_asked_for() {
    for (limit, restarts) in [(None, false), (Some(11), false), (Some(10), true)] {
        let rules = rules(|s| s.lane.restart_after_gap = limit);
        let mut rola = Small::<TabulatedLstm>::new();
        let inputs = frames(60, 4);
        for (tick, frame) in &inputs[..40] {
            rola.decide(&rules, *tick, frame);
        }
        // Ten ticks are skipped.
        let state = rola.decide(&rules, Tick(50), &inputs[50].1).lanes()[0].state;
        assert_eq!(
            matches!(state, State::Warming { .. }),
            restarts,
            "{limit:?}: {state:?}"
        );
    }
}

#[test]
fn an_inflated_threshold_is_reported_and_the_lane_restarts() {
    let guard = Some(Guard {
        error: 0.5,
        samples: 10,
    });
    let rules = rules(|s| s.lane.guard = guard);
    let mut rola = Small::<TabulatedLstm>::new();
    let blind = State::Blind {
        cause: Blindness::ThresholdInflated,
    };
    let mut fired = Vec::new();
    for t in 0..200u64 {
        // A fall to zero and back: the model accepted at the bottom is wrong for ever after.
        let value = if (60..64).contains(&t) {
            0.01
        } else {
            30.0 + (t % 3) as f32 * 0.01
        };
        let frame = [
            Reading::Value(value),
            Reading::Value(1.0),
            Reading::Value(2.0),
        ];
        let state = rola.decide(&rules, Tick(t), &frame).lanes()[0].state;
        if state == blind {
            fired.push(t);
        }
    }
    // Back at 30 from frame 64 on, ten suspicious samples end at frame 73; the lane that then
    // learns afresh sees nothing suspicious any more.
    assert_eq!(fired, [73]);
    assert_eq!(rola.lane(0).map(repad2::Lane::history), Some(40));
}

#[test]
fn an_alarm_on_few_errors_is_early() {
    let mut seen = [0; 2];
    for (min_history, slot) in [(0, 0), (40, 1)] {
        let rules = rules(|s| s.lane.min_history = min_history);
        let mut rola = Small::<TabulatedLstm>::new();
        for (tick, frame) in frames(44, 7) {
            let lanes = rola.decide(&rules, tick, &frame).lanes();
            assert!(slot == 0 || lanes.iter().all(|lane| !lane.is_anomalous()));
            let state = if slot == 0 {
                State::Anomalous
            } else {
                State::Early
            };
            seen[slot] += lanes.iter().filter(|lane| lane.state == state).count();
        }
    }
    assert!(seen[0] > 0 && seen[0] == seen[1], "{seen:?}");
}

proptest! {
    /// Any bit pattern of any float, at any place: an answer, never a panic; and afterwards the
    /// state can be saved and restored.
    #[test]
    fn hostile_floats_never_break_anything(
        words in prop::collection::vec(any::<[u32; 3]>(), 0..120), settle in any::<bool>(),
    ) {
        fn check<F: Predictor>(words: &[[u32; 3]], settle: bool) -> Result<(), TestCaseError> {
            let rules = rules(|_| {});
            let mut rola = Small::<F>::new();
            let mut calm = frames(30, 1).into_iter();
            let mut tick = 0;
            if settle {
                for (_, frame) in calm.by_ref().take(20) {
                    rola.decide(&rules, Tick(tick), &frame);
                    tick += 1;
                }
            }
            for word in words {
                let frame = word.map(|bits| Reading::Value(f32::from_bits(bits)));
                for lane in rola.decide(&rules, Tick(tick), &frame).lanes() {
                    prop_assert!(lane.score.is_none_or(|s| (0.0..=4096.0).contains(&s)));
                    prop_assert!(lane.threshold.is_none_or(f32::is_finite));
                }
                tick += 1;
            }
            let mut buffer = vec![0; Small::<F>::SNAPSHOT_MAX];
            let used = rola.save(&rules, &mut buffer).unwrap();
            let mut back = Small::<F>::new();
            prop_assert!(back.restore(&rules, &buffer[..used]).is_ok());
            Ok(())
        }
        check::<TabulatedLstm>(&words, settle)?;
        check::<FixedSeedLstm>(&words, settle)?;
        check::<Persistence>(&words, settle)?;
        check::<Ewma>(&words, settle)?;
        if words.len() < 30 {
            check::<SequenceLstm>(&words, settle)?;
        }
    }

    /// Permuted variables give the permuted verdict.
    #[test]
    fn the_order_of_variables_does_not_matter(seed in any::<u64>(), turn in 0usize..6) {
        let order = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]][turn];
        let rules = rules(|_| {});
        let (mut a, mut b) = (Small::<TabulatedLstm>::new(), Small::<TabulatedLstm>::new());
        for (tick, frame) in frames(140, seed) {
            let a = a.decide(&rules, tick, &frame);
            let b = b.decide(&rules, tick, &order.map(|k| frame[k]));
            for (place, k) in order.into_iter().enumerate() {
                prop_assert_eq!(a.lanes()[k], b.lanes()[place]);
                prop_assert_eq!(a.outcome(k), b.outcome(place));
            }
        }
    }
}

#[test]
fn a_snapshot_of_another_shape_is_refused_and_nothing_is_lost() {
    let ours = rules(|_| {});
    let other = rules(|s| s.lane.window = Some(39));
    let mut rola = Small::<TabulatedLstm>::new();
    for (tick, frame) in frames(50, 1) {
        rola.decide(&ours, tick, &frame);
    }
    let mut buffer = vec![0; Small::<TabulatedLstm>::SNAPSHOT_MAX];
    let used = rola.save(&ours, &mut buffer).unwrap();
    let mut back = Small::<TabulatedLstm>::new();
    let bytes = &buffer[..used];
    assert!(matches!(
        back.restore(&other, bytes),
        Err(SnapshotError::Shape { .. })
    ));
    let mut trained = Small::<FixedSeedLstm>::new();
    let refused = trained.restore(&ours, bytes);
    assert!(matches!(refused, Err(SnapshotError::Shape { .. })));
    assert!(matches!(
        back.save(&ours, &mut [0; 30]),
        Err(SnapshotError::BufferFull)
    ));
    let (tick, frame) = frames(1, 1)[0];
    assert_eq!(
        back.observe(&ours, tick, &frame).state,
        State::Warming { left: 6 }
    );
}
