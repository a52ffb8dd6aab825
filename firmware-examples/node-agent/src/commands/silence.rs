//! `silence`: words with the running agent.

use super::ConfigArgument;
use clap::Args;
use std::process::ExitCode;

/// Silences the running agent for planned work
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent silence 90\n\nExit codes: 0 done; 1 the agent refused or is not there; 2 wrong use"
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
    anyhow::bail!("silence: not in this build")
}
