//! `bellwether model`: trained networks, from a framework's file to bytes in flash.

use clap::Subcommand;
use std::process::ExitCode;

pub mod calibrate;
pub mod inspect;
pub mod keygen;
pub mod measure;
pub mod pack;
pub mod run;
pub mod sign;
pub mod survey;
pub mod train;
pub mod verify;

/// Trains, converts, shows, checks and runs networks.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether model pack net.tflite -o net.bwm")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Train(train::Args),
    Pack(pack::Args),
    Calibrate(calibrate::Args),
    Inspect(inspect::Args),
    Run(run::Args),
    Verify(verify::Args),
    Measure(measure::Args),
    Keygen(keygen::Args),
    Sign(sign::Args),
    Survey(survey::Args),
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a file that cannot be read or written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Train(args) => train::execute(args),
        Command::Calibrate(args) => calibrate::execute(args),
        Command::Verify(args) => verify::execute(args),
        Command::Measure(args) => measure::execute(args),
        Command::Pack(args) => pack::execute(args),
        Command::Inspect(args) => inspect::execute(args),
        Command::Run(args) => run::execute(args),
        Command::Keygen(args) => keygen::execute(args),
        Command::Sign(args) => sign::execute(args),
        Command::Survey(args) => survey::execute(args),
    }
}
