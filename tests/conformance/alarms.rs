//! From judgements to alarms, and what is true of every head: missing values, inputs before, and
//! the order of variables.

use bellwether::autoencoder::{self, Alarm, Autoencoder, Reason, Windowed, windowed};
use bellwether::model::{Head, Score};
use bellwether::threshold::ema::{self, EmaThreshold};
use bellwether::vote::k_of_n::{self, KOfN};
use bellwether::{
    Assessment, Cause, Detector, Frame, Model, Reading, SnapshotError, State, Tick, testing,
};
use bellwether_conformance::halves::{halves, model};
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::{Blob, Judging, Stored};
use proptest::collection::vec;
use proptest::prelude::*;

/// Room for the networks here.
const N: usize = 24;

/// Variables through weights in halves, output by output.
fn blob(head: Head, features: usize, weights: &[i8], thresholds: &[(Score, f32)]) -> Blob {
    let outputs = weights.len() / features;
    let layer = halves(features, weights, &vec![0; outputs]);
    let (mut variances, mut centre) = (None, Vec::new());
    match head {
        Head::Likelihood => variances = Some((0.25, f32::INFINITY)),
        Head::Distance => centre = vec![0.5; outputs],
        _ => {}
    }
    Blob {
        judging: Judging {
            variances,
            centre,
            ..Judging::default()
        },
        ..model(head, layer, 1, thresholds)
    }
}

fn stored(blob: &Blob) -> Stored {
    Stored::new(&blob.to_bytes().expect("a model"))
}

/// Two variables of which 0 is expected: errors are the values. The first threshold is the
/// largest error's, the second the mean's.
fn of_values(moving: Option<ema::Rules>, confirm: Option<k_of_n::Rules>) -> Blob {
    let thresholds = [(Score::MaxAbsolute, 0.5), (Score::MeanAbsolute, 5.0)];
    let mut blob = blob(Head::Reconstruction, 2, &[0; 4], &thresholds);
    (blob.judging.moving, blob.judging.confirm) = (moving, confirm);
    blob
}

/// What is said of rows, one after another: state, score, threshold, reason, confirmed.
fn said(blob: &Blob, rows: &[[f32; 2]]) -> Vec<(State, Option<f32>, Option<Reason>, bool)> {
    let stored = stored(blob);
    let model = Model::parse(stored.bytes()).unwrap();
    let rules = autoencoder::Rules::<N>::new(model).unwrap();
    let (mut detector, mut alarm) = (Autoencoder::new(), Alarm::new());
    let each = rows.iter().map(|row| {
        let answer = detector.assess(&rules, row);
        let answer = alarm.observe(&rules, &detector, answer);
        let confirmed = alarm.is_confirmed();
        (answer.state, answer.threshold, alarm.reason(), confirmed)
    });
    each.collect()
}

/// By hand, with k = 1 and a margin of one score. Broken if the fixed number of the first threshold
/// still counts, if another threshold does not, or if its score is learned from.
#[test]
fn a_moving_threshold_replaces_the_first_and_only_the_first() {
    let moving = ema::Rules::new(1, 1, 0).unwrap();
    let nan = f32::NAN;
    let rows = [
        [1.0, 0.0],
        [1.0, 0.0],
        [nan, nan],
        [4.0, 0.0],
        [9.0, 9.0],
        [9.0, 0.0],
    ];
    let cause = Cause::Missing.into();
    let (largest, mean) = (Score::MaxAbsolute, Score::MeanAbsolute);
    let wanted = [
        (State::Warming { left: 1 }, None, None, false),
        (State::Normal, Some(3.0), None, false),
        (State::Blind { cause }, None, None, false),
        (
            State::Anomalous,
            Some(3.0),
            Some(Reason::Score(largest)),
            true,
        ),
        // EMA 1 + 3 / 2, margin 4: 10.5, which 9 does not exceed; but the mean exceeds 5.
        (State::Anomalous, Some(5.0), Some(Reason::Score(mean)), true),
        // EMA 5.75, margin 9: both were learned from the largest error, 9, not from the mean.
        (State::Normal, Some(23.75), None, false),
    ];
    assert_eq!(said(&of_values(Some(moving), None), &rows), wanted);
    let without: Vec<State> = said(&of_values(None, None), &rows)
        .into_iter()
        .map(|(state, ..)| state)
        .collect();
    let wanted = [
        State::Anomalous,
        State::Anomalous,
        State::Blind { cause },
        State::Anomalous,
        State::Anomalous,
        State::Anomalous,
    ];
    assert_eq!(without, wanted, "the fixed number is 0.5");
}

