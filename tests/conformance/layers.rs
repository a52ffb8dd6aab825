//! Layers by table, convolutions and recurrent layers: bit by bit against their equations in 64
//! bits, and against f32.

use bellwether::Model;
use bellwether::ModelError;
use bellwether::model::{Activation, Cell, Head, Order, QuantParams, Rounding};
use bellwether::network::quantise as point;
use bellwether::network::{Activations, CacheLine, Network};
use bellwether_conformance::extreme::every_kind;
use bellwether_conformance::kinds::{cell, conv, dense, net, quantised, rows};
use bellwether_conformance::network::{layer, naive_layer};
use bellwether_conformance::numbers::Numbers;
use bellwether_sim::model::float::{FloatLayer, FloatNet, Function};
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::quantise::{Quantised, Settings, table};
use bellwether_sim::model::{
    Blob, BlobLayer, CurveLayer, GateWeights, Judging, RecurrentLayer, Stored,
};
use proptest::prelude::*;

const ROOM: usize = 4096;

fn stored(quantised: &Quantised, rounding: Rounding) -> Stored {
    let inputs = quantised.layers[0].inputs();
    let blob = Blob {
        rounding,
        head: Head::Outputs,
        features: Variables::numbered(inputs).features,
        scales: Vec::new(),
        window: 1,
        input: quantised.input,
        layers: quantised.layers.clone(),
        thresholds: Vec::new(),
        saturation_limit: None,
        training: None,
        judging: Judging::default(),
    };
    Stored::new(&blob.to_bytes().expect("a model"))
}

/// Runs the model over rows; every layer must give what its equation gives.
fn outputs_as_by_hand(
    quantised: &Quantised,
    rounding: Rounding,
    rows: &[Vec<f32>],
) -> Vec<Vec<i16>> {
    let stored = stored(quantised, rounding);
    let model = Model::parse(stored.bytes()).expect("a model");
    let macs: u64 = model.layers().map(|layer| layer.macs()).sum();
    assert_eq!(macs, model.macs());
    let network = Network::<ROOM>::new(model).expect("fits");
    let mut memory = vec![CacheLine::ZERO; network.packed_lines()];
    let panelled = network.with_packed_weights(&mut memory).expect("enough");
    // What was there before must not matter.
    let mut activations = Activations::new();
    activations.inputs().fill(12_345);
    let run = rows.iter().map(|row| {
        let mut x: Vec<i16> = row.iter().map(|x| point(&quantised.input, *x).0).collect();
        for (place, x) in activations.inputs().iter_mut().zip(&x) {
            *place = *x;
        }
        let start = x.clone();
        let outputs = network.run_layers(&mut activations, |k, outputs| {
            x = naive_layer(&quantised.layers[k], rounding, &x);
            assert_eq!(outputs, x, "layer {k}, {rounding:?}");
        });
        let outputs = outputs.to_vec();
        activations.inputs()[..start.len()].copy_from_slice(&start);
        assert_eq!(
            panelled.run(&mut activations),
            outputs,
            "panels, {rounding:?}"
        );
        outputs
    });
    run.collect()
}

/// Largest difference from f32, in real units.
fn largest_error(net: &FloatNet, quantised: &Quantised, rows: &[Vec<f32>]) -> f32 {
    let grid: QuantParams = quantised
        .layers
        .last()
        .map(BlobLayer::output)
        .expect("layers");
    let ours = outputs_as_by_hand(quantised, Rounding::Single, rows);
    let mut most = 0.0_f32;
    for (row, ours) in rows.iter().zip(&ours) {
        for (float, ours) in net.forward(row).iter().zip(ours) {
            most = most.max((float - grid.real(*ours)).abs());
        }
    }
    most
}

/// Hidden values whose weights differ by up to 2^7 in size: broken by integers that spend their steps on
/// the largest column. The same network with even columns sets the measure.
#[test]
fn hidden_values_of_uneven_size_lose_hardly_more_than_even_ones() {
    let numbers = &mut Numbers(11);
    let even = net(vec![
        dense(numbers, 20, 32, Function::Relu),
        dense(numbers, 32, 20, Function::Linear),
    ]);
    let mut uneven = even.clone();
    let factor = |unit: usize| 2.0_f32.powi((unit % 8) as i32);
    let [FloatLayer::Dense(first), FloatLayer::Dense(last)] = &mut uneven.layers[..] else {
        unreachable!("both are dense");
    };
    for (unit, row) in first.weights.chunks_mut(20).enumerate() {
        row.iter_mut().for_each(|weight| *weight *= factor(unit));
        first.biases[unit] *= factor(unit);
    }
    for row in last.weights.chunks_mut(32) {
        for (unit, weight) in row.iter_mut().enumerate() {
            *weight /= factor(unit);
        }
    }
    let rows = rows(numbers, 20, 60);
    let [even, uneven] = [even, uneven].map(|net| {
        let quantised = quantised(&net, &rows, &Settings::wide());
        largest_error(&net, &quantised, &rows)
    });
    // Factors are powers of two, rounded up.
    assert!(uneven <= 2.0 * even, "{uneven} {even}");
}

