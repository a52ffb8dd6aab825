//! Heads beside reconstruction, windows of frames, moving thresholds and k of n.

use bellwether::autoencoder::{self, Autoencoder, Windowed, windowed};
use bellwether::model::{Head, Score};
use bellwether::threshold::ema::{self, EmaThreshold};
use bellwether::vote::k_of_n::{self, KOfN};
use bellwether::{Assessment, Blindness, Cause, Detector, Model, Reading, State, Tick};
use bellwether_conformance::halves::{halves, model};
use bellwether_sim::model::{Blob, Stored};
use proptest::collection::vec;
use proptest::prelude::*;

/// Two variables that are reconstructed as they are, with log-variances that are twice the first
/// and twice the second variable.
fn likelihood(certainty: f32) -> Stored {
    let layer = halves(2, &[2, 0, 0, 2, 4, 0, 0, 4], &[0; 4]);
    let mut blob = model(
        Head::Likelihood,
        layer,
        1,
        &[(Score::NegativeLogLikelihood, 3.0)],
    );
    blob.judging.variances = Some((0.5, certainty));
    Stored::new(&blob.to_bytes().expect("a model"))
}

fn observed(stored: &Stored, inputs: &[f32]) -> (Assessment, Autoencoder<8>) {
    let model = Model::parse(stored.bytes()).expect("a model");
    let rules = autoencoder::Rules::<8>::new(model).expect("calibrated");
    let mut detector = Autoencoder::new();
    (detector.assess(&rules, inputs), detector)
}

/// By hand: x is its own mean, so only the variances count. x = 1 is 4 steps; its log-variance
/// 8 steps of 1/2.
#[test]
fn a_likelihood_is_that_of_the_expected_variance() {
    let (answer, detector) = observed(&likelihood(f32::INFINITY), &[1.0, 0.5]);
    assert_eq!(answer.score, Some(0.5 * (4.0 + 2.0) / 2.0));
    assert_eq!(answer.state, State::Normal);
    assert_eq!(detector.scores().mean_square, 0.0);
    // 1.125 is between 4 and 5 steps: 4, ties to even. On one grid errors are whole steps: 0.
    let (answer, _) = observed(&likelihood(f32::INFINITY), &[4.0, 4.0]);
    assert_eq!(answer.score, Some(8.0));
    assert_eq!(answer.state, State::Anomalous);
}

/// Broken if an error counts where the network is not certain, or if nothing certain is an alarm.
#[test]
fn only_what_the_network_is_certain_of_counts() {
    let (answer, detector) = observed(&likelihood(3.0), &[4.0, 0.5]);
    assert_eq!(answer.score, Some(0.5 * 2.0), "the second alone");
    assert_eq!(
        (detector.scores().compared, detector.scores().uncertain),
        (1, 1)
    );
    let (answer, detector) = observed(&likelihood(3.0), &[4.0, 4.0]);
    assert_eq!((answer.state, answer.score), (State::Normal, None));
    assert_eq!(detector.scores().uncertain, 2);
    let (answer, _) = observed(&likelihood(3.0), &[f32::NAN, f32::NAN]);
    let cause = Cause::Missing.into();
    assert_eq!(
        answer.state,
        State::Blind { cause },
        "nothing there is not uncertain"
    );
}

proptest! {
    /// Broken by a wrong sign, a wrong half, or a variance that is mistaken for a deviation.
    #[test]
    fn a_likelihood_equals_the_formula_in_f64(
        weights in vec(-3_i8..=3, 8),
        biases in vec(-20_i32..=20, 4),
        x in vec(-6.0_f32..6.0, 2),
    ) {
        let mut layer = halves(2, &weights, &biases);
        // Outputs on another grid than inputs: errors are against the number itself.
        layer.output.scale = 0.125;
        let mut blob = model(Head::Likelihood, layer, 1, &[(Score::NegativeLogLikelihood, 9.0)]);
        blob.judging.variances = Some((0.0625, f32::INFINITY));
        let stored = Stored::new(&blob.to_bytes().expect("a model"));
        let model = Model::parse(stored.bytes()).unwrap();
        let rules = autoencoder::Rules::<8>::new(model).unwrap();
        let mut detector = Autoencoder::new();
        let answer = detector.assess(&rules, &x);
        let outputs = detector.outputs(&rules).to_vec();
        let wanted = (0..2).map(|k| {
            let error = f64::from(x[k]) - 0.125 * f64::from(outputs[k]);
            let log = 0.0625 * f64::from(outputs[k + 2]);
            (log + error * error * (-log).exp()) / 2.0
        });
        let wanted = wanted.sum::<f64>() / 2.0;
        let found = f64::from(answer.score.unwrap());
        prop_assert!((found - wanted).abs() <= 1e-5 * wanted.abs().max(1.0), "{found} {wanted}");
        let [first, _] = detector.top::<2>(&rules, &x);
        let deviations = |k: usize| {
            let error = f64::from(x[k]) - 0.125 * f64::from(outputs[k]);
            error * (-0.0625 * f64::from(outputs[k + 2]) / 2.0).exp()
        };
        let first = first.unwrap();
        let most = deviations(first.feature);
        prop_assert!((f64::from(first.error) - most).abs() < 1e-4 * most.abs().max(1.0));
        prop_assert!(most.abs() * 1.000_1 >= deviations(1 - first.feature).abs());
    }
}