/// Broken if what could not be judged counts as normal, or keeps an alarm confirmed.
#[test]
fn an_alarm_is_confirmed_by_k_of_the_last_n_that_were_judged() {
    let blob = of_values(None, k_of_n::Rules::new(2, 3).ok());
    let (bad, good, blind) = ([1.0, 0.0], [0.25, 0.0], [f32::NAN, f32::NAN]);
    let rows = [
        bad, blind, blind, good, bad, blind, good, bad, good, good, bad,
    ];
    let confirmed: Vec<bool> = said(&blob, &rows).into_iter().map(|(.., c)| c).collect();
    let wanted = [
        false, false, false, false, true, false, false, true, false, false, false,
    ];
    assert_eq!(confirmed, wanted);
}

/// Broken if an uncertain network's missing score is taken for 0 and learned from.
#[test]
fn an_uncertain_network_teaches_a_moving_threshold_nothing() {
    // The log-variance is twice the first variable.
    let weights = [0, 0, 0, 0, 4, 0, 4, 0];
    let score = Score::NegativeLogLikelihood;
    let mut blob = blob(Head::Likelihood, 2, &weights, &[(score, 0.0)]);
    blob.judging.variances = Some((0.25, 1.0));
    blob.judging.moving = ema::Rules::new(1, 2, 0).ok();
    let certain = [0.5, 2.0];
    let uncertain = [4.0, 2.0];
    let with = said(&blob, &[certain, uncertain, uncertain, certain, certain]);
    let without = said(&blob, &[certain, certain, certain]);
    assert_eq!(with[1], (State::Normal, None, None, false));
    assert_eq!([with[0], with[3], with[4]], without[..]);
}

/// Every head, four variables, with one threshold each.
fn heads() -> [Blob; 4] {
    let identity = |k: usize| if k.is_multiple_of(5) { 2 } else { 0 };
    let same: Vec<i8> = (0..16).map(identity).collect();
    let zeros = [0; 16];
    let variances = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    let likelihood = [zeros, variances].concat();
    [
        blob(
            Head::Reconstruction,
            4,
            &zeros,
            &[(Score::MeanAbsolute, 9.0)],
        ),
        blob(
            Head::Likelihood,
            4,
            &likelihood,
            &[(Score::NegativeLogLikelihood, 9.0)],
        ),
        blob(Head::Distance, 4, &same, &[(Score::Distance, 99.0)]),
        blob(Head::Logit, 4, &[2, 2, 2, 2], &[(Score::Logit, 99.0)]),
    ]
}

