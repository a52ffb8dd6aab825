//! Stage `ad01`: networks on emulated boards, layer by layer against this machine.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, as_committed, bellwether, folder, recording};
use anyhow::{Context as _, ensure};
use bellwether::Model;
use bellwether::autoencoder::{Activations, Autoencoder, AutoencoderRules, Network};
use bellwether::model::{Activation, Grid, Head, Order, Rounding, Threshold};
use bellwether::testing::digest_of_bytes;
use bellwether_conformance::kinds;
use bellwether_conformance::numbers::Numbers;
use bellwether_sim::board::Board;
use bellwether_sim::board::firmware::Firmware;
use bellwether_sim::cost::Figures;
use bellwether_sim::cost::counter::{Counter, Line};
use bellwether_sim::model::float::Function;
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::quantise::Settings;
use bellwether_sim::model::{Blob, BlobLayer, DenseLayer, Judging, Stored};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const EXPECTED: &str = "tests/expect/ad01.txt";
/// Room for the networks here.
const WIDEST: usize = 768;

/// What runs it, and how its figures are called: Cortex-M4F; code for Cortex-M3 and for Cortex-M0
/// on a Cortex-M3 with enough flash.
fn machines() -> anyhow::Result<[(&'static str, Board); 3]> {
    let m4 = Board::named("qemu-mps2-an386").map_err(anyhow::Error::msg)?;
    let m3 = |target| Board {
        target,
        machine: "mps2-an385",
        ..m4
    };
    Ok([
        ("cortex-m4f", m4),
        ("cortex-m3", m3("thumbv7m-none-eabi")),
        ("cortex-m0", m3("thumbv6m-none-eabi")),
    ])
}

/// Awkward shapes on every machine, under every rounding; then MLPerf Tiny ad01, and what it takes.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let (firmware, folder) = (context.firmware()?, folder("ad01")?);
    let counter = Counter::compile(&folder)?;
    let machines = machines()?;
    for (rounding, order) in [
        (Rounding::Single, Order::Rows),
        (Rounding::Single, Order::Tiles),
        (Rounding::DoubleHalfUp, Order::Rows),
        (Rounding::DoubleTiesAway, Order::Tiles),
    ] {
        let (model, vectors) = awkward(rounding, order)?;
        for (name, board) in &machines {
            let lines = on_board(&firmware, &counter, board, &folder, (&model, &vectors))?;
            let what = format!("awkward shapes, {}, {}", rounding.name(), order.name());
            let compared =
                compare(&lines, &model, &vectors).with_context(|| format!("{name}, {what}"))?;
            println!("{name}: {compared} digests of {what} as on the host");
        }
    }
    for head in [
        Head::Reconstruction,
        Head::Likelihood,
        Head::Distance,
        Head::Logit,
    ] {
        let (model, vectors) = every_kind(head)?;
        for (name, board) in &machines {
            let lines = on_board(&firmware, &counter, board, &folder, (&model, &vectors))?;
            let what = format!("every kind of layer, {}", head.name());
            let compared =
                compare(&lines, &model, &vectors).with_context(|| format!("{name}, {what}"))?;
            println!("{name}: {compared} digests and scores of {what} as on the host");
        }
    }
    let Some(network) = recording("ad01/ad01_int8.tflite")? else {
        return Ok(Outcome::Skipped("no data".into()));
    };
    let table = recording("ad01/golden_io.csv")?.context("golden_io.csv is part of the data")?;
    let mut figures = Figures::default();
    figures
        .facts
        .insert("compiler".to_owned(), firmware.compiler()?);
    for order in [Order::Rows, Order::Tiles] {
        let packed = folder.join("ad01.bwm");
        Step::new(bellwether()?)
            .args([
                "model",
                "pack",
                "--window",
                "5",
                "--weights",
                order.name(),
                "--output",
            ])
            .args([&packed, &network])
            .output()?;
        let model = fs::read(&packed)?;
        let vectors = golden(&table, &model)?;
        for (name, board) in &machines {
            let lines = on_board(&firmware, &counter, board, &folder, (&model, &vectors))?;
            let name = format!("{name}.{}", order.name());
            let compared =
                compare(&lines, &model, &vectors).with_context(|| format!("{name}, ad01"))?;
            println!("{name}: {compared} digests of ad01 as on the host");
            note(&mut figures, &name, &lines);
        }
    }
    print!("{figures}");
    let file = root().join(EXPECTED);
    if context.bless {
        fs::write(&file, figures.to_string())?;
        println!("wrote {EXPECTED}");
        return Ok(Outcome::Done);
    }
    let committed = Figures::parse(&fs::read_to_string(&file).context(EXPECTED)?)?;
    as_committed(&figures, &committed, "cargo verify ad01 --bless")?;
    Ok(Outcome::Done)
}