const FREE: Settings = Settings {
    inputs: (0.0, 1.0),
    wide_inputs: false,
    per_channel: false,
    wide_up_to: 64,
    one_grid: false,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Broken by a table that is read off by one, a frame of padding too few, a gate or a state
    /// that is mixed up, or any rounding that is not the documented one.
    #[test]
    fn every_kind_gives_the_bits_of_its_equations(
        seed in any::<u64>(),
        (frames, channels) in (2_usize..7, 1_usize..11),
        (filters, kernel, stride) in (1_usize..9, 1_usize..4, 1_usize..3),
        (before, after) in (0_usize..3, 0_usize..3),
        (first, second, third) in (1_usize..10, 1_usize..10, 1_usize..20),
        gru in any::<(bool, bool)>(),
        wide_up_to in prop::sample::select(vec![0_usize, 5, 64]),
        (per_channel, tiles) in any::<(bool, bool)>(),
        rounding in prop::sample::select(Rounding::ALL.to_vec()),
        function in prop::sample::select(vec![
            Function::Linear, Function::Relu, Function::LeakyRelu(0.1), Function::Tanh,
            Function::Sigmoid, Function::Clamp(-0.3, 0.4),
        ]),
    ) {
        prop_assume!(kernel <= frames);
        let numbers = &mut Numbers(seed);
        let slide = (kernel, stride, before, after);
        let sliding = conv(numbers, (frames, channels, filters), slide, function);
        let times = sliding.outputs() / filters;
        let layers = vec![
            sliding,
            cell(numbers, (times, filters, first), true, gru.0),
            cell(numbers, (times, first, second), false, gru.1),
            dense(numbers, second, third, function),
            dense(numbers, third, 3, Function::Linear),
        ];
        let net = net(layers);
        let rows = rows(numbers, net.inputs, 4);
        let settings = Settings { per_channel, wide_up_to, ..FREE };
        let mut quantised = quantised(&net, &rows, &settings);
        if tiles {
            quantised.layers = quantised.layers.into_iter().map(BlobLayer::in_tiles).collect();
        }
        outputs_as_by_hand(&quantised, rounding, &rows);
    }
}

/// About twice the error of 8-bit weights that was measured: broken by a wrong scale, gate or table,
/// which costs far more.
#[test]
fn integers_stay_close_to_f32() {
    let numbers = &mut Numbers(7);
    let cases = [
        (
            "lstm",
            vec![cell(numbers, (10, 20, 16), false, false)],
            0.004,
        ),
        ("gru", vec![cell(numbers, (10, 20, 16), false, true)], 0.012),
        (
            "dense with tanh",
            vec![
                dense(numbers, 40, 24, Function::Tanh),
                dense(numbers, 24, 40, Function::Sigmoid),
            ],
            0.004,
        ),
        (
            "convolution",
            vec![
                conv(numbers, (12, 6, 16), (3, 1, 1, 1), Function::LeakyRelu(0.1)),
                conv(numbers, (12, 16, 6), (3, 2, 0, 0), Function::Linear),
            ],
            0.03,
        ),
        (
            "recurrent autoencoder",
            vec![
                cell(numbers, (10, 30, 16), true, false),
                cell(numbers, (10, 16, 8), false, false),
                dense(numbers, 8, 16, Function::Relu),
                dense(numbers, 16, 30, Function::Linear),
            ],
            0.006,
        ),
    ];
    for (name, layers, bound) in cases {
        let net = net(layers);
        let rows = rows(numbers, net.inputs, 50);
        let quantised = quantised(&net, &rows, &FREE);
        let found = largest_error(&net, &quantised, &rows);
        println!("{name}: largest error {found}");
        assert!(found < bound, "{name}: {found}");
        assert!(found > 0.0, "{name}: integers cannot be exact");
    }
}