/// By hand: both outputs are the mean of both inputs. Of 4 alone, with 0 in place of the other, 2 would be
/// missed; with the reconstruction in its place no more than a step of 1/4 is. Broken by a mean that stays.
#[test]
fn an_absent_value_is_completed_by_its_reconstruction() {
    let net = |weights: &[i8]| {
        let layer = halves(2, weights, &[0; 2]);
        let blob = model(Head::Reconstruction, layer, 1, &[(Score::MaxAbsolute, 1.0)]);
        Stored::new(&blob.to_bytes().expect("a model"))
    };
    for inputs in [[4.0, f32::NAN], [f32::NAN, 4.0]] {
        let (answer, detector) = observed(&net(&[1; 4]), &inputs);
        assert!(
            answer.score.is_some_and(|score| score <= 0.25),
            "{answer:?}"
        );
        assert_eq!(detector.scores().compared, 1);
        // Nothing is reconstructed: the error is 4, of half of the values.
        let (answer, _) = observed(&net(&[0; 4]), &inputs);
        assert_eq!(answer.score, Some(2.0));
    }
    let (answer, _) = observed(&net(&[0; 4]), &[4.0, 0.0]);
    assert_eq!(answer.score, Some(4.0), "all are there");
}

/// By hand: the outputs are x itself, the centre is (1, -1): (2 - 1)² + (0 + 1)².
#[test]
fn a_distance_is_squared_and_from_the_centre() {
    let mut blob = model(
        Head::Distance,
        halves(2, &[2, 0, 0, 2], &[0; 2]),
        1,
        &[(Score::Distance, 1.5)],
    );
    blob.judging.centre = vec![1.0, -1.0];
    let stored = Stored::new(&blob.to_bytes().expect("a model"));
    let (answer, mut detector) = observed(&stored, &[2.0, 0.0]);
    assert_eq!((answer.score, answer.state), (Some(2.0), State::Anomalous));
    let (near, _) = observed(&stored, &[1.0, -1.0]);
    assert_eq!((near.score, near.state), (Some(0.0), State::Normal));
    // Without the first variable (0 in its place) the distance is 1 + 1, without the second 1 + 1.
    let model = Model::parse(stored.bytes()).unwrap();
    let rules = autoencoder::Rules::<8>::new(model).unwrap();
    let inputs = [5.0, 0.0];
    let far = detector.assess(&rules, inputs);
    assert_eq!(far.score, Some(17.0));
    let [first, second] = detector.occluded::<2, _>(&rules, &inputs);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(
        (first.feature, first.error),
        (0, 15.0),
        "17 with, 2 without"
    );
    assert_eq!((first.value, first.expected), (5.0, 0.0));
    assert_eq!((second.feature, second.error), (1, 0.0));
    assert_eq!(detector.scores().head, 17.0, "as before");
}

/// Broken if the variable that is replaced counts as missing: with one of three missing, two
/// would be, too many to judge.
#[test]
fn causes_are_found_where_values_are_missing() {
    let mut blob = model(
        Head::Distance,
        halves(3, &[2, 0, 0, 0, 2, 0, 0, 0, 2], &[0; 3]),
        1,
        &[(Score::Distance, 1.5)],
    );
    blob.judging.centre = vec![0.0; 3];
    let stored = Stored::new(&blob.to_bytes().expect("a model"));
    let model = Model::parse(stored.bytes()).unwrap();
    let rules = autoencoder::Rules::<8>::new(model).unwrap();
    let mut detector = Autoencoder::new();
    let inputs = [2.0, f32::NAN, 3.0];
    assert_eq!(detector.assess(&rules, inputs).score, Some(13.0));
    let causes = detector.occluded::<3, _>(&rules, &inputs);
    let found = causes.map(|cause| cause.map(|c| (c.feature, c.error)));
    assert_eq!(found, [Some((2, 9.0)), Some((0, 4.0)), None]);
}

