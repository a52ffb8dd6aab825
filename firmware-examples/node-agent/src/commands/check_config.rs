//! `check-config`: the configuration, and what it would do.

use super::ConfigArgument;
use clap::Args;
use std::process::ExitCode;

/// Checks the configuration and prints what it would do: sources, channels, groups, memory
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent check-config --config agent.toml\n\nExit codes: 0 it is good; 1 a source or output of it cannot be used; 2 it is wrong"
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
    anyhow::bail!("check-config: not in this build")
}
