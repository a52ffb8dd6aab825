//! `bellwether sizes`: memory, flash and instructions before anything is built.

use crate::board::Board;
use crate::cost::footprint::{self, Footprint};
use crate::detect::Entry;
use crate::model::Stored;
use crate::text::number::count;
use anyhow::Context;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "Examples:
  bellwether sizes --variables 5 --preset small --target cortex-m4f
  bellwether sizes --model node.bwm --target cortex-m3 --format json";

/// Says how much memory, flash and time a detector takes on a microcontroller, before anything is built.
///
/// Sizes are those of the types. Instructions were counted in QEMU for a certain number of variables (COSTS.md); each
/// figure says whether it is exact, measured, estimated, or the most that another number of variables can take. Code was
/// compiled with `opt-level` 3 (fast) and s (small). Nothing needs a toolchain.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The number of variables [default: the model's]
    #[arg(
        long,
        value_name = "COUNT",
        required_unless_present = "model",
        conflicts_with = "model",
        value_parser = clap::value_parser!(u16).range(1..=512)
    )]
    variables: Option<u16>,
    /// The detector [default: sentinel, or autoencoder with a model]
    #[arg(long, value_name = "NAME", value_parser = Entry::named)]
    detector: Option<&'static Entry>,
    /// Vectors of a quartet's memories, the sentinel's too (default, small, tiny), or lanes of a node (wide, tiny)
    /// [default: small, or wide]
    #[arg(long, value_name = "NAME", value_parser = ["default", "small", "tiny", "wide"])]
    preset: Option<String>,
    /// The processor: cortex-m4f, cortex-m3 or cortex-m0
    #[arg(long, value_name = "NAME", value_parser = footprint::target, default_value = "cortex-m4f")]
    target: Board,
    /// The model of an autoencoder
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Aligned columns for reading
    Table,
    /// One JSON object
    Json,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a model that cannot be read.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let stored = args.model.as_deref().map(Stored::read).transpose()?;
    let model = stored
        .as_ref()
        .map(|stored| Ok::<_, anyhow::Error>((stored.model()?, stored.bytes().len())));
    let model = model.transpose()?;
    let name = if model.is_some() {
        "autoencoder"
    } else {
        "sentinel"
    };
    let entry = args.detector.map_or_else(|| Entry::named(name), Ok)?;
    let variables = args.variables.unwrap_or_default().into();
    let found = footprint::of(
        entry,
        variables,
        args.preset.as_deref(),
        &args.target,
        model,
    )?;
    let mut out = io::stdout().lock();
    match args.format {
        Format::Json => writeln!(
            out,
            "{}",
            serde_json::to_string_pretty(&found).context("JSON")?
        )?,
        Format::Table => write(&found, &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn write(found: &Footprint, out: &mut impl Write) -> io::Result<()> {
    let preset = found.preset.as_ref();
    let preset = preset.map_or_else(String::new, |preset| format!(", preset {preset}"));
    let Footprint {
        detector,
        variables,
        target,
        ..
    } = found;
    writeln!(out, "{detector}{preset}, {variables} variables, {target}")?;
    for figure in &found.figures {
        writeln!(
            out,
            "  {:<18}  {:>10}  {:<16}  {:<9}  {}",
            figure.name,
            count(figure.value),
            figure.unit,
            figure.basis.to_string(),
            figure.note
        )?;
    }
    Ok(())
}