/// A network of every kind of layer under a head, and vectors for it.
fn every_kind(head: Head) -> anyhow::Result<(Vec<u8>, Vec<i8>)> {
    let numbers = &mut Numbers(77);
    let mut net = kinds::every_kind(5);
    let (inputs, given) = (net.inputs, net.outputs());
    let outputs = match head {
        Head::Likelihood => 2 * inputs,
        Head::Distance => 6,
        Head::Logit => 1,
        _ => given,
    };
    if outputs != given {
        net.layers.pop();
        let last = net.outputs();
        net.layers
            .push(kinds::dense(numbers, last, outputs, Function::Linear));
    }
    let rows = kinds::rows(numbers, inputs, 20);
    let settings = Settings {
        inputs: (-0.5, 1.5),
        one_grid: head == Head::Reconstruction,
        ..Settings::default()
    };
    let quantised = kinds::quantised(&net, &rows, &settings);
    let grid = quantised.input;
    let blob = Blob {
        rounding: Rounding::Single,
        head,
        features: Variables::numbered(5).features,
        scales: Vec::new(),
        window: inputs / 5,
        input: grid,
        layers: quantised
            .layers
            .into_iter()
            .map(BlobLayer::in_tiles)
            .collect(),
        thresholds: Vec::new(),
        outside_limit: None,
        training: None,
        judging: Judging {
            variances: (head == Head::Likelihood).then_some((0.01, 0.3)),
            centre: match head {
                Head::Distance => numbers.many(outputs, 1.0),
                _ => Vec::new(),
            },
            ..Judging::default()
        },
    };
    let point = |x: &f32| bellwether::autoencoder::input::quantise(&grid, *x).0 as i8;
    let vectors = rows.iter().take(6).flatten().map(point);
    let extremes = (0..2 * inputs).map(|k| if k < inputs { -128 } else { 127 });
    Ok((blob.to_bytes()?, vectors.chain(extremes).collect()))
}

/// Builds the program `network` with a model and vectors, and runs it.
fn on_board(
    firmware: &Firmware,
    counter: &Counter,
    board: &Board,
    folder: &Path,
    (model, vectors): (&[u8], &[i8]),
) -> anyhow::Result<Vec<Line>> {
    let (model_file, vectors_file) = (folder.join("model.bwm"), folder.join("vectors.i8"));
    fs::write(&model_file, model)?;
    let bytes: Vec<u8> = vectors.iter().map(|q| q.cast_unsigned()).collect();
    fs::write(&vectors_file, bytes)?;
    let program = firmware
        .clone()
        .with_file("BELLWETHER_MODEL", &model_file)
        .with_file("BELLWETHER_VECTORS", &vectors_file)
        .program(board, "network", &["--features", "network"])?;
    counter.run(board, &program)
}

/// Puts int8 inputs where a network takes them.
fn enter(activations: &mut Activations<WIDEST>, vector: &[impl Copy + Into<i16>]) {
    for (place, q) in activations.inputs().iter_mut().zip(vector) {
        *place = (*q).into();
    }
}

fn digest(values: &[i16]) -> u32 {
    digest_of_bytes(values.iter().flat_map(|q| q.to_le_bytes()))
}

