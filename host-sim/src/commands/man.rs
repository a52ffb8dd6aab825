//! `bellwether man`: the manual, a page per subcommand.

use crate::commands::Cli;
use anyhow::Context;
use clap::CommandFactory;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes the manual: bellwether.1, and a page for each subcommand.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether man -o ~/.local/share/man/man1")]
pub struct Args {
    /// Folder for the pages
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// A page cannot be written.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = || args.output.display().to_string();
    fs::create_dir_all(&args.output).with_context(folder)?;
    clap_mangen::generate_to(Cli::command(), &args.output).with_context(folder)?;
    Ok(ExitCode::SUCCESS)
}
