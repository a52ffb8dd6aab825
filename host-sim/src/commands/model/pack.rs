//! `bellwether model pack`: a framework's file becomes a model.

use crate::commands::args::head::HeadArgs;
use crate::commands::args::quantising::Quantising;
use crate::cost::estimate;
use crate::model::blob::in_tiles;
use crate::model::import::kind::Kind;
use crate::model::import::{self, Imported};
use crate::model::names::Variables;
use crate::model::{Blob, BlobLayer, NetworkIo, Stored, tflite};
use crate::output::file::save;
use crate::train::quality::{self, Quality};
use anyhow::{Context, ensure};
use bellwether::Model;
use bellwether::model::{QuantParams, Rounding, Score};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "Examples:
  bellwether model pack net.tflite -o net.bwm --names variables.csv --threshold max-absolute=0.3
  bellwether model pack net.onnx -o net.bwm --names variables.csv --calibration healthy.csv
  bellwether model pack svdd.onnx -o svdd.bwm --calibration healthy.csv --head distance \
      --center center.csv --threshold distance=0.4 --confirm 3/5";

/// Converts a network to a model for the library.
///
/// int8 weights of .tflite are kept; zero points are folded into the biases, and scales become
/// integer multipliers. Networks in f32 (.tflite, .onnx, .safetensors with its .json) are
/// quantised with the ranges observed over the rows of --calibration, then compared with the
/// quantised result. The library checks the model before it is written.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The network
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// Output file of the model
    #[arg(short, long, value_name = "MODEL")]
    output: PathBuf,
    #[command(flatten)]
    quantising: Quantising,
    /// Rounding rule of the framework, for all layers: single, double-half-up or double-ties-away
    /// [default: for each operator that of LiteRT's reference kernels, single for FULLY_CONNECTED,
    /// double-ties-away for convolutions]
    #[arg(long, value_name = "RULE", value_parser = rounding)]
    rounding: Option<Rounding>,
    /// Order of the weights: packed in tiles for the kernels, or in rows as in the file. Outputs
    /// are identical bit for bit
    #[arg(long, value_enum, default_value = "tiles")]
    weights: Weights,
    /// Frames per inference, oldest first [default: as in the file, or 1]
    #[arg(long, value_name = "FRAMES")]
    window: Option<usize>,
    /// Names, units and scales of the variables: a CSV file with the header
    /// `name,unit` or `name,unit,offset,divisor,mean` [default:
    /// as in the file, or x0, x1, ... unscaled]
    #[arg(long, value_name = "CSV")]
    names: Option<PathBuf>,
    #[command(flatten)]
    head: HeadArgs,
    /// The training data; the model stores its SHA-256
    #[arg(long, value_name = "FILE")]
    training: Option<PathBuf>,
}

/// The order of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Weights {
    /// Tiles of four outputs by four inputs
    Tiles,
    /// Output by output
    Rows,
}

fn rounding(name: &str) -> Result<Rounding, String> {
    let found = Rounding::ALL.into_iter().find(|rule| rule.name() == name);
    found.ok_or_else(|| {
        let names = Rounding::ALL.map(Rounding::name);
        format!("one of {}", names.join(", "))
    })
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a file that cannot be read, converted or written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let (bytes, quality) = pack(&args)?;
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
        2 * model.arena_len()
    )?;
    for line in estimate::lines(&model) {
        writeln!(io::stderr(), "{line}")?;
    }
    if let Some(quality) = quality {
        write!(io::stderr(), "{quality}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn pack(args: &Args) -> anyhow::Result<(Vec<u8>, Option<Quality>)> {
    let name = || args.input.display().to_string();
    let (kind, bytes) = import::open(&args.input)?;
    let digest = args.training.as_ref().map(|path| {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string());
        bytes.map(|bytes| Sha256::digest(bytes).into())
    });
    let training = digest.transpose()?;
    if kind == Kind::Tflite && tflite::is_integer(&bytes).with_context(name)? {
        let network = tflite::integer::read_as(&bytes, args.window).with_context(name)?;
        ensure!(
            args.quantising == Quantising::default(),
            "{}: the network is int8 already; --calibration and the like are for networks in f32",
            name()
        );
        say_batch(args, network.batch)?;
        let outputs = network.layers.last().map_or(0, BlobLayer::outputs);
        let io = network_io(args, network.inputs, outputs, (None, network.window))?;
        let mut layers = network.layers;
        if args.rounding.is_some() {
            for own in layers.iter_mut().filter_map(BlobLayer::rounding) {
                *own = None;
            }
        }
        let rounding = args.rounding.unwrap_or(network.rounding);
        let model = blob(io, (args, rounding), network.input, layers, training)?;
        return Ok((model.to_bytes().with_context(name)?, None));
    }
    let imported = import::read_as(&args.input, args.window)?;
    say_batch(args, imported.batch)?;
    let (inputs, outputs) = (imported.net.inputs, imported.net.outputs());
    let io = network_io(args, inputs, outputs, (Some(&imported), imported.window))?;
    let quantised = args.quantising.quantise(&imported.net, &io)?;
    let training = training.or(imported.training);
    let evaluation = args.quantising.evaluation(&io)?;
    let rounding = args.rounding.unwrap_or(Rounding::Single);
    let model = blob(
        io,
        (args, rounding),
        quantised.input,
        quantised.layers,
        training,
    )?;
    let bytes = model.to_bytes().with_context(name)?;
    let stored = Stored::new(&bytes);
    let quality = quality::compare(&imported.net, Model::parse(stored.bytes())?, &evaluation)?;
    Ok((bytes, Some(quality)))
}