/// Compares what the board said with the same computed here; returns the number of digests.
fn compare(lines: &[Line], model: &[u8], vectors: &[i8]) -> anyhow::Result<usize> {
    let stored = Stored::new(model);
    let model = Model::parse(stored.bytes())?;
    let network = Network::<WIDEST>::new(model)?;
    let judged = model.head().scores().last().and_then(|score| {
        let never = Threshold::by_hand(*score, f32::MAX);
        let rules = AutoencoderRules::<WIDEST>::with_threshold(model, never).ok()?;
        Some((rules, *score))
    });
    let (mut activations, mut detector) = (Activations::new(), Autoencoder::new());
    let mut wanted = Vec::new();
    for (k, vector) in vectors.chunks_exact(model.inputs()).enumerate() {
        enter(&mut activations, vector);
        let outputs = network.trace(&mut activations, |layer, outputs| {
            let digest = digest(outputs);
            wanted.push(format!(
                "layer vector={k} layer={layer} digest={digest:08x}"
            ));
        });
        let digest = digest(outputs);
        wanted.push(format!("inference vector={k} digest={digest:08x}"));
        if let Some((rules, kind)) = &judged {
            let grid = model.input_grid();
            let inputs: Vec<f32> = vector.iter().map(|q| grid.real(i16::from(*q))).collect();
            detector.observe(rules, &inputs);
            ensure!(detector.outputs(rules) == outputs, "two ways, two outputs");
            let score = detector.scores().get(*kind).to_bits();
            wanted.push(format!(
                "observe vector={k} digest={digest:08x} score={score:08x}"
            ));
        }
    }
    let words = |line: &Line| match line {
        Line::Counted(words, _) | Line::Said(words) => words.clone(),
    };
    let said: Vec<String> = lines.iter().map(words).collect();
    for (wanted, said) in wanted.iter().zip(&said) {
        ensure!(wanted == said, "the board: {said}; the host: {wanted}");
    }
    ensure!(said.len() > wanted.len(), "the board stopped early");
    Ok(wanted.len())
}

/// The largest of each figure.
fn note(figures: &mut Figures, name: &str, lines: &[Line]) {
    for line in lines {
        match line {
            Line::Counted(words, count) => {
                let what = words.split(' ').next().unwrap_or_default();
                figures.note(format!("{name}.{what}"), *count);
            }
            Line::Said(words) => {
                if let Some((what, bytes)) = words.split_once(" bytes=") {
                    let bytes = bytes.parse().unwrap_or_default();
                    figures.note(format!("{name}.{what}"), bytes);
                }
            }
        }
    }
}

/// The published input vectors, after the host's outputs for them were found to be the published
/// ones.
fn golden(table: &Path, model: &[u8]) -> anyhow::Result<Vec<i8>> {
    let text = fs::read_to_string(table)?;
    let stored = Stored::new(model);
    let network = Network::<WIDEST>::new(Model::parse(stored.bytes())?)?;
    let (mut vectors, mut input, mut compared) = (Vec::new(), Vec::new(), 0);
    for row in text.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        let [_, kind, numbers @ ..] = fields.as_slice() else {
            continue;
        };
        if !["input", "single"].contains(kind) {
            continue;
        }
        let numbers = numbers.iter().map(|field| field.parse());
        let numbers: Vec<i16> = numbers.collect::<Result<_, _>>()?;
        if *kind == "input" {
            vectors.extend(numbers.iter().map(|q| *q as i8));
            input = numbers;
            continue;
        }
        let mut activations = Activations::new();
        enter(&mut activations, &input);
        ensure!(
            network.run(&mut activations).iter().eq(&numbers),
            "not the published outputs"
        );
        compared += 1;
    }
    ensure!(compared > 0, "no published outputs");
    println!("{compared} vectors give the published outputs here");
    Ok(vectors)
}

/// Values between the layers: every remainder by 4 and by 16 on either side, rows shorter than a
/// word among them.
const SHAPES: [usize; 26] = [
    37, 13, 4, 5, 64, 8, 18, 16, 9, 130, 33, 10, 31, 20, 7, 12, 6, 47, 24, 11, 3, 90, 2, 30, 1, 14,
];