/// Lines between points lose at most an eighth of the curvature times the distance squared; entries
/// and results are rounded to half a step each, and 1 itself is a step out of reach. Broken by
/// a table or an interpolation that is off by one step, and by a document that says otherwise.
#[test]
fn interpolation_is_as_accurate_as_documented() {
    let state = RecurrentLayer::OUTPUT;
    let document = include_str!("../../docs/formats/model-blob.md");
    for (function, curvature) in [(Function::Tanh, 0.7699), (Function::Sigmoid, 0.0963)] {
        for bits in [12, 11, 10, 9, 8] {
            let scale = 0.5_f32.powi(bits);
            let grid = QuantParams { scale, ..state };
            let layer = BlobLayer::Lookup(table(function, 1, &grid, state));
            let mut most = 0.0_f64;
            for q in i16::MIN..=i16::MAX {
                let y = naive_layer(&layer, Rounding::Single, &[q])[0];
                let real = f64::from(q) * f64::from(scale);
                let exact = match function {
                    Function::Tanh => real.tanh(),
                    _ => 1.0 / (1.0 + (-real).exp()),
                };
                most = most.max((f64::from(y) / 32_768.0 - exact).abs());
            }
            let distance = 128.0 * f64::from(scale);
            let bound = curvature * distance * distance / 8.0 + 1.0 / 32_768.0;
            assert!(most <= bound, "{function:?}, {bits} bits: {most} > {bound}");
            let row = match function {
                Function::Tanh => format!("| {bits} | {:.2}e-4 | ", most * 1e4),
                _ => format!(" | {:.2}e-4 |", most * 1e4),
            };
            println!("{function:?} {row}");
            let told =
                |line: &str| line.starts_with(&format!("| {bits} | ")) && line.contains(&row);
            assert!(
                document.lines().any(told),
                "docs/formats/model-blob.md: {row}"
            );
        }
    }
}

/// LiteRT 2.3.0 was given networks of one int8 LOGISTIC or TANH and every input; it answers the
/// same with its reference kernels, its own and XNNPACK. Broken by another rounding.
#[test]
fn narrow_tables_are_those_of_litert() {
    let mut compared = 0;
    let lines = include_str!("../expect/litert_tables.csv").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(',').collect();
        let [name, scale, zero_point, entries] = fields[..] else {
            panic!("four fields: {line}");
        };
        let (function, scale_out, zero_out) = match name {
            "tanh" => (Function::Tanh, 1.0 / 128.0, 0),
            "sigmoid" => (Function::Sigmoid, 1.0 / 256.0, -128),
            other => panic!("{other}"),
        };
        let grid = |scale, zero_point| QuantParams {
            scale,
            zero_point,
            wide: false,
        };
        let input = grid(scale.parse().unwrap(), zero_point.parse().unwrap());
        let ours = table(function, 1, &input, grid(scale_out, zero_out));
        let theirs: Vec<i16> = entries
            .split(' ')
            .map(|entry| entry.parse().unwrap())
            .collect();
        assert_eq!(ours.table, theirs, "{name} {scale} {zero_point}");
        compared += theirs.len();
    }
    assert_eq!(compared, 6 * 256);
}

/// Extreme weights and tables without order, as the boards are given them by `cargo verify ad01`.
#[test]
fn every_kind_in_one_network_gives_the_bits_of_its_equations() {
    for rounding in Rounding::ALL {
        for order in [Order::Rows, Order::Tiles] {
            let blob = every_kind(rounding, order, Head::Outputs);
            let stored = Stored::new(&blob.to_bytes().expect("a model"));
            let network = Network::<ROOM>::new(Model::parse(stored.bytes()).unwrap()).unwrap();
            let inputs = blob.layers[0].inputs();
            for vector in Numbers(7).vectors(inputs, 200).chunks(inputs) {
                let mut x: Vec<i16> = vector.iter().map(|q| i16::from(*q)).collect();
                let mut activations = Activations::new();
                activations.inputs()[..inputs].copy_from_slice(&x);
                network.run_layers(&mut activations, |k, outputs| {
                    x = naive_layer(&blob.layers[k], rounding, &x);
                    assert_eq!(outputs, x, "layer {k}, {rounding:?}");
                });
            }
        }
    }
}

/// Against f64: straight lines between entries are up to 1/24² · f'' / 8 = 2.1e-5 away, entries 2^-17 and outputs
/// 2^-16, together 4.4e-5; lines and entries of tanh twice that. Broken by a wrong half, a wrong step, or an end
/// of the table.
#[test]
fn curves_are_sigmoid_and_tanh() {
    use bellwether::model::Function as Kind;
    let table = |k: u32| (65_536.0 / (1.0 + (-f64::from(k) / 24.0).exp())).round() as u16;
    for (function, allowed) in [(Kind::Sigmoid, 4.4e-5), (Kind::Tanh, 7.3e-5)] {
        let curve = CurveLayer {
            values: 1,
            function,
            multiplier: 3,
            shift: 0,
            table: (0..256).map(table).collect(),
        };
        let quantised = Quantised {
            input: QuantParams {
                scale: 0.5_f32.powi(12),
                ..RecurrentLayer::OUTPUT
            },
            layers: vec![curve.into()],
        };
        let stored = stored(&quantised, Rounding::Single);
        let network = Network::<4>::new(Model::parse(stored.bytes()).unwrap()).unwrap();
        let mut activations = Activations::new();
        for q in -32_767..=32_767_i16 {
            activations.inputs()[0] = q;
            let y = f64::from(network.run(&mut activations)[0]) / 32_768.0;
            let x = f64::from(q) / 4096.0;
            let wanted = match function {
                Kind::Tanh => x.tanh(),
                _ => 1.0 / (1.0 + (-x).exp()),
            };
            assert!((y - wanted).abs() < allowed, "{function:?} {x}: {y}");
        }
    }
}

