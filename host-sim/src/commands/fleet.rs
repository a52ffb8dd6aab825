//! `bellwether fleet`: recordings of many nodes.

use clap::Subcommand;
use std::process::ExitCode;

pub mod compare;
mod manner;
pub mod merge;
pub mod rank;
#[cfg(feature = "fleet")]
pub mod replay;
pub mod run;
#[cfg(feature = "fleet")]
pub mod serve;
#[cfg(feature = "fleet")]
mod server;

/// Judges recordings of many nodes: as shards of a job array or through a message server, merged, ranked, and
/// compared with their peers.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether fleet run nodes/*.csv.gz --shard 0/8 -o results
         bellwether fleet merge results -o merged.jsonl
         bellwether fleet rank merged.jsonl --rack 'r{rack}n*'"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Merge(merge::Args),
    #[cfg(feature = "fleet")]
    Replay(replay::Args),
    #[cfg(feature = "fleet")]
    Serve(serve::Args),
    Rank(rank::Args),
    Compare(compare::Args),
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a file that cannot be read or written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Run(args) => run::execute(&args),
        Command::Merge(args) => merge::execute(&args),
        #[cfg(feature = "fleet")]
        Command::Replay(args) => replay::execute(&args),
        #[cfg(feature = "fleet")]
        Command::Serve(args) => serve::execute(&args),
        Command::Rank(args) => rank::execute(&args),
        Command::Compare(args) => compare::execute(&args),
    }
}
