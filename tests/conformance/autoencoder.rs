//! Int8 autoencoders: MLPerf Tiny ad01 bit by bit, the arithmetic against 64 bits, and the
//! scores.

use bellwether::autoencoder::{self, Autoencoder, Reason, Windowed, windowed};
use bellwether::error::{Allowed, SettingsError};
use bellwether::model::{Activation, Head, Layer, Order, QuantParams, Rounding, Score, Threshold};
use bellwether::network::{Activations, CacheLine, Network, PackingTooSmall};
use bellwether::testing::Multiplier;
use bellwether::{Cause, Detector, Frame, Model, ModelError, Reading, State, Tick, testing};
use bellwether_conformance::data;
use bellwether_conformance::network::{blob, naive, rescale};
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::{Blob, DenseLayer, Judging, Stored, tflite};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

const FOLDER: &str = "ad01";
const CLIP: &str = "normal_id_01_00000000_logmel_200x128_f32le.bin";
const BANDS: usize = 128;
const CONTEXT: usize = 5;

/// ad01 as a model; `None` where the recordings are absent.
pub fn ad01(rounding: Rounding) -> Option<Stored> {
    let file = data::file(&format!("{FOLDER}/ad01_int8.tflite"))?;
    let network = tflite::read(&std::fs::read(file).expect("readable")).expect("a network");
    let bytes = Blob {
        rounding,
        head: Head::Reconstruction,
        features: Variables::numbered(BANDS).features,
        scales: Vec::new(),
        window: CONTEXT,
        input: network.input,
        layers: network.layers,
        thresholds: Vec::new(),
        saturation_limit: None,
        training: None,
        judging: Judging::default(),
    };
    Some(Stored::new(&bytes.to_bytes().expect("a model")))
}

fn golden() -> Option<Value> {
    let text = std::fs::read(data::file(&format!("{FOLDER}/golden.json"))?).expect("readable");
    Some(serde_json::from_slice(&text).expect("JSON"))
}

/// The clip's 196 windows of 640 values.
fn windows() -> Option<Vec<Vec<f32>>> {
    let bytes = std::fs::read(data::file(&format!("{FOLDER}/{CLIP}"))?).expect("readable");
    let values: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect();
    let starts = 0..=values.len() / BANDS - CONTEXT;
    let window = |k| values[k * BANDS..(k + CONTEXT) * BANDS].to_vec();
    Some(starts.map(window).collect())
}