/// By hand: a quarter of -2 is -1/2, which becomes 0 upwards and -1 away from zero. Broken by a layer that
/// follows the model in place of its own rule, or the other way round.
#[test]
fn a_layers_own_rounding_goes_before_the_models() {
    let (up, away) = (Rounding::Single, Rounding::DoubleTiesAway);
    for (model, own, wanted) in [
        (up, None, 0),
        (up, Some(away), -1),
        (away, None, -1),
        (away, Some(up), 0),
    ] {
        let mut layer = layer(1, 1);
        (layer.weights, layer.biases) = (vec![1], vec![0]);
        layer.multipliers = vec![(1 << 30, -1)];
        layer.rounding = own;
        let grid = layer.output;
        let quantised = Quantised {
            input: QuantParams {
                zero_point: 0,
                ..grid
            },
            layers: vec![layer.into()],
        };
        let stored = stored(&quantised, model);
        let parsed = Model::parse(stored.bytes()).unwrap();
        assert_eq!(parsed.layers().next().unwrap().rounding(), own);
        let network = Network::<4>::new(parsed).unwrap();
        let mut activations = Activations::new();
        activations.inputs()[0] = -2;
        assert_eq!(network.run(&mut activations), [wanted + grid.zero_point]);
    }
}

/// Kernels for tiles negate inputs, which -32,768 does not survive.
#[test]
fn tiles_are_refused_behind_a_layer_that_gives_the_smallest_number() {
    let made = |low: i16| {
        let mut first = layer(4, 4);
        (first.output.wide, first.output.zero_point) = (true, 0);
        (first.activation, first.low, first.high) = (Activation::Clamp, low, i16::MAX);
        let mut second = layer(4, 4).in_tiles();
        second.wide_inputs = true;
        let blob = Blob {
            rounding: Rounding::Single,
            head: Head::Outputs,
            features: Variables::numbered(4).features,
            scales: Vec::new(),
            window: 1,
            input: layer(4, 4).output,
            layers: vec![first.into(), second.into()],
            thresholds: Vec::new(),
            saturation_limit: None,
            training: None,
            judging: Judging::default(),
        };
        blob.to_bytes().map(|_| blob.layers)
    };
    assert!(made(-i16::MAX).is_ok());
    let order = 96 + 40 + 3;
    assert_eq!(made(i16::MIN), Err(ModelError::Content { offset: order }));
}

/// One value, one unit, one frame: the state is 0, and the equations are short enough to do in
/// reals. Broken by a gate in another's place.
#[test]
fn a_frame_of_each_cell_by_hand() {
    // Input 1000, weights 64, multiplier 1/32: every gate takes 2000.
    for (cell, gates) in [(Cell::Lstm, 4), (Cell::Gru, 3)] {
        let part = |weight: i8| GateWeights {
            weights: vec![weight; gates],
            biases: vec![0; gates],
            multiplier: (1 << 30, -4),
        };
        let grid = QuantParams {
            scale: 0.5_f32.powi(11),
            ..RecurrentLayer::OUTPUT
        };
        let of = |function| table(function, 1, &grid, RecurrentLayer::OUTPUT).table;
        let quantised = Quantised {
            input: RecurrentLayer::OUTPUT,
            layers: vec![BlobLayer::Recurrent(RecurrentLayer {
                cell,
                frames: 1,
                channels: 1,
                units: 1,
                sequence: false,
                wide_inputs: true,
                bits: 11,
                input: part(64),
                state: part(0),
                sigmoid: of(Function::Sigmoid),
                tanh: of(Function::Tanh),
            })],
        };
        let stored = stored(&quantised, Rounding::Single);
        let network = Network::<ROOM>::new(Model::parse(stored.bytes()).unwrap()).unwrap();
        let mut activations = Activations::new();
        activations.inputs()[0] = 1000;
        // In reals: x = 2000 / 2048.
        let x = 2000.0_f64 / 2048.0;
        let sigmoid = 1.0 / (1.0 + (-x).exp());
        let wanted = match cell {
            Cell::Lstm => sigmoid * (sigmoid * x.tanh()).tanh(),
            Cell::Gru => (1.0 - sigmoid) * x.tanh(),
        };
        let found = f64::from(network.run(&mut activations)[0]) / 32_768.0;
        // The cell has 11 bits: half a step of it, and the tables' error three times.
        assert!((found - wanted).abs() < 1e-3, "{cell:?}: {found}, {wanted}");
        assert!(found != 0.0);
    }
}