/// By hand: values 1, 2, 3, 4 of which the first ones are missing, and so 0. Errors are the values
/// and log-variances halves of them; the centre is 1/2 everywhere.
#[test]
fn missing_values_are_left_out_and_more_than_half_are_too_many() {
    let half = |x: f64| (x / 2.0 + x * x * (-x / 2.0).exp()) / 2.0;
    for missing in 0..=4_usize {
        let present: Vec<f64> = (missing..4).map(|k| k as f64 + 1.0).collect();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let squares = present.iter().map(|x| (x - 0.5) * (x - 0.5));
        let wanted = [
            // Errors of a reconstruction count by the share of its values that are present.
            present.iter().sum::<f64>() / 4.0,
            mean(present.iter().map(|x| half(*x)).collect()),
            squares.sum::<f64>() + 0.25 * missing as f64,
            present.iter().sum(),
        ];
        let inputs = [0, 1, 2, 3].map(|k| {
            if k < missing {
                f32::NAN
            } else {
                k as f32 + 1.0
            }
        });
        for (blob, wanted) in heads().iter().zip(wanted) {
            let stored = stored(blob);
            let rules =
                autoencoder::Rules::<N>::new(Model::parse(stored.bytes()).unwrap()).unwrap();
            let mut detector = Autoencoder::new();
            let answer = detector.assess(&rules, inputs);
            let name = blob.head.name();
            if missing > 2 {
                let cause = Cause::Missing.into();
                assert_eq!(answer.state, State::Blind { cause }, "{name}, {missing}");
                assert_eq!(answer.score, None, "{name}, {missing}");
            } else {
                assert_eq!(answer.state, State::Normal, "{name}, {missing}");
                let found = f64::from(answer.score.unwrap());
                assert!(
                    (found - wanted).abs() < 1e-5 * wanted,
                    "{name}, {missing}: {found} {wanted}"
                );
            }
        }
    }
}

/// Broken if anything is carried from one row to the next.
#[test]
fn a_score_does_not_depend_on_the_rows_around_it() {
    for blob in heads() {
        let stored = stored(&blob);
        let rules = autoencoder::Rules::<N>::new(Model::parse(stored.bytes()).unwrap()).unwrap();
        let mut detector = Autoencoder::new();
        let row = [1.0, f32::NAN, -2.0, 3.0];
        let alone = detector.assess(&rules, row);
        for other in [[9e9; 4], [f32::NAN; 4], [-1.0, 0.0, 7.0, 2.0]] {
            detector.assess(&rules, other);
            detector.occluded::<2, _>(&rules, &other);
            assert_eq!(detector.assess(&rules, row), alone, "{:?}", blob.head);
        }
    }
}

/// A dense layer's weights with inputs, and with `outputs` groups of outputs, in another order.
fn permuted(weights: &[i8], order: &[usize], groups: usize) -> Vec<i8> {
    let d = order.len();
    let row = |k: usize| &weights[k * d..(k + 1) * d];
    let rows: Vec<usize> = if groups == 0 {
        (0..weights.len() / d).collect()
    } else {
        let group = |g: usize| order.iter().map(move |k| g * d + k);
        (0..groups).flat_map(group).collect()
    };
    let columns = |r: usize| order.iter().map(move |k| row(r)[*k]);
    rows.into_iter().flat_map(columns).collect()
}

proptest! {
    /// Broken if a variable is known by its place: another order of variables, in the model and in
    /// its inputs, permutes the report and changes nothing else.
    #[test]
    fn the_order_of_variables_permutes_the_report_and_nothing_else(
        weights in vec(-3_i8..=3, 50),
        inputs in vec(prop_oneof![6 => -9.0_f32..9.0, 1 => Just(f32::NAN)], 5),
        order in Just([0_usize, 1, 2, 3, 4]).prop_shuffle(),
        head in 0..4_usize,
    ) {
        let (head, groups, outputs, score) = [
            (Head::Reconstruction, 1, 5, Score::MeanSquare),
            (Head::Likelihood, 2, 10, Score::NegativeLogLikelihood),
            (Head::Distance, 0, 3, Score::Distance),
            (Head::Logit, 0, 1, Score::Logit),
        ][head];
        let weights = &weights[..outputs * 5];
        let thresholds = [(score, 4.0)];
        let ours = stored(&blob(head, 5, weights, &thresholds));
        let moved = permuted(weights, &order, groups);
        let theirs = stored(&blob(head, 5, &moved, &thresholds));
        let moved: Vec<f32> = order.iter().map(|k| inputs[*k]).collect();
        let ours = autoencoder::Rules::<N>::new(Model::parse(ours.bytes()).unwrap()).unwrap();
        let theirs = autoencoder::Rules::<N>::new(Model::parse(theirs.bytes()).unwrap()).unwrap();
        let (mut a, mut b) = (Autoencoder::new(), Autoencoder::new());
        let (here, there) = (a.assess(&ours, &inputs), b.assess(&theirs, &moved));
        // Sums of likelihoods are f32, and another order rounds otherwise; all others are exact.
        match (here.score, there.score) {
            (Some(x), Some(y)) if head == Head::Likelihood =>
                prop_assert!((x - y).abs() <= 1e-5 * x.abs().max(1.0), "{x} {y}"),
            (x, y) => prop_assert_eq!(x, y),
        }
        if head != Head::Likelihood {
            prop_assert_eq!(here.state, there.state);
        }
        if groups > 0 {
            let reported = a.contributions(&ours, &inputs).collect::<Vec<_>>();
            let mut back: Vec<_> = b.contributions(&theirs, &moved).collect();
            back.iter_mut().for_each(|c| c.feature = order[c.feature]);
            back.sort_by_key(|c| c.feature);
            prop_assert_eq!(reported, back);
        } else if here.score.is_some() {
            let by_feature = |causes: [Option<_>; 5], place: &dyn Fn(usize) -> usize| {
                let causes = causes.into_iter().flatten();
                let mut all: Vec<autoencoder::Contribution> = causes.collect();
                all.iter_mut().for_each(|c| c.feature = place(c.feature));
                all.sort_by_key(|c| c.feature);
                all
            };
            let reported = by_feature(a.occluded(&ours, &inputs), &|k| k);
            let back = by_feature(b.occluded(&theirs, &moved), &|k| order[k]);
            prop_assert_eq!(reported, back);
        }
    }
}