/// By hand: x0 - x1.
#[test]
fn a_logit_is_the_output_and_may_be_negative() {
    let blob = model(
        Head::Logit,
        halves(2, &[2, -2], &[0]),
        1,
        &[(Score::Logit, -1.0)],
    );
    let stored = Stored::new(&blob.to_bytes().expect("a model"));
    for (inputs, score, state) in [
        ([1.0, 3.0], -2.0, State::Normal),
        ([2.0, 3.0], -1.0, State::Normal),
        ([2.0, 2.75], -0.75, State::Anomalous),
    ] {
        let (answer, _) = observed(&stored, &inputs);
        assert_eq!(
            (answer.score, answer.state),
            (Some(score), state),
            "{inputs:?}"
        );
    }
}

/// Broken by a check that is left out: what a head cannot have is refused.
#[test]
fn heads_refuse_what_is_not_theirs() {
    let refused = |blob: Blob| blob.to_bytes().is_err();
    let identity = || halves(2, &[2, 0, 0, 2], &[0; 2]);
    let logit = |layer| model(Head::Logit, layer, 1, &[(Score::Logit, 0.0)]);
    assert!(refused(logit(identity())), "two outputs");
    let mut likelihood = model(Head::Likelihood, halves(2, &[1; 6], &[0; 3]), 1, &[]);
    likelihood.judging.variances = Some((0.5, 0.0));
    assert!(refused(likelihood), "three outputs");
    let mut certain = model(Head::Reconstruction, identity(), 1, &[]);
    certain.judging.variances = Some((0.5, 0.0));
    assert!(refused(certain), "a certainty without variances");
    let mut centre = model(Head::Distance, identity(), 1, &[]);
    assert!(refused(centre.clone()), "no centre");
    centre.judging.centre = vec![0.0, f32::NAN];
    assert!(refused(centre), "a centre that is no point");
    assert!(refused(model(
        Head::Reconstruction,
        identity(),
        1,
        &[(Score::Logit, 0.0)]
    )));
    assert!(refused(model(
        Head::Reconstruction,
        identity(),
        1,
        &[(Score::MaxAbsolute, -1.0)]
    )));
    assert!(!refused(model(
        Head::Reconstruction,
        identity(),
        1,
        &[(Score::MaxAbsolute, 1.0)]
    )));
}

/// Three frames of two variables, all six reconstructed with the oldest and newest mixed.
fn window_of_three() -> &'static Stored {
    let mut weights = [0; 36];
    for k in 0..6 {
        weights[7 * k] = 1;
        weights[6 * k + (k + 2) % 6] = 1;
    }
    let blob = model(
        Head::Reconstruction,
        halves(6, &weights, &[0; 6]),
        3,
        &[(Score::MaxAbsolute, 1.0)],
    );
    Box::leak(Box::new(Stored::new(&blob.to_bytes().expect("a model"))))
}

proptest! {
    /// Broken by frames out of order, a window that is one too short, or a cause that is lost:
    /// frame by frame is the same as window by window.
    #[test]
    fn windows_frame_by_frame_equal_whole_slices(
        frames in vec(vec(prop_oneof![
            8 => -9.0_f32..9.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)
        ], 2), 3..20),
    ) {
        let model = Model::parse(window_of_three().bytes()).unwrap();
        let rules = windowed::Rules::<2, 3, 12>::new(model).unwrap();
        let (mut windowed, mut whole) = (Windowed::<2, 3, 12>::new(), Autoencoder::new());
        let mut kept: Vec<f32> = Vec::new();
        for (k, frame) in frames.iter().enumerate() {
            let readings: Vec<Reading> = frame.iter().map(|x| Reading::from(*x)).collect();
            let answer = windowed.observe(&rules, Tick(k as u64), &readings);
            if frame.iter().all(|x| !x.is_finite()) {
                let cause = readings[0].usable().unwrap_err().into();
                prop_assert_eq!(answer.state, State::Blind { cause });
                kept.clear();
                continue;
            }
            kept.extend(frame);
            if kept.len() < 6 {
                let left = (3 - kept.len() / 2) as u32;
                prop_assert_eq!(answer, Assessment::bare(State::Warming { left }));
                continue;
            }
            let window = &kept[kept.len() - 6..];
            prop_assert_eq!(answer, whole.assess(rules.whole(), window));
            prop_assert_eq!(windowed.top::<6>(&rules), whole.top::<6>(rules.whole(), window));
        }
    }
}

