//! `bellwether model`: trained networks, from a framework's file to bytes in flash.

use clap::Subcommand;
use std::process::ExitCode;

pub mod input;
pub mod inspect;
pub mod keygen;
pub mod pack;
mod quantising;
pub mod run;
pub mod sign;

/// Converts, shows and runs trained networks.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether model pack net.tflite -o net.bwm")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Pack(pack::Args),
    Inspect(inspect::Args),
    Run(run::Args),
    Keygen(keygen::Args),
    Sign(sign::Args),
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a file that cannot be read or written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Pack(args) => pack::execute(args),
        Command::Inspect(args) => inspect::execute(args),
        Command::Run(args) => run::execute(args),
        Command::Keygen(args) => keygen::execute(args),
        Command::Sign(args) => sign::execute(args),
    }
}