/// Three frames of two variables whose sum over all frames is the score.
fn window_of_three() -> &'static Stored {
    let mut blob = blob(Head::Logit, 6, &[2; 6], &[(Score::Logit, 10.0)]);
    (blob.window, blob.features) = (3, Variables::numbered(2).features);
    Box::leak(Box::new(stored(&blob)))
}

/// By hand: without the second variable 2 + 2 + 2 are left of 15, without the first 9.
#[test]
fn the_cause_of_a_window_is_a_variable_in_all_frames() {
    let rules = windowed::Rules::<2, 3, N>::new(Model::parse(window_of_three().bytes()).unwrap());
    let rules = rules.unwrap();
    let mut windowed = Windowed::<2, 3, N>::new();
    for (tick, frame) in [[9.0, 9.0], [2.0, 1.0], [2.0, 8.0], [2.0, f32::NAN]]
        .iter()
        .enumerate()
    {
        windowed.observe(&rules, Tick(tick as u64), &frame.map(Reading::Value));
    }
    assert_eq!(windowed.detector().scores().head, 15.0);
    let [first, second] = windowed.occluded::<2>(&rules).map(Option::unwrap);
    assert_eq!((first.feature, first.error), (1, 9.0));
    assert_eq!((first.frame, first.value), (1, 8.0), "the newest there is");
    assert_eq!((second.feature, second.error, second.frame), (0, 6.0, 2));
    assert_eq!(windowed.detector().scores().head, 15.0, "as before");
}

/// A frame that is refused for its tick changes nothing; one without values begins the window anew,
/// which is documented and tested in `heads.rs`.
#[test]
fn a_window_obeys_the_laws_of_detectors() {
    let rules = windowed::Rules::<2, 3, N>::new(Model::parse(window_of_three().bytes()).unwrap());
    let rules = rules.unwrap();
    let frame =
        |k: u64| -> Frame<2> { [k % 5, k * 7 % 11].map(|x| Reading::Value(x as f32 / 2.0)) };
    let inputs: Vec<(Tick, Frame<2>)> = (0..60).map(|k| (Tick(k), frame(k))).collect();
    let fresh = Windowed::<2, 3, N>::new;
    testing::deterministic(fresh, &rules, &inputs);
    testing::warms_up_as_declared(fresh(), &rules, &inputs);
    testing::unusable_inputs_change_nothing(fresh, &rules, &inputs, |k| {
        let before = Tick((k as u64).checked_sub(1)?);
        Some((before, [1e9, -1e9].map(Reading::Value)))
    });
    let mut detector = fresh();
    let judged = inputs
        .iter()
        .map(|(t, frame)| detector.observe(&rules, *t, frame).state);
    let states: Vec<State> = judged.collect();
    assert!(states.contains(&State::Normal) && states.contains(&State::Anomalous));
}

