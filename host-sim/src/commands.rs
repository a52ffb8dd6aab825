//! The subcommands, one file each: arguments, and what they do.

use crate::output::file::is_broken_pipe;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

pub mod args;
pub mod bench;
pub mod compare;
pub mod completions;
pub mod cost;
pub mod demo;
pub mod device;
pub mod generate;
pub mod inject;
pub mod man;
pub mod model;
pub mod report;
pub mod run;
pub mod score;

/// Online anomaly detection for multivariate sensor streams: replay, explain, simulate, and
/// prove that a device gives the same bits.
#[derive(Parser)]
#[command(
    name = "bellwether",
    version,
    after_help = "Example: bellwether run recording.csv.gz --set window=720"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Report(report::Args),
    Demo(demo::Args),
    Device(device::Args),
    Compare(compare::Args),
    Cost(cost::Args),
    Model(model::Args),
    Score(score::Args),
    Bench(bench::Args),
    Inject(inject::Args),
    Generate(generate::Args),
    Completions(completions::Args),
    Man(man::Args),
    /// Scores a generated series, for `bench --instructions` to count
    #[command(hide = true)]
    Stream {
        /// Detector
        name: String,
    },
}

/// Runs one subcommand.
///
/// # Errors
/// Wrong use, or input that cannot be read: exit code 2.
pub fn execute(cli: Cli) -> anyhow::Result<ExitCode> {
    let result = match cli.command {
        Command::Run(args) => run::execute(args),
        Command::Report(args) => report::execute(args),
        Command::Demo(args) => demo::execute(args),
        Command::Device(args) => device::execute(args),
        Command::Compare(args) => compare::execute(args),
        Command::Cost(args) => cost::execute(args),
        Command::Model(args) => model::execute(args),
        Command::Score(args) => score::execute(args),
        Command::Bench(args) => bench::execute(args),
        Command::Inject(args) => inject::execute(args),
        Command::Generate(args) => generate::execute(args),
        Command::Completions(args) => completions::execute(&args),
        Command::Man(args) => man::execute(&args),
        Command::Stream { name } => {
            crate::bench::instructions::stream(&name).map(|()| ExitCode::SUCCESS)
        }
    };
    match result {
        // Whoever read our output has left: no reason to complain.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        result => result,
    }
}
