//! `bellwether model measure`: the cost of a model on a board.

use crate::board::firmware::Firmware;
use crate::board::{BOARDS, Board};
use crate::commands::args::model::Input;
use crate::cost::Figures;
use crate::cost::network_probe::{self, NetworkProbe};
use crate::random::Random;
use crate::text::number::count;
use anyhow::Context;
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

/// Measures a model on boards: exact instructions, stack and memory, and equality of the outputs
/// with the host's.
///
/// Builds a program around the model for each board's processor and runs it in QEMU, on a machine
/// with enough flash. A plugin compiled by `cc` counts instructions. The inputs are both ends of
/// their range and some values between. Exit code 1 if a board's outputs differ from this
/// machine's. Needs the repository; the first run sets up its toolchain.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether model measure net.bwm --board qemu-mps2-an386")]
pub struct Args {
    #[command(flatten)]
    model: Input,
    /// Measures for this board only; may be repeated
    #[arg(long, value_name = "NAME", value_parser = Board::named)]
    board: Vec<Board>,
    /// Prints one JSON object per board instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Measured {
    board: &'static str,
    processor: &'static str,
    macs: u64,
    /// Of `Network::run`.
    instructions: u64,
    stack_bytes: u64,
    /// Of `Autoencoder::observe`, where the head has scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    judgement: Option<AssessmentCost>,
    activation_bytes: u64,
    model_bytes: u64,
    layers: Vec<Layer>,
    equal: bool,
}

#[derive(Serialize)]
struct Layer {
    kind: &'static str,
    inputs: usize,
    outputs: usize,
    macs: u64,
    instructions: u64,
}

#[derive(Serialize)]
struct AssessmentCost {
    instructions: u64,
    stack_bytes: u64,
    state_bytes: u64,
}

/// Number of input vectors.
const VECTORS: usize = 4;

/// Runs the command.
///
/// # Errors
/// The model is refused, or the program cannot be built or run.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let stored = args.model.read()?;
    let model = args.model.parse(&stored)?;
    let firmware = Firmware::find()?;
    let folder = firmware.root().join("target/measure");
    let probe = NetworkProbe::new(firmware, &folder)?;
    let vectors = vectors(model.inputs());
    let boards = if args.board.is_empty() {
        BOARDS.to_vec()
    } else {
        args.board
    };
    let mut all_equal = true;
    for board in boards {
        let lines = probe.run(&board, stored.bytes(), &vectors);
        let lines = lines.with_context(|| board.name)?;
        let compared = network_probe::compare(&lines, stored.bytes(), &vectors);
        if let Err(error) = &compared {
            writeln!(io::stderr(), "{}: {error:#}", board.name)?;
        }
        all_equal &= compared.is_ok();
        let mut figures = Figures::default();
        network_probe::note(&mut figures, "model", &lines);
        let get = |name: &str| figures.numbers.get(&format!("model.{name}")).copied();
        let each = model.layers().zip(network_probe::layers(&lines));
        let layers = each.map(|(layer, instructions)| Layer {
            kind: layer.name(),
            inputs: layer.inputs(),
            outputs: layer.outputs(),
            macs: layer.macs(),
            instructions,
        });
        let measured = Measured {
            board: board.name,
            processor: board.processor,
            macs: model.macs(),
            instructions: get("inference").context("the board counted no inference")?,
            stack_bytes: get("stack").context("the board measured no stack")?,
            judgement: get("observe").map(|instructions| AssessmentCost {
                instructions,
                stack_bytes: get("observe.stack").unwrap_or_default(),
                state_bytes: get("state").unwrap_or_default(),
            }),
            activation_bytes: 2 * model.arena_len() as u64,
            model_bytes: stored.bytes().len() as u64,
            layers: layers.collect(),
            equal: compared.is_ok(),
        };
        let mut out = io::stdout().lock();
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&measured)?)?;
        } else {
            measured.write(&mut out)?;
        }
    }
    Ok(ExitCode::from(u8::from(!all_equal)))
}

/// Both ends of the range, then arbitrary values.
fn vectors(inputs: usize) -> Vec<i8> {
    let mut numbers = Random::new(140);
    let value = |k| match k / inputs {
        0 => i8::MIN,
        1 => i8::MAX,
        _ => numbers.bits() as i8,
    };
    (0..VECTORS * inputs).map(value).collect()
}

impl Measured {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{} ({}): {} instructions per inference, {:.2} per multiply-and-add step",
            self.processor,
            self.board,
            count(self.instructions),
            self.instructions as f64 / self.macs.max(1) as f64
        )?;
        writeln!(
            out,
            "  {} bytes of stack, {} of activations, {} of model",
            count(self.stack_bytes),
            count(self.activation_bytes),
            count(self.model_bytes)
        )?;
        if let Some(judgement) = &self.judgement {
            writeln!(
                out,
                "  judged: {} instructions, {} bytes of stack, {} of state, activations included",
                count(judgement.instructions),
                count(judgement.stack_bytes),
                count(judgement.state_bytes)
            )?;
        }
        for (k, layer) in self.layers.iter().enumerate() {
            writeln!(
                out,
                "  layer {k}: {} {} > {}, {} steps, {} instructions",
                layer.kind,
                layer.inputs,
                layer.outputs,
                count(layer.macs),
                count(layer.instructions)
            )?;
        }
        let outputs = if self.equal {
            "every layer as on this machine"
        } else {
            "NOT the outputs of this machine"
        };
        writeln!(out, "  {outputs}")
    }
}
