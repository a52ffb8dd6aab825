//! `list-sensors`: the channels of this machine.

use super::ConfigArgument;
use clap::Args;
use std::process::ExitCode;

/// Lists what can be read on this machine, with identity, unit and present value
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent list-sensors\n\nExit codes: 0 listed; 1 failed; 2 wrong configuration"
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
    anyhow::bail!("list-sensors: not in this build")
}
