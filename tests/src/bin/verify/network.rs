//! Stage `ad01`: networks on emulated boards, layer by layer against this machine.

pub mod kinds;

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, as_committed, bellwether, folder, recording};
use anyhow::{Context as _, ensure};
use bellwether::Model;
use bellwether::autoencoder::{Activations, Autoencoder, AutoencoderRules, Network};
use bellwether::model::{Activation, Grid, Head, Order, Rounding, Score, Threshold};
use bellwether::testing::digest_of_bytes;
use bellwether_conformance::numbers::Numbers;
use bellwether_sim::board::Board;
use bellwether_sim::board::firmware::Firmware;
use bellwether_sim::cost::Figures;
use bellwether_sim::cost::counter::{Counter, Line};
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::{Blob, BlobLayer, DenseLayer, Judging, Stored};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const EXPECTED: &str = "tests/expect/ad01.txt";
/// Room for the networks here.
const WIDEST: usize = 1152;

/// Every rounding, and both orders of weights.
const COMBINATIONS: [(Rounding, Order); 4] = [
    (Rounding::Single, Order::Rows),
    (Rounding::Single, Order::Tiles),
    (Rounding::DoubleHalfUp, Order::Rows),
    (Rounding::DoubleTiesAway, Order::Tiles),
];

/// What runs it, and how its figures are called: Cortex-M4F; code for Cortex-M3 and for Cortex-M0
/// on a Cortex-M3 with enough flash.
struct Machines {
    firmware: Firmware,
    counter: Counter,
    folder: PathBuf,
    boards: [(&'static str, Board); 3],
}

impl Machines {
    fn new(context: &mut Context, stage: &str) -> anyhow::Result<Self> {
        let (firmware, folder) = (context.firmware()?, folder(stage)?);
        let m4 = Board::named("qemu-mps2-an386").map_err(anyhow::Error::msg)?;
        let m3 = |target| Board {
            target,
            machine: "mps2-an385",
            ..m4
        };
        Ok(Self {
            firmware,
            counter: Counter::compile(&folder)?,
            folder,
            boards: [
                ("cortex-m4f", m4),
                ("cortex-m3", m3("thumbv7m-none-eabi")),
                ("cortex-m0", m3("thumbv6m-none-eabi")),
            ],
        })
    }

    /// Figures that know the compiler.
    fn figures(&self) -> anyhow::Result<Figures> {
        let mut figures = Figures::default();
        let compiler = self.firmware.compiler()?;
        figures.facts.insert("compiler".to_owned(), compiler);
        Ok(figures)
    }

    /// Runs a model on each, compares with the host, and shows what each said.
    fn each(
        &self,
        model: &[u8],
        vectors: &[i8],
        what: &str,
        mut show: impl FnMut(&str, &[Line]),
    ) -> anyhow::Result<()> {
        for (name, board) in &self.boards {
            let lines = self.run(board, model, vectors)?;
            let compared =
                compare(&lines, model, vectors).with_context(|| format!("{name}, {what}"))?;
            println!("{name}: {compared} digests of {what} as on the host");
            show(name, &lines);
        }
        Ok(())
    }

    /// Builds the program `network` with a model and vectors, and runs it.
    fn run(&self, board: &Board, model: &[u8], vectors: &[i8]) -> anyhow::Result<Vec<Line>> {
        let [model_file, vectors_file] =
            ["model.bwm", "vectors.i8"].map(|name| self.folder.join(name));
        fs::write(&model_file, model)?;
        let bytes: Vec<u8> = vectors.iter().map(|q| q.cast_unsigned()).collect();
        fs::write(&vectors_file, bytes)?;
        let program = self
            .firmware
            .clone()
            .with_file("BELLWETHER_MODEL", &model_file)
            .with_file("BELLWETHER_VECTORS", &vectors_file)
            .program(board, "network", &["--features", "network"])?;
        self.counter.run(board, &program)
    }
}

/// Awkward shapes on every machine, under every rounding; then MLPerf Tiny ad01, and what it takes.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let machines = Machines::new(context, "ad01")?;
    for (rounding, order) in COMBINATIONS {
        let (model, vectors) = awkward(rounding, order)?;
        let what = format!("awkward shapes, {}, {}", rounding.name(), order.name());
        machines.each(&model, &vectors, &what, |_, _| ())?;
    }
    let Some(network) = recording("ad01/ad01_int8.tflite")? else {
        return Ok(Outcome::Skipped("no data".into()));
    };
    let table = recording("ad01/golden_io.csv")?.context("golden_io.csv is part of the data")?;
    let mut figures = machines.figures()?;
    for order in [Order::Rows, Order::Tiles] {
        let packed = machines.folder.join("ad01.bwm");
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
        machines.each(&model, &vectors, "ad01", |name, lines| {
            note(&mut figures, &format!("{name}.{}", order.name()), lines);
        })?;
    }
    settle(context, &figures, EXPECTED, "ad01")
}

/// Compares figures with those in a file, or accepts them.
fn settle(
    context: &Context,
    figures: &Figures,
    expected: &str,
    stage: &str,
) -> anyhow::Result<Outcome> {
    print!("{figures}");
    let file = root().join(expected);
    if context.bless {
        fs::write(&file, figures.to_string())?;
        println!("wrote {expected}");
        return Ok(Outcome::Done);
    }
    let text = fs::read_to_string(&file).with_context(|| expected.to_owned())?;
    let accept = format!("cargo verify {stage} --bless");
    as_committed(figures, &Figures::parse(&text)?, &accept)?;
    Ok(Outcome::Done)
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
    let never = Threshold::by_hand(Score::MeanSquare, f32::MAX);
    let rules = AutoencoderRules::<WIDEST>::with_threshold(model, never).ok();
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
        if let Some(rules) = &rules {
            let grid = model.input_grid();
            let inputs: Vec<f32> = vector.iter().map(|q| grid.real(i16::from(*q))).collect();
            detector.observe(rules, &inputs);
            ensure!(detector.outputs(rules) == outputs, "two ways, two outputs");
            let score = detector.scores().mean_square.to_bits();
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
            sums.map(|sum| (numbers.next() % 4001) as i32 - 2000 - i32::from(zero_in) * sum);
        let biases = biases.collect();
        let count = if k % 2 == 0 { 1 } else { outputs };
        // Sums spread over the whole range of the outputs.
        let [input, output] = [wide_inputs, wide].map(|wide| if wide { 256.0 } else { 1.0 });
        let usual = 120.0 * output / (f64::sqrt(inputs as f64) * 80.0 * 80.0 * input);
        let each = |_| factor(usual * (0.5 + f64::from(numbers.next() % 1000) / 1000.0));
        let multipliers = (0..count).map(each).collect();
        let zero_point = match k % 4 {
            _ if wide => 0,
            1 => 127,
            3 => -128,
            _ => i16::from(numbers.next() as i8) / 4,
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
    let vectors = numbers.vectors(SHAPES[0], 12);
    let bytes = blob.to_bytes()?;
    telling(&bytes, &vectors)?;
    Ok((bytes, vectors))
}

/// That no layer gives the same for every vector, which would hide what went wrong before it.
fn telling(model: &[u8], vectors: &[i8]) -> anyhow::Result<()> {
    let stored = Stored::new(model);
    let network = Network::<WIDEST>::new(Model::parse(stored.bytes())?)?;
    let model = network.model();
    let mut digests = vec![BTreeSet::new(); model.layers().len()];
    for vector in vectors.chunks_exact(model.inputs()) {
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
