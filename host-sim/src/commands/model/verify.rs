//! `bellwether model verify`: a model against the outputs of the framework it came from.

use crate::commands::args::model::Rows;
use crate::model::runner::scale;
use crate::model::{Runner, Stored, import};
use crate::train::quality::Difference;
use anyhow::{Context, bail, ensure};
use bellwether::Model;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compares a model's outputs, computed by the firmware's own call, with a framework's.
///
/// The reference is the framework's outputs (--outputs: raw little-endian f32, or int8 if the name
/// ends in .i8) or the packed network itself (--network, computed in f32 here). Exit code 1 if any
/// output differs by more than --steps quantisation steps.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether model verify net.bwm --input rows.csv --network net.onnx --steps 8"
)]
pub struct Args {
    /// The model
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    #[command(flatten)]
    rows: Rows,
    /// The framework's outputs for every window of the input
    #[arg(long, value_name = "FILE", required_unless_present = "network")]
    outputs: Option<PathBuf>,
    /// The network from which the model was packed
    #[arg(long, value_name = "FILE", conflicts_with = "outputs")]
    network: Option<PathBuf>,
    /// Largest accepted difference, in quantisation steps of the outputs
    #[arg(long, value_name = "STEPS", default_value = "1")]
    steps: f64,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read or does not fit the model.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let name = || args.model.display().to_string();
    let stored = Stored::new(&std::fs::read(&args.model).with_context(name)?);
    let model = Model::parse(stored.bytes()).with_context(name)?;
    let frames = args.rows.read(&model)?;
    let wanted = match (&args.outputs, &args.network) {
        (Some(path), _) => read(path, &model)?,
        (None, Some(path)) => {
            let net = import::read_as(path, Some(model.window()))?.net;
            ensure!(
                (net.inputs, net.outputs()) == (model.inputs(), model.outputs()),
                "{}: {} inputs and {} outputs; the model has {} and {}",
                path.display(),
                net.inputs,
                net.outputs(),
                model.inputs(),
                model.outputs()
            );
            let windows = frames.windows(model.window());
            windows
                .flat_map(|window| net.forward(&scale(&model, window)))
                .collect()
        }
        (None, None) => bail!("--outputs or --network"),
    };
    let mut runner = Runner::new(model)?;
    let windows = frames.windows(model.window());
    let ours: Vec<f32> = windows.flat_map(|window| runner.outputs(window)).collect();
    ensure!(
        ours.len() == wanted.len(),
        "{} windows give {} outputs; {} to compare with",
        frames.windows(model.window()).count(),
        ours.len(),
        wanted.len()
    );
    ensure!(
        !ours.is_empty(),
        "{}: no whole window",
        args.rows.input.display()
    );
    let (mut largest, mut sum, mut place) = (0.0_f64, 0.0, 0);
    for (k, (a, b)) in ours.iter().zip(&wanted).enumerate() {
        let difference = (f64::from(*a) - f64::from(*b)).abs();
        sum += difference;
        if difference > largest || difference.is_nan() {
            (largest, place) = (difference, k);
        }
    }
    let difference = Difference {
        largest,
        mean: sum / ours.len() as f64,
    };
    let steps = largest / f64::from(model.output_grid().scale);
    let (window, output) = (place / model.outputs(), place % model.outputs());
    writeln!(
        io::stdout(),
        "{} outputs: {difference}; {steps:.2} steps at window {window}, output {output}",
        ours.len()
    )?;
    // f32 may be a rounding error off a whole step.
    if steps <= args.steps + 1e-3 {
        Ok(ExitCode::SUCCESS)
    } else {
        writeln!(io::stderr(), "more than {} steps", args.steps)?;
        Ok(ExitCode::from(1))
    }
}

/// A framework's outputs.
fn read(path: &Path, model: &Model<'_>) -> anyhow::Result<Vec<f32>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    if path.extension().is_some_and(|e| e == "i8") {
        let grid = model.output_grid();
        let real = |byte: &u8| grid.real(byte.cast_signed().into());
        return Ok(bytes.iter().map(real).collect());
    }
    let (numbers, rest) = bytes.as_chunks();
    ensure!(
        rest.is_empty(),
        "{}: {} bytes are no whole number of f32",
        path.display(),
        bytes.len()
    );
    Ok(numbers.iter().map(|b| f32::from_le_bytes(*b)).collect())
}