/// Broken if a window crosses a gap, or a tick that does not advance is learned from.
#[test]
fn windows_do_not_cross_gaps() {
    let model = Model::parse(window_of_three().bytes()).unwrap();
    let rules = windowed::Rules::<2, 3, 12>::new(model).unwrap();
    let mut windowed = Windowed::<2, 3, 12>::new();
    let frame = [1.0, 2.0].map(Reading::Value);
    let mut states = Vec::new();
    for tick in [5, 6, 6, 7, 9, 10, 11] {
        states.push(windowed.observe(&rules, Tick(tick), &frame).state);
    }
    let warming = |left| State::Warming { left };
    let cause = Blindness::OutOfOrder;
    let wanted = [
        warming(2),
        warming(1),
        State::Blind { cause },
        State::Normal,
        warming(2),
        warming(1),
        State::Normal,
    ];
    assert_eq!(states, wanted);
}

fn scored(score: f32) -> Assessment {
    Assessment::judged(State::Normal, score, 7.0)
}

/// By hand, k = 1 and a margin of one score: EMA 1, 1, then 9 > 1 + 1 / (1/2).
#[test]
fn a_moving_threshold_finds_an_onset_and_holds_it() {
    let rules = ema::Rules::new(1, 1, 3).unwrap();
    let mut moving = EmaThreshold::new();
    let judged = |moving: &mut EmaThreshold, score| {
        let answer = moving.observe(rules, scored(score));
        (answer.state, answer.threshold)
    };
    assert_eq!(judged(&mut moving, 1.0), (State::Warming { left: 1 }, None));
    assert_eq!(judged(&mut moving, 1.0), (State::Normal, Some(3.0)));
    assert_eq!(
        judged(&mut moving, 3.0),
        (State::Normal, Some(3.0)),
        "strictly above"
    );
    // EMA 2, margin 3: 2 + 6.
    assert_eq!(judged(&mut moving, 9.0), (State::Anomalous, Some(8.0)));
    for _ in 0..2 {
        assert_eq!(
            judged(&mut moving, 8.5),
            (State::Anomalous, Some(8.0)),
            "held"
        );
    }
    // Three are over: 8.5 is flagged once more, but learned from, and so taken for normal.
    assert_eq!(judged(&mut moving, 8.5), (State::Anomalous, Some(8.0)));
    // EMA 2 + (8.5 - 2) / 2, margin 8.5.
    assert_eq!(judged(&mut moving, 8.5), (State::Normal, Some(22.25)));
    assert_eq!(judged(&mut moving, 7.0).0, State::Normal, "back");
}

/// Broken if a flag is held below the threshold of its onset, or the fault is learned from.
#[test]
fn what_falls_back_is_judged_by_the_threshold_of_the_onset() {
    let rules = ema::Rules::new(1, 1, 1000).unwrap();
    let mut moving = EmaThreshold::new();
    let scores = [1.0, 1.0, 9.0, 9.0, 9.0, 2.0, 9.0];
    let anomalous = scores.map(|score| moving.observe(rules, scored(score)).is_anomalous());
    assert_eq!(
        anomalous,
        [false, false, true, true, true, false, true],
        "2 is below 3, and 9 is above 1.5 + 4"
    );
}

/// Broken by a margin that is negative where scores are, or a score so large that it poisons
/// what was learned.
#[test]
fn negative_and_huge_scores_are_judged_too() {
    let rules = ema::Rules::new(1, 1, 0).unwrap();
    let mut moving = EmaThreshold::new();
    let scores = [-1.0, -1.0, -1.0, 1.5];
    let judged = scores.map(|score| moving.observe(rules, scored(score)));
    assert_eq!(judged[2].state, State::Normal, "constant");
    // EMA -1, margin 1: -1 + 2.
    assert_eq!(judged[3].threshold, Some(1.0));
    assert!(judged[3].is_anomalous(), "a step");
    let mut moving = EmaThreshold::new();
    for score in [1.0, f32::MAX, -f32::MAX, f32::MAX, 1.0] {
        let threshold = moving.observe(rules, scored(score)).threshold;
        assert!(
            threshold.is_none_or(f32::is_finite),
            "{score} {threshold:?}"
        );
    }
    let mut buffer = [0; EmaThreshold::SNAPSHOT_MAX];
    let used = moving.save(&rules, &mut buffer).unwrap();
    assert_eq!(EmaThreshold::new().restore(&rules, &buffer[..used]), Ok(()));
}

