//! `once`: one reading of everything.

use super::ConfigArgument;
use clap::Args;
use std::process::ExitCode;

/// Reads everything once and prints it
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent once\n\nExit codes: 0 read; 1 failed; 2 wrong configuration"
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
    anyhow::bail!("once: not in this build")
}
