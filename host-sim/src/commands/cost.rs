//! `bellwether cost`

use std::process::ExitCode;

/// Placeholder doc.
#[derive(clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// Wrong use.
pub fn execute(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not written yet")
}
