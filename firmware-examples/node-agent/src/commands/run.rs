//! `run`: the daemon.

use super::ConfigArgument;
use crate::engine;
use clap::Args;
use std::process::ExitCode;

/// Runs until it is told to stop (SIGTERM or SIGINT); SIGHUP reads the configuration again
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent run --config /etc/bellwether/agent.toml\n\n\
    At SIGHUP the file is read again and sources are looked for again; nothing learned is lost. A file that is \
    wrong changes nothing.\n\nExit codes: 0 stopped as told; 1 failed; 2 wrong configuration"
)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

/// Runs the command.
///
/// # Errors
/// The configuration is wrong, or the daemon cannot start.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = arguments.config.read()?;
    engine::run(config, || arguments.config.read())?;
    Ok(ExitCode::SUCCESS)
}