/// Says that a batch which the file fixes is read as 1.
fn say_batch(args: &Args, batch: Option<usize>) -> io::Result<()> {
    let Some(batch) = batch else {
        return Ok(());
    };
    writeln!(
        io::stderr(),
        "{}: the network takes a batch of {batch}, read as 1; with --window {batch}, an input of two axes \
         is a window of {batch} frames",
        args.input.display()
    )
}

/// Variables, frames and head: from the arguments, or else from the file.
fn network_io(
    args: &Args,
    inputs: usize,
    outputs: usize,
    (imported, window): (Option<&Imported>, Option<usize>),
) -> anyhow::Result<NetworkIo> {
    let window = args.window.or(window).unwrap_or(1);
    ensure!(
        window > 0 && inputs.is_multiple_of(window),
        "--window {window}: the network's {inputs} inputs are no whole number of frames"
    );
    let count = inputs / window;
    let of_file = imported.and_then(|i| {
        i.features.clone().map(|features| Variables {
            features,
            scales: i.scales.clone(),
        })
    });
    let variables = match (&args.names, of_file) {
        (Some(path), _) => Variables::read(path)?,
        (None, Some(variables)) => variables,
        (None, None) => Variables::numbered(count),
    };
    let found = variables.features.len();
    ensure!(
        found == count,
        "{found} names, but a frame has {count} values ({inputs} inputs, {window} frames)"
    );
    let of_file = imported.and_then(|i| i.head);
    let head = args.head.head(of_file, (inputs, outputs), count)?;
    Ok(NetworkIo {
        variables,
        window,
        head,
    })
}

fn blob(
    io: NetworkIo,
    (args, rounding): (&Args, Rounding),
    input: QuantParams,
    layers: Vec<BlobLayer>,
    training: Option<[u8; 32]>,
) -> anyhow::Result<Blob> {
    let last = layers.last().context("no layers")?;
    let (outputs, scale) = (last.outputs(), last.output().scale);
    let judging = args.head.judging(io.head, outputs, scale)?;
    for threshold in &args.head.threshold {
        let least = match threshold.score {
            Score::MaxAbsolute => scale,
            Score::MeanAbsolute => scale / outputs.max(1) as f32,
            Score::MeanSquare => scale * scale / outputs.max(1) as f32,
            _ => 0.0,
        };
        ensure!(
            threshold.value >= least,
            "--threshold {}={}: the smallest error that the outputs' steps of {scale} can show is \
             {least}; take a larger threshold, a narrower --grid, or --values 16",
            threshold.score.name(),
            threshold.value
        );
    }
    let layers = match args.weights {
        Weights::Tiles => in_tiles(layers),
        Weights::Rows => layers,
    };
    Ok(Blob {
        rounding,
        head: io.head,
        features: io.variables.features,
        scales: io.variables.scales,
        window: io.window,
        input,
        layers,
        thresholds: args.head.threshold.clone(),
        saturation_limit: args.head.outside,
        training,
        judging,
    })
}
