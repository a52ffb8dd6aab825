//! The state machine against the description of RePAD2 written down a second time, in f64 and with
//! two-pass statistics; and trainings that are spread over frames.

use super::*;
use crate::detector::repad2::{LaneSettings, Repad2, Rules, Settings};
use crate::{Detector, Rola, Tick, rola};
use proptest::prelude::*;
use std::vec::Vec;

/// A predictor whose training takes four epochs and learns the last value.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Last(f32);

impl Predictor for Last {
    const NAME: &'static str = "last";
    type Trainer = u16;
    const IDLE: u16 = 4;
    const UNTRAINED: Self = Self(0.0);
    const EPOCHS: u16 = 4;

    fn fit_step(left: &mut u16, [.., last]: &[f32; CONTEXT], budget: &mut u16) -> Fit<Self> {
        let epochs = (*left).min(*budget);
        *left -= epochs;
        *budget -= epochs;
        if *left > 0 {
            return Fit::Pending;
        }
        *left = Self::IDLE;
        Fit::Done(Self(*last))
    }

    fn predict(&self, _: &[f32; CONTEXT]) -> f32 {
        self.0
    }
}

type One = Repad2<40, Last>;

fn rules(edit: impl FnOnce(&mut LaneSettings)) -> Rules<40> {
    let mut settings = Settings::DEFAULT;
    edit(&mut settings.lane);
    Rules::new(settings).unwrap()
}

/// The next frame of a single lane.
fn observe(lane: &mut One, rules: &Rules<40>, reading: Reading) -> Assessment {
    lane.observe(rules, lane.next_tick(), &[reading])
}

/// What the description says of each value: the state, and whether a model was trained.
fn description(values: &[f64], append: bool, window: usize) -> Vec<(&'static str, bool)> {
    let (mut errors, mut scores): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let (mut model, mut trusted) = (0.0, true);
    let error = |value: f64, forecast: f64| (value - forecast).abs() / value.abs().max(1.0);
    let mean3 = |errors: &[f64]| errors.iter().rev().take(3).sum::<f64>() / 3.0;
    let above = |scores: &[f64]| {
        let last = &scores[scores.len().saturating_sub(window)..];
        let n = last.len() as f64;
        let mean = last.iter().sum::<f64>() / n;
        let variance = last.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / n;
        last[last.len() - 1] > mean + 3.0 * variance.sqrt()
    };
    let mut rows = Vec::new();
    for (t, value) in values.iter().copied().enumerate() {
        if t < 7 {
            if t >= 3 {
                errors.push(error(value, model));
            }
            if t >= 5 {
                scores.push(mean3(&errors));
            }
            if t >= 2 {
                model = value;
            }
            rows.push(("warming", t >= 2));
            continue;
        }
        if trusted {
            errors.push(error(value, model));
            scores.push(mean3(&errors));
            if !above(&scores) {
                rows.push(("normal", false));
                continue;
            }
            if !append {
                errors.pop();
                scores.pop();
            }
        }
        let candidate = values[t - 1];
        errors.push(error(value, candidate));
        scores.push(mean3(&errors));
        trusted = !above(&scores);
        if trusted {
            model = candidate;
        }
        rows.push((if trusted { "adapted" } else { "anomalous" }, true));
    }
    rows
}

/// Steps, spikes and noise in eighths, far enough from the threshold for f32 and f64 to agree.
fn stream(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut level = 40.0;
    (0..count)
        .map(|_| {
            level += if next(25) == 0 {
                next(9) as f32 - 4.0
            } else {
                0.0
            };
            let spike = if next(19) == 0 { 30.0 } else { 0.0 };
            level + spike + next(8) as f32 / 8.0
        })
        .collect()
}

