//! `bellwether model pack`: a framework's file becomes a model.

use crate::commands::report::save;
use crate::model::names::Variables;
use crate::model::{Blob, Stored, tflite};
use anyhow::{Context, bail, ensure};
use bellwether::Model;
use bellwether::model::{Head, Rounding, Score, Threshold};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "Example: bellwether model pack net.tflite -o net.bwm --names \
                       variables.csv --threshold max-absolute=0.3";

/// Converts a quantised network (.tflite, int8) to a model for the library.
///
/// Weights stay as they are; zero points are folded into the biases and scales become integer
/// multipliers. The model is checked by the library before it is written.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The network
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// Where the model goes
    #[arg(short, long, value_name = "MODEL")]
    output: PathBuf,
    /// Rounding of the framework to agree with
    #[arg(long, value_name = "RULE", default_value = "single", value_parser = rounding)]
    rounding: Rounding,
    /// Frames that enter the network together, oldest first
    #[arg(long, value_name = "FRAMES", default_value = "1")]
    window: usize,
    /// Names, units and scales of the variables: a CSV file with the header
    /// `name,unit` or `name,unit,offset,divisor,mean` [default: x0, x1, ... unscaled]
    #[arg(long, value_name = "CSV")]
    names: Option<PathBuf>,
    /// A score above which an input is anomalous; may be repeated. SCORE is mean-absolute,
    /// max-absolute or mean-square
    #[arg(long, value_name = "SCORE=NUMBER", value_parser = threshold)]
    threshold: Vec<Threshold>,
    /// Most inputs that may lie outside their grid before that is anomalous [default: any]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(..65535))]
    outside: Option<u16>,
    /// The outputs are not a reconstruction of the inputs: no scores
    #[arg(long)]
    outputs_only: bool,
    /// The training data, whose SHA-256 the model keeps
    #[arg(long, value_name = "FILE")]
    training: Option<PathBuf>,
}

fn rounding(name: &str) -> Result<Rounding, String> {
    let found = Rounding::ALL.into_iter().find(|rule| rule.name() == name);
    found.ok_or_else(|| {
        let names = Rounding::ALL.map(Rounding::name);
        format!("one of {}", names.join(", "))
    })
}

fn threshold(text: &str) -> Result<Threshold, String> {
    let (name, value) = text.split_once('=').ok_or("SCORE=NUMBER")?;
    let score = Score::ALL.into_iter().find(|score| score.name() == name);
    let score = score.ok_or_else(|| {
        let names = Score::ALL.map(Score::name);
        format!("a score is one of {}", names.join(", "))
    })?;
    match value.parse::<f32>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(Threshold::by_hand(score, value)),
        _ => Err(format!("`{value}` is not a number of 0 or more")),
    }
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a file that cannot be read, converted or written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let bytes = pack(&args)?;
    save(&args.output, |out| out.write_all(&bytes))?;
    let stored = Stored::new(&bytes);
    let model = Model::parse(stored.bytes())?;
    writeln!(
        io::stderr(),
        "{}: {} bytes, {} layers, {} multiply-and-add steps, {} bytes of activations",
        args.output.display(),
        bytes.len(),
        model.layers().len(),
        model.macs(),
        2 * model.room()
    )?;
    Ok(ExitCode::SUCCESS)
}

fn pack(args: &Args) -> anyhow::Result<Vec<u8>> {
    let name = || args.input.display().to_string();
    let bytes = std::fs::read(&args.input).with_context(name)?;
    let network = tflite::read(&bytes).with_context(name)?;
    let ends = network.layers.first().zip(network.layers.last());
    let Some((inputs, outputs)) = ends.map(|(a, b)| (a.inputs, b.outputs)) else {
        bail!("{}: no layers", name());
    };
    ensure!(
        args.window > 0 && inputs.is_multiple_of(args.window),
        "--window {}: the network's {inputs} inputs are no whole number of frames",
        args.window
    );
    let count = inputs / args.window;
    let variables = match &args.names {
        Some(path) => Variables::read(path)?,
        None => Variables::numbered(count),
    };
    let found = variables.features.len();
    ensure!(
        found == count,
        "{found} names, but a frame has {count} values ({inputs} inputs, {} frames)",
        args.window
    );
    ensure!(
        args.outputs_only || outputs <= inputs && outputs.is_multiple_of(count),
        "{outputs} outputs do not reconstruct frames of {count} values; see --outputs-only"
    );
    let training = args.training.as_ref().map(|path| {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string());
        bytes.map(|bytes| Sha256::digest(bytes).into())
    });
    let blob = Blob {
        rounding: args.rounding,
        head: if args.outputs_only {
            Head::Outputs
        } else {
            Head::Reconstruction
        },
        features: variables.features,
        scales: variables.scales,
        window: args.window,
        input: network.input,
        layers: network.layers.into_iter().map(Into::into).collect(),
        thresholds: args.threshold.clone(),
        outside_limit: args.outside,
        training: training.transpose()?,
    };
    blob.to_bytes().with_context(name)
}
