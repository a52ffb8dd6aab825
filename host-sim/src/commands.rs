//! The subcommands, one file each: arguments and their execution.

use crate::output::file::is_broken_pipe;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[cfg(feature = "full")]
pub mod args;
#[cfg(feature = "full")]
pub mod bench;
#[cfg(feature = "full")]
pub mod compare;
#[cfg(feature = "full")]
pub mod completions;
#[cfg(feature = "full")]
pub mod cost;
pub mod demo;
#[cfg(feature = "full")]
pub mod device;
#[cfg(feature = "full")]
pub mod explain;
#[cfg(feature = "full")]
pub mod export;
#[cfg(feature = "full")]
pub mod fit;
#[cfg(feature = "full")]
pub mod fleet;
#[cfg(feature = "full")]
pub mod generate;
#[cfg(feature = "full")]
pub mod inject;
#[cfg(feature = "full")]
pub mod judge;
#[cfg(feature = "full")]
pub mod listen;
#[cfg(feature = "full")]
pub mod man;
#[cfg(feature = "full")]
pub mod model;
#[cfg(feature = "full")]
pub mod report;
#[cfg(feature = "full")]
pub mod run;
#[cfg(feature = "full")]
pub mod score;
#[cfg(feature = "full")]
pub mod sizes;
#[cfg(all(feature = "watch", target_os = "linux"))]
pub mod watch;

/// Online anomaly detection for multivariate sensor streams: replay, explain, simulate, and
/// prove that a device gives the same bits.
#[derive(Parser)]
#[command(
    name = "bellwether",
    version,
    after_help = "Example: bellwether run recording.csv.gz --set promise=3"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[cfg(feature = "full")]
    Run(run::Args),
    #[cfg(feature = "full")]
    Report(report::Args),
    #[cfg(feature = "full")]
    Explain(explain::Args),
    #[cfg(feature = "full")]
    Fit(fit::Args),
    Demo(demo::Args),
    #[cfg(feature = "full")]
    Device(device::Args),
    #[cfg(feature = "full")]
    Listen(listen::Args),
    #[cfg(all(feature = "watch", target_os = "linux"))]
    Watch(watch::Args),
    #[cfg(feature = "full")]
    Compare(compare::Args),
    #[cfg(feature = "full")]
    Sizes(sizes::Args),
    #[cfg(feature = "full")]
    Cost(cost::Args),
    #[cfg(feature = "full")]
    Export(export::Args),
    #[cfg(feature = "full")]
    Model(model::Args),
    #[cfg(feature = "full")]
    Score(score::Args),
    #[cfg(feature = "full")]
    Bench(bench::Args),
    #[cfg(feature = "full")]
    Inject(inject::Args),
    #[cfg(feature = "full")]
    Generate(generate::Args),
    #[cfg(feature = "full")]
    Fleet(fleet::Args),
    #[cfg(feature = "full")]
    Judge(judge::Args),
    #[cfg(feature = "full")]
    Completions(completions::Args),
    #[cfg(feature = "full")]
    Man(man::Args),
    #[cfg(feature = "full")]
    /// Scores a generated series; run by `bench --instructions` under QEMU
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
        #[cfg(feature = "full")]
        Command::Run(args) => run::execute(args),
        #[cfg(feature = "full")]
        Command::Report(args) => report::execute(args),
        #[cfg(feature = "full")]
        Command::Explain(args) => explain::execute(&args),
        #[cfg(feature = "full")]
        Command::Fit(args) => fit::execute(&args),
        Command::Demo(args) => demo::execute(args),
        #[cfg(feature = "full")]
        Command::Device(args) => device::execute(args),
        #[cfg(feature = "full")]
        Command::Listen(args) => listen::execute(&args),
        #[cfg(all(feature = "watch", target_os = "linux"))]
        Command::Watch(args) => watch::execute(args),
        #[cfg(feature = "full")]
        Command::Compare(args) => compare::execute(args),
        #[cfg(feature = "full")]
        Command::Sizes(args) => sizes::execute(&args),
        #[cfg(feature = "full")]
        Command::Cost(args) => cost::execute(args),
        #[cfg(feature = "full")]
        Command::Export(args) => export::execute(&args),
        #[cfg(feature = "full")]
        Command::Model(args) => model::execute(args),
        #[cfg(feature = "full")]
        Command::Score(args) => score::execute(args),
        #[cfg(feature = "full")]
        Command::Bench(args) => bench::execute(args),
        #[cfg(feature = "full")]
        Command::Inject(args) => inject::execute(args),
        #[cfg(feature = "full")]
        Command::Generate(args) => generate::execute(args),
        #[cfg(feature = "full")]
        Command::Fleet(args) => fleet::execute(args),
        #[cfg(feature = "full")]
        Command::Judge(args) => judge::execute(args),
        #[cfg(feature = "full")]
        Command::Completions(args) => completions::execute(&args),
        #[cfg(feature = "full")]
        Command::Man(args) => man::execute(&args),
        #[cfg(feature = "full")]
        Command::Stream { name } => {
            crate::bench::instructions::stream(&name).map(|()| ExitCode::SUCCESS)
        }
    };
    match result {
        // The reader of our output has left: no reason to complain.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        result => result,
    }
}

#[cfg(all(test, feature = "full"))]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Looks at a command and those below it.
    fn look(command: &clap::Command, path: &str) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let path = format!("{path} {}", sub.get_name());
            let worked = [sub.get_after_help(), sub.get_after_long_help()];
            let worked = worked.map(|text| text.map(ToString::to_string).unwrap_or_default());
            let has = worked
                .iter()
                .any(|text| text.contains("Example") && text.contains(&path));
            assert!(has, "{path} --help has no line `Example: {path} ...`");
            look(sub, &path);
        }
    }

    /// Broken by a subcommand whose help only lists its options.
    #[test]
    fn every_subcommand_has_a_worked_line_in_its_help() {
        look(&Cli::command(), "bellwether");
    }
}