proptest! {
    /// Broken by any wrong transition, trust that does not persist, or a re-check that counts
    /// twice or not at all.
    #[test]
    fn the_machine_is_the_described_one(seed in any::<u64>(), append in any::<bool>()) {
        let recheck = if append { Recheck::Append } else { Recheck::Replace };
        let rules = rules(|s| s.recheck = recheck);
        let mut lane = One::new();
        let values = stream(seed, 120);
        let wide: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        let want = description(&wide, append, 40);
        for (t, (value, want)) in values.iter().zip(want).enumerate() {
            let answer = observe(&mut lane, &rules, Reading::Value(*value));
            prop_assert_eq!((answer.state.name(), answer.trained), want, "T {}", t);
        }
    }

    /// Each value gets the same answer, bit for bit, as if trainings took no time: the one that
    /// calls for a training when it ends, and nothing of what comes in between is learned.
    #[test]
    fn a_spread_training_answers_late_and_the_same(
        seed in any::<u64>(), epochs in 1u16..6, junk in any::<u32>(),
    ) {
        let (at_once, spread) = (rules(|_| {}), rules(|s| s.epochs_per_frame = Some(epochs)));
        let (mut a, mut b) = (One::new(), One::new());
        for (t, value) in stream(seed, 120).into_iter().enumerate() {
            let want = observe(&mut a, &at_once, Reading::Value(value));
            let mut answer = observe(&mut b, &spread, Reading::Value(value));
            let mut frames = 1;
            while b.lane().state.fitting != Fitting::Nothing {
                let bits = junk.wrapping_mul(frames * 977);
                let between = [Reading::Value(f32::from_bits(bits)), Reading::Absent(Cause::Sensor)];
                answer = observe(&mut b, &spread, between[bits as usize % 2]);
                frames += 1;
            }
            prop_assert!(frames <= 4u32.div_ceil(epochs.into()), "T {}: {} frames", t, frames);
            // A warm-up training that ends later has answered already.
            if t >= usize::from(WARM_UP) {
                prop_assert_eq!(answer, want, "T {}", t);
            }
        }
        prop_assert_eq!(a.lane().state.errors, b.lane().state.errors);
        prop_assert_eq!(a.lane().trainings(), b.lane().trainings());
    }
}

type Three = Rola<3, 40, 40, Last>;

fn three(epochs: u16) -> rola::Rules<3, 40, 40> {
    let mut settings = rola::Settings::DEFAULT;
    settings.lane.epochs_per_frame = Some(epochs);
    rola::Rules::new(settings).unwrap()
}

/// Broken if a lane that waits for its turn trains on anything but its own values.
#[test]
fn a_lane_that_waited_for_its_turn_expects_its_own_values() {
    let mut rola = Three::new();
    for tick in 0..200 {
        let frame = [20.0, 50.0, 90.0].map(|v| Reading::Value(v + (tick % 3) as f32));
        for (k, lane) in rola
            .decide(&three(1), Tick(tick), &frame)
            .lanes()
            .iter()
            .enumerate()
        {
            let near = [20.0..=22.0, 50.0..=52.0, 90.0..=92.0];
            assert!(
                lane.expected.is_none_or(|e| near[k].contains(&e)),
                "{tick} {k} {lane:?}"
            );
        }
    }
    assert!((0..3).all(|k| rola.lane(k).unwrap().history() > 0));
}

/// Broken if the training of a lane whose sensor fails stays in progress for ever.
#[test]
fn a_dead_sensor_does_not_keep_the_others_from_training() {
    for dies in 0..12 {
        let mut rola = Three::new();
        let mut judged = 0;
        for tick in 0..120 {
            let dead = Reading::Absent(Cause::Sensor);
            let first = if tick < dies {
                Reading::Value(7.0)
            } else {
                dead
            };
            let frame = [first, Reading::Value(50.0), Reading::Value(90.0)];
            let verdict = rola.decide(&three(1), Tick(tick), &frame);
            let normal = verdict
                .lanes()
                .iter()
                .skip(1)
                .filter(|a| a.state == State::Normal);
            judged += normal.count();
        }
        assert!(judged > 100, "dies at {dies}: {judged} judged");
    }
}

/// Broken if a lane that trains again and again takes every turn.
#[test]
fn lanes_that_all_want_to_train_take_turns() {
    let mut rola = Three::new();
    for tick in 0..3000u64 {
        let spike = if tick % 60 == 59 { 500.0 } else { 10.0 };
        let frame = [0.0, 1.0, 2.0].map(|k| Reading::Value(spike + k + (tick % 5) as f32));
        rola.observe(&three(1), Tick(tick), &frame);
    }
    let trainings = [0, 1, 2].map(|k| rola.lane(k).unwrap().trainings());
    let [least, most] = [trainings.iter().min(), trainings.iter().max()].map(Option::unwrap);
    assert!(*least > 20 && most / least < 3, "{trainings:?}");
}