/// An answer with a score and no threshold.
fn scored(score: f32) -> Assessment {
    let mut answer = Assessment::bare(State::Normal);
    answer.score = Some(score);
    answer
}

/// CRC-32/ISO-HDLC, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// A snapshot with another body and the right checksum.
fn forged(own: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = own[..10].to_vec();
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes.extend(body);
    bytes.extend(crc(&bytes).to_le_bytes());
    bytes
}

proptest! {
    /// Broken by a check that is left out: whatever is accepted goes on, and is saved as it was.
    #[test]
    fn forged_snapshots_are_refused_or_make_sense(
        body in vec(prop_oneof![3 => 0_u8..5, 1 => any::<u8>()], 22..25),
        short in vec(0_u8..9, 0..4),
    ) {
        let (moving, confirm) = (ema::Rules::new(3, 4, 9).unwrap(), k_of_n::Rules::new(2, 5).unwrap());
        let mut buffer = [0; EmaThreshold::SNAPSHOT_MAX];
        let used = EmaThreshold::new().save(&moving, &mut buffer).unwrap();
        let bytes = forged(&buffer[..used], &body);
        let mut state = EmaThreshold::new();
        if state.restore(&moving, &bytes).is_ok() {
            let answer = state.observe(moving, scored(1.0));
            prop_assert!(answer.threshold.is_none_or(f32::is_finite));
            let used = state.save(&moving, &mut buffer).unwrap();
            prop_assert_eq!(EmaThreshold::new().restore(&moving, &buffer[..used]), Ok(()));
        } else {
            prop_assert_eq!(state, EmaThreshold::new());
        }
        let used = KOfN::new().save(&confirm, &mut buffer).unwrap();
        let bytes = forged(&buffer[..used], &short);
        let mut state = KOfN::new();
        if state.restore(&confirm, &bytes).is_ok() {
            let used = state.save(&confirm, &mut buffer).unwrap();
            prop_assert_eq!(KOfN::new().restore(&confirm, &buffer[..used]), Ok(()));
        } else {
            prop_assert_eq!(state, KOfN::new());
        }
    }
}

/// Broken if a damaged or senseless snapshot is taken for good.
#[test]
fn snapshots_that_make_no_sense_are_refused() {
    let confirm = k_of_n::Rules::new(2, 3).unwrap();
    let mut confirmation = KOfN::new();
    confirmation.observe(confirm, true);
    let mut buffer = [0; KOfN::SNAPSHOT_MAX];
    let used = confirmation.save(&confirm, &mut buffer).unwrap();
    let own = buffer[..used].to_vec();
    assert_eq!(own[14..used - 4], [1, 1], "judgements and age");
    assert_eq!(forged(&own, &own[14..used - 4]), own);
    for body in [[1, 0], [0, 1], [8, 1]] {
        let refused = KOfN::new().restore(&confirm, &forged(&own, &body));
        let offset = 16;
        assert_eq!(refused, Err(SnapshotError::Content { offset }), "{body:?}");
    }
    let moving = ema::Rules::new(2, 3, 4).unwrap();
    let mut state = EmaThreshold::new();
    for score in [1.0, 2.0, 3.0, 40.0] {
        state.observe(moving, scored(score));
    }
    let mut buffer = [0; EmaThreshold::SNAPSHOT_MAX];
    let used = state.save(&moving, &mut buffer).unwrap();
    let own = buffer[..used].to_vec();
    let mut restored = EmaThreshold::new();
    for length in 0..used {
        assert!(restored.restore(&moving, &own[..length]).is_err());
    }
    for at in 0..used {
        let mut damaged = own.clone();
        damaged[at] ^= 1;
        assert!(restored.restore(&moving, &damaged).is_err(), "byte {at}");
    }
    assert_eq!(restored, EmaThreshold::new());
}
