//! `replay`: recorded values, judged as if they were read now.

use super::ConfigArgument;
use clap::Args;
use std::process::ExitCode;

/// Judges a recording as if it were read now
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent replay node.csv\n\nExit codes: 0 no event; 1 events or failed; 2 wrong use"
)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

/// Runs the command.
///
/// # Errors
/// The configuration cannot be read.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    arguments.config.read()?;
    anyhow::bail!("replay: not in this build")
}
