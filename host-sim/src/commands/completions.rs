//! `bellwether completions`: completions for a shell.

use crate::commands::Cli;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::io;
use std::process::ExitCode;

/// Prints the completion script of a shell.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether completions bash > ~/.local/share/bash-completion/completions/bellwether"
)]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// None.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let mut completions = Vec::new();
    generate(
        args.shell,
        &mut Cli::command(),
        "bellwether",
        &mut completions,
    );
    io::Write::write_all(&mut io::stdout(), &completions)?;
    Ok(ExitCode::SUCCESS)
}