fn golden_name(rounding: Rounding) -> String {
    rounding.name().replace('-', "_")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn close(ours: f64, wanted: &Value, what: &str) {
    let wanted = wanted.as_f64().expect("a number");
    assert!(
        (ours - wanted).abs() <= 1e-5 * wanted,
        "{what}: {ours} {wanted}"
    );
}

/// Broken by any change of quantisation, requantisation, kernel, packing or score: the digest
/// of every layer over the whole clip, sums, and scores from float input.
#[test]
fn ad01_gives_the_published_bits_under_every_rounding() {
    for rounding in Rounding::ALL {
        let (Some(stored), Some(golden), Some(windows)) = (ad01(rounding), golden(), windows())
        else {
            return;
        };
        let wanted = &golden["roundings"][golden_name(rounding)];
        let model = Model::parse(stored.bytes()).expect("a model");
        assert_eq!(model.arena_len(), 768);
        assert_eq!(model.macs(), 264_192);
        let never = Threshold::by_hand(Score::MeanSquare, f32::MAX);
        let rules = autoencoder::Rules::<768>::new(autoencoder::Settings {
            model,
            threshold: Some(never),
        })
        .expect("fits");
        let mut memory = vec![CacheLine::ZERO; rules.network().packed_lines()];
        let panelled = rules.with_packed_weights(&mut memory).expect("enough");
        let mut detector = Autoencoder::new();
        let mut activations = Activations::<768>::new();
        let mut inputs = Sha256::new();
        let mut digests = vec![Sha256::new(); 10];
        let mut sums = [0_i64; 10];
        let mut scores = Vec::new();
        for window in &windows {
            for (place, x) in activations.inputs().iter_mut().zip(window) {
                let grid = model.input_grid();
                *place = bellwether::network::quantise(&grid, *x).0;
                inputs.update([*place as u8]);
            }
            let outputs = rules.network().run_layers(&mut activations, |k, outputs| {
                let bytes: Vec<u8> = outputs.iter().map(|q| *q as u8).collect();
                digests[k].update(bytes);
                sums[k] += outputs.iter().copied().map(i64::from).sum::<i64>();
            });
            let answer = detector.assess(&panelled, window);
            assert_eq!(detector.outputs(&panelled), outputs);
            let score = answer.score.expect("a score");
            assert_eq!(answer.state, State::Normal);
            assert_eq!(score.to_bits(), detector.scores().mean_square.to_bits());
            scores.push(f64::from(score));
        }
        assert_eq!(golden["input"]["sha256"], hex(&inputs.finalize()));
        for (k, digest) in digests.into_iter().enumerate() {
            let ours = hex(&digest.finalize());
            assert_eq!(wanted["layer_sha256"][k], ours, "{rounding:?} layer {k}");
            assert_eq!(
                wanted["layer_sums_clip"][k], sums[k],
                "{rounding:?} layer {k}"
            );
        }
        close(scores[0], &wanted["score_window0"], "window 0");
        close(scores[100], &wanted["score_window100"], "window 100");
        close(scores[195], &wanted["score_window195"], "window 195");
        let clip = scores.iter().sum::<f64>() / scores.len() as f64;
        close(clip, &wanted["score_clip"], "clip");
    }
}

/// Broken by an error that needs saturated inputs: random, sinusoid and extreme vectors.
#[test]
fn ad01_gives_the_published_outputs_of_thirty_vectors() {
    let Some(table) = data::Table::read(&format!("{FOLDER}/golden_io.csv")) else {
        return;
    };
    let numbers = |row: &[String]| -> Vec<i16> {
        let number = |field: &String| field.parse().expect("int8");
        row[2..].iter().map(number).collect()
    };
    let mut compared = 0;
    for rounding in Rounding::ALL {
        let Some(stored) = ad01(rounding) else {
            return;
        };
        let model = Model::parse(stored.bytes()).expect("a model");
        let network = Network::<768>::new(model).expect("fits");
        let mut input = Vec::new();
        for row in &table.rows {
            if row[1] == "input" {
                input = numbers(row);
            } else if row[1] == golden_name(rounding) {
                let mut activations = Activations::new();
                activations.inputs()[..input.len()].copy_from_slice(&input);
                assert_eq!(
                    network.run(&mut activations),
                    numbers(row),
                    "{} {rounding:?}",
                    row[0]
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 90);
}

/// By hand: ties, signs, and the sums furthest from zero.
#[test]
fn the_three_roundings_differ_where_they_are_said_to() {
    let half = 1 << 30; // q31 of 0.5: with shift 0, M = 1/2; with shift -1, M = 1/4
    let cases = [
        // accumulator, right shift, single, double half up, double ties away
        (1, 0, 1, 1, 1),
        (-1, 0, 0, 0, 0),
        (3, 1, 1, 1, 1),
        (-3, 1, -1, 0, -1),
        (-1, 1, 0, 0, 0),
        (-2, 1, 0, 0, -1),
        (2, 1, 1, 1, 1),
        (5, 2, 1, 1, 1),
        (3, 2, 0, 1, 1),
        (i32::MAX, 0, 1 << 30, 1 << 30, 1 << 30),
        (i32::MIN, 0, -(1 << 30), -(1 << 30), -(1 << 30)),
        (i32::MIN, 31, 0, 0, -1),
        (i32::MAX, 31, 0, 1, 1),
    ];
    for (accumulator, right, single, half_up, ties_away) in cases {
        let multiplier = Multiplier::new(half, right);
        let found = Rounding::ALL.map(|rounding| multiplier.apply(accumulator, rounding));
        assert_eq!(
            found,
            [single, half_up, ties_away],
            "{accumulator} >> {right}"
        );
    }
}

fn any_rounding() -> impl Strategy<Value = Rounding> {
    prop::sample::select(Rounding::ALL.to_vec())
}

fn any_multiplier() -> impl Strategy<Value = (i32, i32)> {
    prop_oneof![
        (1 << 30..=i32::MAX, -31..=0),
        (Just(i32::MAX), -31..=0),
        (1 << 30..=i32::MAX, -12..=-4),
    ]
}

fn any_weight() -> impl Strategy<Value = i8> {
    prop_oneof![any::<i8>(), Just(-128), Just(127)]
}

/// 8 or 16 bits.
type Wide = bool;

prop_compose! {
    /// A layer with any zero point, clamp, multiplier and weights, from and to values of 8 or 16
    /// bits. The bias leaves room for the products.
    fn any_layer(inputs: usize, outputs: usize, from: Wide, to: Wide)(
        weights in vec(any_weight(), inputs * outputs),
        small in vec(-1_000_000..1_000_000, outputs),
        large in vec(-2_100_000_000..2_100_000_000, outputs),
        small_only in any::<bool>(),
        shared in any::<bool>(),
        multipliers in vec(any_multiplier(), outputs),
        zero_point in -128_i16..=127,
        kind in 0..3,
        ends in (any::<i16>(), any::<i16>()),
    ) -> DenseLayer {
        let output = QuantParams { scale: 0.5, zero_point: if to { 0 } else { zero_point }, wide: to };
        let end = |x: i16| if to { x.max(-i16::MAX) } else { x >> 8 };
        let (activation, low, high) = match kind {
            0 => (Activation::Linear, output.low(), output.high()),
            1 => (Activation::Relu, output.zero_point, output.high()),
            _ => (Activation::Clamp, end(ends.0.min(ends.1)), end(ends.0.max(ends.1))),
        };
        let count = if shared { 1 } else { outputs };
        DenseLayer {
            inputs,
            outputs,
            weights,
            biases: if from || small_only { small } else { large },
            multipliers: multipliers[..count].to_vec(),
            output,
            activation,
            low,
            high,
            order: Order::Rows,
            rounding: None,
            wide_inputs: from,
        }
    }
}

fn any_network() -> impl Strategy<Value = (Vec<DenseLayer>, Vec<i16>)> {
    let sizes = (1_usize..700, 1_usize..40, 1_usize..13);
    let wide = (any::<Wide>(), any::<Wide>(), any::<Wide>());
    (sizes, wide).prop_flat_map(|((a, b, c), (first, second, third))| {
        let layers = (
            any_layer(a, b, false, first),
            any_layer(b, c, first, second),
            any_layer(c, a.min(90), second, third),
        );
        let layers = layers.prop_map(|(x, y, z)| vec![x, y, z]);
        (layers, vec(any_weight().prop_map(i16::from), a))
    })
}

prop_compose! {
    /// Two layers, the first with up to 25 panels.
    fn wide_and_flat()(
        (a, b, c) in (1_usize..140, 1_usize..400, 1_usize..40),
        wide in any::<Wide>(),
    )(
        first in any_layer(a, b, false, wide),
        second in any_layer(b, c, wide, false),
        x in vec(any_weight().prop_map(i16::from), a),
    ) -> (Vec<DenseLayer>, Vec<i16>) {
        (vec![first, second], x)
    }
}

/// Whether this machine puts any of these layers in panels.
fn takes_panels(layers: &[DenseLayer]) -> bool {
    #[cfg(target_arch = "x86_64")]
    let can = is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512bw");
    #[cfg(not(target_arch = "x86_64"))]
    let can = false;
    let fit = |layer: &DenseLayer| layer.inputs >= 4 && !layer.wide_inputs;
    can && layers.iter().any(fit)
}

/// Every layer gives what its equation gives in 64 bits, and the last one the outputs.
fn assert_naive(
    network: &Network<'_, 750>,
    layers: &[DenseLayer],
    rounding: Rounding,
    input: &[i16],
) {
    let mut activations = Activations::new();
    activations.inputs()[..input.len()].copy_from_slice(input);
    let mut x = input.to_vec();
    let outputs = network.run_layers(&mut activations, |k, outputs| {
        x = naive(&layers[k], rounding, &x);
        assert_eq!(outputs, x, "layer {k}");
    });
    let outputs = outputs.to_vec();
    assert_eq!(outputs, x);
    assert_eq!(network.outputs(&activations), outputs);
}

fn plain(layers: Vec<DenseLayer>, rounding: Rounding, head: Head) -> Blob {
    let inputs = layers.first().map_or(0, |layer| layer.inputs);
    Blob {
        rounding,
        head,
        features: Variables::numbered(inputs).features,
        scales: Vec::new(),
        thresholds: Vec::new(),
        saturation_limit: None,
        training: None,
        layers: layers.into_iter().map(Into::into).collect(),
        ..blob()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Broken by any overflow, wrong shift or wrong sign in the requantisation.
    #[test]
    fn requantisation_equals_128_bits(
        accumulator in prop_oneof![any::<i32>(), Just(i32::MIN), Just(i32::MAX), -4096..4096],
        (q31, shift) in any_multiplier(),
        rounding in any_rounding(),
    ) {
        let ours = Multiplier::new(q31, shift.unsigned_abs()).apply(accumulator, rounding);
        prop_assert_eq!(i64::from(ours), rescale(accumulator.into(), q31, shift, rounding));
    }

    /// Broken by tiles that lose, mix up or change a weight, or by a sum that counts the offsets
    /// of tiles: the same network in both orders.
    #[test]
    fn tiles_give_the_bits_of_rows(
        (layers, input) in any_network(),
        rounding in any_rounding(),
    ) {
        let mut tiled = 0;
        let mut both = layers.clone();
        for layer in &mut both {
            for weight in &mut layer.weights {
                *weight = (*weight).max(-127);
            }
        }
        let rows = plain(both.clone(), rounding, Head::Outputs).to_bytes().expect("a model");
        let in_tiles: Vec<DenseLayer> = both.iter().cloned().map(DenseLayer::in_tiles).collect();
        let tiles = plain(in_tiles, rounding, Head::Outputs).to_bytes().expect("a model");
        prop_assert_eq!(rows.len(), tiles.len());
        let mut answers = Vec::new();
        for bytes in [rows, tiles] {
            let stored = Stored::new(&bytes);
            let model = Model::parse(stored.bytes()).unwrap();
            for (layer, written) in model.layers().zip(&both) {
                let Layer::Dense(layer) = layer else { continue };
                tiled += usize::from(layer.order == Order::Tiles);
                for (k, weight) in written.weights.iter().enumerate() {
                    let (output, input) = (k / written.inputs, k % written.inputs);
                    prop_assert_eq!(layer.weight(output, input), i16::from(*weight));
                }
            }
            let network = Network::<750>::new(model).unwrap();
            let mut activations = Activations::new();
            activations.inputs()[..input.len()].copy_from_slice(&input);
            answers.push(network.run(&mut activations).to_vec());
        }
        prop_assert_eq!(&answers[0], &answers[1]);
        prop_assert!(tiled > 0 || both.iter().all(|l| l.inputs < 4 || l.outputs < 4 || l.biases.iter().any(|b| b.abs() > 1_000_000)));
    }

    /// Broken by a kernel that mixes up rows, drops the last ones, or rounds otherwise.
    #[test]
    fn the_portable_kernel_equals_naive_sums_in_64_bits(
        (layers, input) in any_network(),
        rounding in any_rounding(),
    ) {
        let bytes = plain(layers.clone(), rounding, Head::Outputs).to_bytes().expect("a model");
        let stored = Stored::new(&bytes);
        let network = Network::<750>::new(Model::parse(stored.bytes()).unwrap()).unwrap();
        assert_naive(&network, &layers, rounding, &input);
    }

    /// Broken by panels that lose or mix up a weight, an output, a multiplier or the first sums, or
    /// that round otherwise: every layer, from both orders.
    #[test]
    fn panels_give_the_bits_of_the_equations(
        (layers, input) in wide_and_flat(),
        rounding in any_rounding(),
        tiles in any::<bool>(),
    ) {
        let ordered = layers.iter().cloned();
        let ordered = ordered.map(|layer| if tiles { layer.in_tiles() } else { layer });
        let bytes = plain(ordered.collect(), rounding, Head::Outputs).to_bytes().expect("a model");
        let stored = Stored::new(&bytes);
        let network = Network::<750>::new(Model::parse(stored.bytes()).unwrap()).unwrap();
        let mut memory = vec![CacheLine::ZERO; network.packed_lines()];
        prop_assert_eq!(memory.is_empty(), !takes_panels(&layers));
        if let Some((_, short)) = memory.split_first_mut() {
            let needed = network.packed_lines();
            let refused = network.with_packed_weights(short).map(|_| ());
            let found = needed - 1;
            prop_assert_eq!(refused, Err(PackingTooSmall { needed, found }));
        }
        let panelled = network.with_packed_weights(&mut memory).unwrap();
        assert_naive(&panelled, &layers, rounding, &input);
    }

    /// Broken by float sums where integers are promised: same grid on both sides.
    #[test]
    fn scores_on_one_grid_are_exact(
        layer in any_layer(37, 37, false, false),
        x in vec(-40.0_f32..40.0, 37),
    ) {
        let grid = layer.output;
        let mut blob = plain(vec![layer], Rounding::Single, Head::Reconstruction);
        blob.input = grid;
        let stored = Stored::new(&blob.to_bytes().expect("a model"));
        let model = Model::parse(stored.bytes()).unwrap();
        let never = Threshold::by_hand(Score::MaxAbsolute, f32::MAX);
        let rules = autoencoder::Rules::<76>::new(autoencoder::Settings {
            model,
            threshold: Some(never),
        }).unwrap();
        let mut detector = Autoencoder::new();
        let answer = detector.assess(&rules, &x);
        let zero = i64::from(blob.input.zero_point);
        let q = |x: f32| {
            let steps = (f64::from(x) / 0.5).round_ties_even() as i64;
            (steps + zero).clamp(-128, 127)
        };
        let outputs = detector.outputs(&rules).to_vec();
        let errors: Vec<u64> = x
            .iter()
            .zip(&outputs)
            .map(|(x, y)| (q(*x) - i64::from(*y)).unsigned_abs())
            .collect();
        let scores = detector.scores();
        let most = *errors.iter().max().unwrap();
        prop_assert_eq!(answer.score, Some(most as f32 * 0.5));
        let sum: u64 = errors.iter().sum();
        prop_assert_eq!(scores.mean_absolute, sum as f32 * 0.5 / 37.0);
        let squares: u64 = errors.iter().map(|e| e * e).sum();
        prop_assert_eq!(scores.mean_square, squares as f32 * 0.25 / 37.0);
        let [top] = detector.top::<1>(&rules, &x);
        let top = top.unwrap();
        prop_assert_eq!(errors[top.feature], most);
        prop_assert_eq!(Some(top.feature), errors.iter().position(|e| *e == most));
    }
}

fn judged(inputs: &[f32]) -> (bellwether::Assessment, Autoencoder<4>) {
    let stored = Stored::new(&blob().to_bytes().expect("a model"));
    let model = Model::parse(stored.bytes()).expect("a model");
    let rules = autoencoder::Rules::<4>::new(model).expect("calibrated");
    let mut detector = Autoencoder::new();
    (detector.assess(&rules, inputs), detector)
}

/// Broken if a score is made from nothing, or a missing value counts as an error.
#[test]
fn absent_values_are_left_out_and_fewer_than_half_is_blind() {
    let (both, detector) = judged(&[45.0, 2200.0]);
    assert_eq!(detector.scores().compared, 2);
    assert!(both.score.is_some() && both.threshold == Some(1.5));
    for one in [&[45.0, f32::NAN][..], &[45.0], &[f32::INFINITY, 2200.0]] {
        let (answer, detector) = judged(one);
        assert_eq!(detector.scores().compared, 1, "{one:?}");
        assert!(answer.score.is_some(), "{one:?}");
    }
    for (none, cause) in [
        (&[f32::NAN, f32::NAN][..], Cause::Missing),
        (&[], Cause::Missing),
        (&[f32::NEG_INFINITY, f32::NAN], Cause::NotFinite),
    ] {
        let (answer, detector) = judged(none);
        let cause = cause.into();
        assert_eq!(answer.state, State::Blind { cause }, "{none:?}");
        assert_eq!(answer.score, None);
        assert_eq!(detector.scores().compared, 0);
    }
}

/// Broken if clipping hides what lies outside the grid.
#[test]
fn inputs_outside_their_grid_are_an_alarm_of_their_own() {
    let stored = Stored::new(&blob().to_bytes().expect("a model"));
    let model = Model::parse(stored.bytes()).expect("a model");
    let tolerant = Threshold::by_hand(Score::MaxAbsolute, f32::MAX);
    let rules = autoencoder::Rules::<4>::new(autoencoder::Settings {
        model,
        threshold: Some(tolerant),
    })
    .expect("fits");
    let mut detector = Autoencoder::new();
    assert_eq!(detector.assess(&rules, [1e6, 2200.0]).state, State::Normal);
    assert_eq!(detector.saturated(), 1);
    let answer = detector.assess(&rules, [1e6, -1e9]);
    assert_eq!(answer.state, State::Anomalous);
    assert_eq!((answer.score, answer.threshold), (Some(2.0), Some(1.0)));
    assert_eq!(detector.reason(), Some(Reason::Saturated));
    let most = f32::MAX;
    assert_eq!(
        detector.assess(&rules, [most, -most]).state,
        State::Anomalous
    );
}

/// Broken if a variable is named in the scaled unit, or another variable is named.
#[test]
fn the_variable_that_caused_a_score_is_named_in_its_unit() {
    let stored = Stored::new(&blob().to_bytes().expect("a model"));
    let model = Model::parse(stored.bytes()).expect("a model");
    let rules = autoencoder::Rules::<4>::new(model).expect("calibrated");
    let mut detector = Autoencoder::new();
    let inputs = [45.0, 90_000.0];
    let answer = detector.assess(&rules, inputs);
    assert!(answer.is_anomalous());
    assert_eq!(detector.reason(), Some(Reason::Score(Score::MaxAbsolute)));
    let [first, second, none] = detector.top::<3>(&rules, &inputs);
    let (first, second) = (first.expect("one"), second.expect("two"));
    assert_eq!((first.feature, second.feature, none), (1, 0, None));
    assert!((first.value - 90_000.0).abs() < 0.1, "{first:?}");
    assert_eq!(answer.score, Some(first.error));
}

/// Broken if state is carried from one input to the next.
#[test]
fn a_score_does_not_depend_on_the_inputs_before() {
    let stored = Stored::new(&blob().to_bytes().expect("a model"));
    let model = Model::parse(stored.bytes()).expect("a model");
    let rules = autoencoder::Rules::<4>::new(model).expect("calibrated");
    let mut detector = Autoencoder::new();
    let before = detector.assess(&rules, [40.0, 3000.0]);
    for other in [[9e9, -9e9], [f32::NAN, f32::NAN], [20.0, 1000.0]] {
        detector.assess(&rules, other);
        assert_eq!(detector.assess(&rules, [40.0, 3000.0]), before);
    }
}

/// Broken if anything is carried from frame to frame, or warming is claimed.
#[test]
fn an_autoencoder_obeys_the_laws_of_detectors() {
    let stored = Box::leak(Box::new(Stored::new(&blob().to_bytes().expect("a model"))));
    let model = Model::parse(stored.bytes()).expect("a model");
    let rules = windowed::Rules::<2, 1, 4>::new(model).expect("calibrated");
    let frame =
        |k: u64| -> Frame<2> { [20.0 + k as f32, 40.0 * (k * 37 % 90) as f32].map(Reading::Value) };
    let inputs: Vec<(Tick, Frame<2>)> = (0..60).map(|k| (Tick(2 * k), frame(k))).collect();
    let fresh = Windowed::<2, 1, 4>::new;
    testing::deterministic(fresh, &rules, &inputs);
    testing::warms_up_as_declared(fresh(), &rules, &inputs);
    testing::unusable_inputs_change_nothing(fresh, &rules, &inputs, |k| {
        let tick = Tick((2 * k as u64).saturating_sub(1));
        (k % 3 == 2).then_some((tick, [f32::NAN, f32::INFINITY].map(Reading::Value)))
    });
    let states = |anomalous| {
        let mut detector = fresh();
        let judged = inputs
            .iter()
            .map(|(tick, frame)| detector.observe(&rules, *tick, frame));
        judged
            .filter(|answer| answer.is_anomalous() == anomalous)
            .count()
    };
    assert!(
        states(true) > 0 && states(false) > 0,
        "both answers are seen"
    );
}

#[test]
fn rules_refuse_what_cannot_be_judged() {
    let parse = |blob: &Blob| Stored::new(&blob.to_bytes().expect("a model"));
    let stored = parse(&blob());
    let model = Model::parse(stored.bytes()).expect("a model");
    let narrow = autoencoder::Rules::<1>::new(model).map(|_| ());
    let arena = SettingsError::new("arena", 1.0, Allowed::AtLeast(4.0));
    assert_eq!(narrow, Err(arena));
    let network = Network::<1>::new(model).map(|_| ());
    let (needed, found) = (4, 1);
    assert_eq!(network, Err(ModelError::Capacity { needed, found }));
    assert_eq!(bellwether::model::arena_len(stored.bytes()), 4);
    let mut without = blob();
    without.thresholds.clear();
    let stored = parse(&without);
    let model = Model::parse(stored.bytes()).expect("a model");
    let refused = autoencoder::Rules::<4>::new(model).map(|_| ());
    let none = SettingsError::new("model.thresholds", 0.0, Allowed::AtLeast(1.0));
    assert_eq!(refused, Err(none));
    without.head = Head::Outputs;
    let stored = parse(&without);
    let model = Model::parse(stored.bytes()).expect("a model");
    let refused = |model, score, value| {
        let threshold = Some(Threshold::by_hand(score, value));
        let settings = autoencoder::Settings { model, threshold };
        autoencoder::Rules::<4>::new(settings).expect_err("refused")
    };
    let found = refused(model, Score::MaxAbsolute, 1.0);
    assert_eq!((found.field, found.found), ("threshold.score", 1.0));
    let stored = parse(&blob());
    let model = Model::parse(stored.bytes()).expect("a model");
    let found = refused(model, Score::Logit, 1.0);
    assert_eq!((found.field, found.found), ("threshold.score", 5.0));
    let found = refused(model, Score::MaxAbsolute, f32::INFINITY);
    assert_eq!(found.field, "threshold.value");
}
