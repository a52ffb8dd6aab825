//! `run`: the daemon.

use super::ConfigArgument;
use clap::Args;
use std::process::ExitCode;

/// Runs until it is told to stop (SIGTERM or SIGINT); SIGHUP reads the configuration again
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent run --config /etc/bellwether/agent.toml\n\nExit codes: 0 stopped as told; 1 failed; 2 wrong configuration"
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
    anyhow::bail!("run: not in this build")
}