proptest! {
    /// Broken by a margin over the wrong scores, a mean that starts at 0, or an answer without a
    /// score that is learned from. Against f64, without holding.
    #[test]
    fn a_moving_threshold_equals_the_formula_in_f64(
        scores in vec(0.0_f32..100.0, 1..80),
        shift in 1_u8..6,
        length in 1_u8..=32,
    ) {
        let rules = ema::Rules::new(shift, length, 0).unwrap();
        let mut moving = EmaThreshold::new();
        let a = 0.5_f64.powi(shift.into());
        let mut mean = 0.0;
        for (k, score) in scores.iter().enumerate() {
            let blind = Assessment::blind(Cause::Missing);
            prop_assert_eq!(moving.observe(rules, blind), blind);
            let answer = moving.observe(rules, scored(*score));
            let e = f64::from(*score);
            if k >= length.into() {
                let margin = &scores[k - usize::from(length)..k];
                let sum: f64 = margin.iter().copied().map(f64::from).sum();
                let wanted = mean + sum / f64::from(length) / (1.0 - a);
                let found = f64::from(answer.threshold.unwrap());
                prop_assert!((found - wanted).abs() < 1e-5 * wanted, "{k}: {found} {wanted}");
                prop_assert_eq!(answer.is_anomalous(), *score > answer.threshold.unwrap());
            } else {
                let left = u32::from(length) - k as u32;
                prop_assert_eq!(answer.state, State::Warming { left });
            }
            mean = if k == 0 { e } else { a * e + (1.0 - a) * mean };
        }
    }

    #[test]
    fn a_constant_score_never_alarms_and_a_large_step_does_at_once(
        level in prop_oneof![0.01_f32..1000.0, -1000.0_f32..-0.01],
        shift in 1_u8..=15,
        length in 1_u8..=32,
    ) {
        let rules = ema::Rules::new(shift, length, 100).unwrap();
        let mut moving = EmaThreshold::new();
        for _ in 0..100 {
            prop_assert!(!moving.observe(rules, scored(level)).is_anomalous());
        }
        prop_assert!(moving.observe(rules, scored(4.0 * level.abs())).is_anomalous());
    }

    /// Against a list of all judgements.
    #[test]
    fn k_of_n_counts_the_last_n(
        judgements in vec(any::<bool>(), 1..100),
        n in 1_u8..=32,
        part in 0.0_f64..1.0,
    ) {
        let k = 1 + (part * f64::from(n - 1)).round() as u8;
        let rules = k_of_n::Rules::new(k, n).unwrap();
        let mut confirmation = KOfN::new();
        let mut began: Option<usize> = None;
        for (at, judgement) in judgements.iter().enumerate() {
            let first = (at + 1).saturating_sub(n.into());
            let seen = judgements[first..=at].iter().filter(|j| **j).count();
            prop_assert_eq!(confirmation.observe(rules, *judgement), seen >= k.into());
            began = if seen == 0 { None } else { began.or(Some(at)) };
            prop_assert_eq!(confirmation.began(), began.map(|b| (at - b) as u32));
        }
    }
}

/// Broken by state that a snapshot forgets.
#[test]
fn thresholds_and_confirmations_go_on_after_a_restart() {
    let (moving_rules, confirm) = (
        ema::Rules::new(2, 5, 4).unwrap(),
        k_of_n::Rules::new(2, 3).unwrap(),
    );
    let score = |k: u32| (k * 37 % 11) as f32 + if k % 13 > 10 { 40.0 } else { 1.0 };
    for cut in 0..40 {
        let (mut moving, mut confirmation) = (EmaThreshold::new(), KOfN::new());
        for k in 0..cut {
            let answer = moving.observe(moving_rules, scored(score(k)));
            confirmation.observe(confirm, answer.is_anomalous());
        }
        let (mut restored, mut counted) = (EmaThreshold::new(), KOfN::new());
        let mut buffer = [0; EmaThreshold::SNAPSHOT_MAX];
        let used = moving.save(&moving_rules, &mut buffer).unwrap();
        restored.restore(&moving_rules, &buffer[..used]).unwrap();
        assert_eq!(restored, moving);
        let other = ema::Rules::new(2, 6, 4).unwrap();
        assert!(restored.restore(&other, &buffer[..used]).is_err());
        let mut buffer = [0; KOfN::SNAPSHOT_MAX];
        let used = confirmation.save(&confirm, &mut buffer).unwrap();
        counted.restore(&confirm, &buffer[..used]).unwrap();
        for k in cut..60 {
            let a = moving.observe(moving_rules, scored(score(k)));
            let b = restored.observe(moving_rules, scored(score(k)));
            assert_eq!(a, b);
            let a = confirmation.observe(confirm, a.is_anomalous());
            assert_eq!(counted.observe(confirm, b.is_anomalous()), a);
        }
    }
}
