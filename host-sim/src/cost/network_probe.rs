//! A network on a board: the program `network`, built around a model and vectors, run, and compared
//! with the same here.

use super::Figures;
use super::counter::{Counter, Line};
use crate::board::Board;
use crate::board::firmware::Firmware;
use crate::model::{Stored, WIDEST};
use anyhow::ensure;
use bellwether::Model;
use bellwether::autoencoder::{self, Autoencoder};
use bellwether::model::Threshold;
use bellwether::network::{Activations, Network};
use bellwether::testing::digest_of_bytes;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds and runs programs around networks.
pub struct NetworkProbe {
    firmware: Firmware,
    counter: Counter,
    folder: PathBuf,
}

impl NetworkProbe {
    /// Works in a folder.
    ///
    /// # Errors
    /// The counting plugin cannot be compiled.
    pub fn new(firmware: Firmware, folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            firmware,
            counter: Counter::compile(folder)?,
            folder: folder.to_owned(),
        })
    }

    /// Runs a model over vectors of int8 inputs, as code for a board's processor. Returns the
    /// output, which is not compared yet.
    ///
    /// # Errors
    /// The program cannot be built or run.
    pub fn run(&self, board: &Board, model: &[u8], vectors: &[i8]) -> anyhow::Result<Vec<Line>> {
        self.execute(board, &self.program(board, model, vectors)?)
    }

    /// Runs a program on a board with enough flash and memory ([`Board::roomy`]).
    ///
    /// # Errors
    /// It fails.
    pub fn execute(&self, board: &Board, program: &Path) -> anyhow::Result<Vec<Line>> {
        self.counter.run(&board.roomy(), program)
    }

    /// The ELF file of the program.
    ///
    /// # Errors
    /// It cannot be built.
    pub fn program(&self, board: &Board, model: &[u8], vectors: &[i8]) -> anyhow::Result<PathBuf> {
        let [model_file, vectors_file] =
            ["model.bwm", "vectors.i8"].map(|name| self.folder.join(name));
        fs::write(&model_file, model)?;
        let bytes: Vec<u8> = vectors.iter().map(|q| q.cast_unsigned()).collect();
        fs::write(&vectors_file, bytes)?;
        self.firmware
            .clone()
            .with("BELLWETHER_MODEL", &model_file)
            .with("BELLWETHER_VECTORS", &vectors_file)
            .program(&board.roomy(), "network", &["--features", "network"])
    }
}

/// Places int8 inputs at the network's inputs.
pub fn enter<const N: usize>(activations: &mut Activations<N>, vector: &[impl Copy + Into<i16>]) {
    for (place, q) in activations.inputs().iter_mut().zip(vector) {
        *place = (*q).into();
    }
}

/// The firmware's digest of a layer's values.
pub fn digest(values: &[i16]) -> u32 {
    digest_of_bytes(values.iter().flat_map(|q| q.to_le_bytes()))
}

/// Compares a board's output with the values computed here: every layer's outputs, and the head's
/// scores. Returns the number of digests.
///
/// # Errors
/// They differ; the first that does is named.
pub fn compare(lines: &[Line], model: &[u8], vectors: &[i8]) -> anyhow::Result<usize> {
    let wanted = wanted(model, vectors)?;
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

/// The lines expected from the program: layers, inferences and assessments.
fn wanted(model: &[u8], vectors: &[i8]) -> anyhow::Result<Vec<String>> {
    let stored = Stored::new(model);
    let model = Model::parse(stored.bytes())?;
    let network = Network::<WIDEST>::new(model)?;
    let judged = model.head().scores().last().and_then(|score| {
        let never = Threshold::by_hand(*score, f32::MAX);
        let rules = autoencoder::Rules::<WIDEST>::new(autoencoder::Settings {
            model,
            threshold: Some(never),
        })
        .ok()?;
        Some((rules, *score))
    });
    let mut activations: Box<Activations<WIDEST>> = Box::default();
    let mut detector: Box<Autoencoder<WIDEST>> = Box::default();
    let mut wanted = Vec::new();
    for (k, vector) in vectors.chunks_exact(model.inputs()).enumerate() {
        enter(&mut activations, vector);
        let outputs = network.run_layers(&mut activations, |layer, outputs| {
            let digest = digest(outputs);
            wanted.push(format!(
                "layer vector={k} layer={layer} digest={digest:08x}"
            ));
        });
        let digest = digest(outputs);
        wanted.push(format!("inference vector={k} digest={digest:08x}"));
        if let Some((rules, kind)) = &judged {
            let grid = model.input_grid();
            let scale = |place: usize| model.scale(place % model.feature_count());
            let inputs = vector.iter().enumerate();
            let inputs = inputs.map(|(k, q)| scale(k).invert(grid.real(i16::from(*q))));
            detector.assess(rules, inputs.collect::<Vec<f32>>());
            // A reading may be rounded to another step where a variable hardly varies.
            let equal = detector.outputs(rules) == outputs;
            ensure!(equal || model.is_scaled(), "two ways, two outputs");
            let digest = self::digest(detector.outputs(rules));
            let score = detector.scores().get(*kind).to_bits();
            wanted.push(format!(
                "observe vector={k} digest={digest:08x} score={score:08x}"
            ));
        }
    }
    Ok(wanted)
}

/// The largest of each figure: `inference`, `observe`, `stack`, `observe.stack`, `buffers`, `state`.
pub fn note(figures: &mut Figures, name: &str, lines: &[Line]) {
    for line in lines {
        match line {
            Line::Counted(words, count) => match words.split(' ').next() {
                Some("layer") | None => {}
                Some(what) => figures.note(format!("{name}.{what}"), *count),
            },
            Line::Said(words) => {
                if let Some((what, bytes)) = words.split_once(" bytes=") {
                    let bytes = bytes.parse().unwrap_or_default();
                    figures.note(format!("{name}.{what}"), bytes);
                }
            }
        }
    }
}

/// The most that each layer took.
pub fn layers(lines: &[Line]) -> Vec<u64> {
    let mut layers = Vec::new();
    for line in lines {
        let Line::Counted(words, count) = line else {
            continue;
        };
        let word = words
            .split(' ')
            .find_map(|word| word.strip_prefix("layer="));
        if let Some(layer) = word.and_then(|word| word.parse::<usize>().ok()) {
            layers.resize(layers.len().max(layer + 1), 0);
            layers[layer] = layers[layer].max(*count);
        }
    }
    layers
}