/// A network of odd shapes with extreme weights, zero points at the ends, every activation, and
/// every second layer with a multiplier per output; and vectors for it.
fn awkward(rounding: Rounding, order: Order) -> anyhow::Result<(Vec<u8>, Vec<i8>)> {
    let mut numbers = Numbers(140);
    let (mut zero_in, mut wide_inputs) = (-128_i16, false);
    let mut layers = Vec::new();
    for (k, shape) in SHAPES.windows(2).enumerate() {
        let (inputs, outputs) = (shape[0], shape[1]);
        let wide = k % 3 == 1;
        let least = if order == Order::Tiles { -127 } else { -128 };
        let weights = (0..inputs * outputs).map(|_| numbers.int8().max(least));
        let weights: Vec<i8> = weights.collect();
        let rows = weights.chunks(inputs);
        let sums = rows.map(|row| row.iter().map(|w| i32::from(*w)).sum::<i32>());
        let biases =
            sums.map(|sum| (numbers.bits() % 4001) as i32 - 2000 - i32::from(zero_in) * sum);
        let biases = biases.collect();
        let count = if k % 2 == 0 { 1 } else { outputs };
        // Sums spread over the whole range of the outputs.
        let [input, output] = [wide_inputs, wide].map(|wide| if wide { 256.0 } else { 1.0 });
        let usual = 120.0 * output / (f64::sqrt(inputs as f64) * 80.0 * 80.0 * input);
        let each = |_| factor(usual * (0.5 + f64::from(numbers.bits() % 1000) / 1000.0));
        let multipliers = (0..count).map(each).collect();
        let zero_point = match k % 4 {
            _ if wide => 0,
            1 => 127,
            3 => -128,
            _ => i16::from(numbers.bits() as i8) / 4,
        };
        let output = Grid {
            scale: 0.5,
            zero_point,
            wide,
        };
        let (activation, low, high) = match k % 5 {
            3 if zero_point < 100 => (Activation::Relu, zero_point, output.high()),
            4 => (
                Activation::Clamp,
                output.low() / 5 * 4,
                output.high() / 5 * 4,
            ),
            _ => (Activation::Linear, output.low(), output.high()),
        };
        zero_in = zero_point;
        let layer = BlobLayer::from(DenseLayer {
            inputs,
            outputs,
            weights,
            biases,
            multipliers,
            output,
            activation,
            low,
            high,
            order: Order::Rows,
            wide_inputs,
        });
        wide_inputs = output.wide;
        layers.push(match order {
            Order::Tiles => layer.in_tiles(),
            _ => layer,
        });
    }
    let blob = Blob {
        rounding,
        head: Head::Outputs,
        features: Variables::numbered(SHAPES[0]).features,
        scales: Vec::new(),
        window: 1,
        input: Grid {
            scale: 0.5,
            zero_point: -128,
            wide: false,
        },
        layers,
        thresholds: Vec::new(),
        outside_limit: None,
        training: None,
        judging: Judging::default(),
    };
    let count = 12 * SHAPES[0];
    let vectors = (0..count).map(|k| match k / SHAPES[0] {
        0 => -128,
        1 => 127,
        _ => numbers.int8(),
    });
    let vectors: Vec<i8> = vectors.collect();
    let bytes = blob.to_bytes()?;
    telling(&bytes, &vectors)?;
    Ok((bytes, vectors))
}

/// That no layer gives the same for every vector, which would hide what went wrong before it.
fn telling(model: &[u8], vectors: &[i8]) -> anyhow::Result<()> {
    let stored = Stored::new(model);
    let network = Network::<WIDEST>::new(Model::parse(stored.bytes())?)?;
    let mut digests = vec![BTreeSet::new(); SHAPES.len() - 1];
    for vector in vectors.chunks_exact(SHAPES[0]) {
        let mut activations = Activations::new();
        enter(&mut activations, vector);
        network.trace(&mut activations, |k, outputs| {
            digests[k].insert(digest(outputs));
        });
    }
    let counts: Vec<usize> = digests.iter().map(BTreeSet::len).collect();
    ensure!(
        counts.iter().all(|count| *count > 3),
        "different outputs of each layer: {counts:?}"
    );
    Ok(())
}

/// A factor below 1 as (31-bit multiplier, shift).
fn factor(mut factor: f64) -> (i32, i32) {
    let mut shift = 0;
    while factor < 0.5 {
        factor *= 2.0;
        shift -= 1;
    }
    ((factor * f64::from(1_u32 << 31)) as i32, shift)
}
