//! Stage `ad01`: networks on emulated boards, layer by layer against this machine.

use crate::committed::as_committed;
use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, bellwether, folder, recording};
use anyhow::{Context as _, ensure};
use bellwether::Model;
use bellwether::model::{Head, Order, Rounding};
use bellwether::network::{Activations, Network};
use bellwether_conformance::extreme::{dense_shapes, every_kind};
use bellwether_conformance::numbers::Numbers;
use bellwether_sim::board::{ALL, BOARDS, M33_WITHOUT_DSP, M55};
use bellwether_sim::cost::counter::Line;
use bellwether_sim::cost::network_probe::{self, NetworkProbe, digest, enter};
use bellwether_sim::cost::{Figures, close};
use bellwether_sim::model::{Blob, Stored};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const EXPECTED: &str = "tests/expect/ad01.txt";
/// Capacity for the networks here.
const WIDEST: usize = 768;

/// Every rounding, both orders of weights, and every head with scores.
const COMBINATIONS: [(Rounding, Order, Head); 4] = [
    (Rounding::Single, Order::Rows, Head::Reconstruction),
    (Rounding::Single, Order::Tiles, Head::Likelihood),
    (Rounding::DoubleHalfUp, Order::Rows, Head::Distance),
    (Rounding::DoubleTiesAway, Order::Tiles, Head::Logit),
];

/// MLPerf Tiny ad01 on every machine, and its cost; then networks of extreme values.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let (firmware, folder) = (context.firmware()?, folder("ad01")?);
    let probe = NetworkProbe::new(firmware.clone(), &folder)?;
    let Some(network) = recording("ad01/ad01_int8.tflite")? else {
        extremes(&probe)?;
        return Ok(Outcome::Skipped("no data".into()));
    };
    let table = recording("ad01/golden_io.csv")?.context("golden_io.csv is part of the data")?;
    let mut figures = Figures::default();
    let compiler = firmware.compiler()?;
    figures.facts.insert("compiler".to_owned(), compiler);
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
        let what = format!("ad01, {}", order.name());
        on_each(&probe, &model, &vectors, &what, |processor, lines| {
            let name = format!("{processor}.{}", order.name());
            network_probe::note(&mut figures, &name, lines);
        })?;
        let counted = figures.get(&format!("cortex-m4f.{}.inference", order.name()));
        measured_by_command(&packed, counted)?;
    }
    print!("{figures}");
    extremes(&probe)?;
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

/// Networks of extreme values on every machine.
fn extremes(probe: &NetworkProbe) -> anyhow::Result<()> {
    for (rounding, order, head) in COMBINATIONS {
        let how = format!("{}, {}", rounding.name(), order.name());
        let dense = dense_shapes(rounding, order);
        extreme(probe, &dense, &format!("odd shapes, {how}"))?;
        let kinds = every_kind(rounding, order, head);
        let what = format!("every kind of layer, {how}, {}", head.name());
        extreme(probe, &kinds, &what)?;
    }
    Ok(())
}

/// Runs a model as code for every processor, compares with the host, and prints the output.
fn on_each(
    probe: &NetworkProbe,
    model: &[u8],
    vectors: &[i8],
    what: &str,
    mut show: impl FnMut(&str, &[Line]),
) -> anyhow::Result<()> {
    for board in ALL.iter().chain([&M55, &M33_WITHOUT_DSP]) {
        let processor = board.processor.to_lowercase();
        let lines = probe.run(board, model, vectors)?;
        let compared = network_probe::compare(&lines, model, vectors)
            .with_context(|| format!("{processor}, {what}"))?;
        println!("{processor}: {compared} digests of {what} as on the host");
        show(&processor, &lines);
    }
    Ok(())
}

/// Checks that `bellwether model measure` counts the same; its vectors differ, which matters
/// little.
fn measured_by_command(model: &Path, instructions: u64) -> anyhow::Result<()> {
    let said = Step::new(bellwether()?)
        .args(["model", "measure", "--json", "--board", BOARDS[0].name])
        .arg(model)
        .within(root())
        .output()?;
    let said: serde_json::Value = serde_json::from_str(&said)?;
    let counted = said["instructions"].as_u64().context("instructions")?;
    ensure!(
        said["equal"] == true && close(counted, instructions, 1),
        "model measure: {said}, expected {instructions}"
    );
    Ok(())
}

/// Vectors at both ends and between.
fn extreme(probe: &NetworkProbe, blob: &Blob, what: &str) -> anyhow::Result<()> {
    let inputs = blob.layers.first().context("layers")?.inputs();
    let (model, vectors) = (blob.to_bytes()?, Numbers(7).vectors(inputs, 12));
    telling(&model, &vectors).with_context(|| what.to_owned())?;
    on_each(probe, &model, &vectors, what, |_, _| ())
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

/// Checks that no layer has the same output for every vector, which would hide earlier errors.
fn telling(model: &[u8], vectors: &[i8]) -> anyhow::Result<()> {
    let stored = Stored::new(model);
    let network = Network::<WIDEST>::new(Model::parse(stored.bytes())?)?;
    let model = network.model();
    let mut digests = vec![BTreeSet::new(); model.layers().len()];
    for vector in vectors.chunks_exact(model.inputs()) {
        let mut activations = Activations::new();
        enter(&mut activations, vector);
        network.run_layers(&mut activations, |k, outputs| {
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
