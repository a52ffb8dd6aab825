//! `bellwether model inspect`: the content of a model.

use crate::commands::args::model::Input;
use crate::cost::estimate;
use crate::model::ModelCard;
use std::io::{self, Write};
use std::process::ExitCode;

/// Shows the content of a model, after the checks that a device makes.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether model inspect net.bwm --json")]
pub struct Args {
    #[command(flatten)]
    model: Input,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// The model cannot be read, or is refused.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let stored = args.model.read()?;
    let model = args.model.parse(&stored)?;
    let card = ModelCard::new(&model, estimate::of(&model));
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&card)?)?;
    } else {
        card.write(&mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}
