//! Networks written by frameworks, with those frameworks' outputs: `tests/oracle/`.

use anyhow::{Context, Result, ensure};
use bellwether::Model;
use bellwether::model::Head;
use bellwether::network::{Activations, Network};
use bellwether_sim::model::blob::in_tiles;
use bellwether_sim::model::float::FloatNet;
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::{Blob, BlobLayer, Judging, Stored, import, tflite};
use std::fs;
use std::path::{Path, PathBuf};

/// Largest accepted difference over the largest output of a network. Frameworks sum in f32, where
/// each of up to 1000 steps rounds by up to 2^-24 of the sum: 6e-5 in the worst case, and the root
/// of the number of steps, 2e-6, as a rule. A wrong order, sign or epsilon is far above.
pub const TOLERANCE: f64 = 1e-5;

/// The difference between two computations.
#[derive(Clone, Copy, Debug)]
pub struct Distance {
    /// Number of compared vectors.
    pub vectors: usize,
    /// Largest difference over the largest output.
    pub largest: f64,
}

/// Every network of a folder that has outputs beside it, in the order of the names.
///
/// # Errors
/// The folder cannot be read, or has none.
pub fn networks(folder: &Path) -> Result<Vec<PathBuf>> {
    let name = || folder.display().to_string();
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).with_context(name)? {
        let path = entry?.path();
        let kind = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        if matches!(kind, "onnx" | "safetensors" | "tflite") {
            all.push(path);
        }
    }
    all.sort();
    ensure!(!all.is_empty(), "{}: no networks", name());
    Ok(all)
}

/// Imports a network and compares its outputs with those beside it.
///
/// # Errors
/// A file cannot be read, or an output is further away than [`TOLERANCE`].
pub fn compare(network: &Path) -> Result<Distance> {
    let name = || network.display().to_string();
    let net = import::read(network)?.net;
    let inputs = vectors(&network.with_extension("inputs"))?;
    let outputs = vectors(&network.with_extension("outputs"))?;
    against(&net, &inputs, &outputs).with_context(name)
}

/// Imports a network of integers and compares its outputs with those beside it, bit by bit: with weights in
/// rows and in tiles. Returns the number of vectors.
///
/// # Errors
/// A file cannot be read, or an output differs.
pub fn compare_integers(network: &Path) -> Result<usize> {
    let name = || network.display().to_string();
    let bytes = fs::read(network).with_context(name)?;
    ensure!(tflite::is_integer(&bytes)?, "{}: no integers", name());
    let net = tflite::read(&bytes).with_context(name)?;
    let wide = net.layers.last().is_some_and(|layer| layer.output().wide);
    let inputs = points(&network.with_extension("inputs"), net.input.wide)?;
    let wanted = points(&network.with_extension("outputs"), wide)?;
    // Bytes of uint8 are those of int8 with the upper bit turned.
    let unsigned = network.ends_with("bytes_at_the_ends.tflite");
    let turned = |points: Vec<i16>| -> Vec<i16> {
        let turn = |q: i16| {
            if unsigned {
                (q as i8 ^ i8::MIN).into()
            } else {
                q
            }
        };
        points.into_iter().map(turn).collect()
    };
    let (inputs, wanted) = (turned(inputs), turned(wanted));
    for (how, layers) in [
        ("rows", net.layers.clone()),
        ("tiles", in_tiles(net.layers.clone())),
    ] {
        let ours = outputs(&net, layers, &inputs).with_context(name)?;
        ensure!(
            ours.len() == wanted.len(),
            "{}: {} outputs, wanted {}",
            name(),
            ours.len(),
            wanted.len()
        );
        let differ = ours.iter().zip(&wanted).filter(|(a, b)| a != b).count();
        let first = ours.iter().zip(&wanted).position(|(a, b)| a != b);
        if let Some(k) = first {
            anyhow::bail!(
                "{}, {how}: {differ} of {} outputs differ, first {k}: {}, wanted {}",
                name(),
                wanted.len(),
                ours[k],
                wanted[k]
            );
        }
    }
    Ok(inputs.len() / net.inputs)
}

/// Outputs of a network in the library's integers.
fn outputs(
    net: &tflite::IntegerNetwork,
    layers: Vec<BlobLayer>,
    inputs: &[i16],
) -> Result<Vec<i16>> {
    const ROOM: usize = 1 << 15;
    let blob = Blob {
        rounding: net.rounding,
        head: Head::Outputs,
        features: Variables::numbered(net.inputs).features,
        scales: Vec::new(),
        window: 1,
        input: net.input,
        layers,
        thresholds: Vec::new(),
        saturation_limit: None,
        training: None,
        judging: Judging::default(),
    };
    let stored = Stored::new(&blob.to_bytes()?);
    let network = Network::<ROOM>::new(Model::parse(stored.bytes())?)?;
    let mut activations = Box::new(Activations::<ROOM>::new());
    let mut all = Vec::new();
    for x in inputs.chunks(net.inputs) {
        activations.inputs()[..x.len()].copy_from_slice(x);
        all.extend_from_slice(network.run(&mut activations));
    }
    Ok(all)
}

/// Compares a network with outputs for inputs, vectors one after another.
///
/// # Errors
/// The numbers of values do not fit, or an output is further away than [`TOLERANCE`].
pub fn against(net: &FloatNet, inputs: &[f32], outputs: &[f32]) -> Result<Distance> {
    let vectors = inputs.len() / net.inputs;
    ensure!(
        vectors > 0
            && inputs.len() == vectors * net.inputs
            && outputs.len() == vectors * net.outputs(),
        "{} inputs and {} outputs for a network of {} and {}",
        inputs.len(),
        outputs.len(),
        net.inputs,
        net.outputs()
    );
    let ours = inputs.chunks(net.inputs).flat_map(|x| net.forward(x));
    let mut largest = 0.0;
    let mut most = 0.0_f64;
    for (k, (ours, theirs)) in ours.zip(outputs).enumerate() {
        let difference = (f64::from(ours) - f64::from(*theirs)).abs();
        ensure!(
            difference.is_finite(),
            "output {k}: {ours}, wanted {theirs}"
        );
        most = most.max(f64::from(*theirs).abs());
        if difference > largest {
            largest = difference;
        }
    }
    let largest = largest / most;
    ensure!(
        largest <= TOLERANCE,
        "outputs differ by {largest:.1e} of the largest, at most {TOLERANCE:.0e} is right"
    );
    Ok(Distance { vectors, largest })
}

fn vectors(path: &Path) -> Result<Vec<f32>> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let (numbers, rest) = bytes.as_chunks();
    ensure!(
        rest.is_empty(),
        "{}: {} bytes are no whole number of f32",
        path.display(),
        bytes.len()
    );
    Ok(numbers.iter().map(|b| f32::from_le_bytes(*b)).collect())
}

/// Integers of 8 or 16 bits.
fn points(path: &Path, wide: bool) -> Result<Vec<i16>> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    Ok(if wide {
        let (pairs, _) = bytes.as_chunks();
        pairs.iter().map(|b| i16::from_le_bytes(*b)).collect()
    } else {
        bytes.iter().map(|b| b.cast_signed().into()).collect()
    })
}
