//! `bellwether fleet merge`: the results of all shards in one file.

use crate::fleet::merge::{Inputs, Total, place};
use crate::fleet::results::whole;
use crate::progress::Progress;
use crate::text::number::{count, counted};
use anyhow::ensure;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Puts the results of all nodes into one file, and checks that every frame was judged exactly once.
///
/// The merged file has the lines of `bellwether run` with the node in front, in order of the nodes and of the
/// frames, and a line with the sums at its end. It does not depend on the number of shards, on workers or on
/// interruptions. A node without a result, a frame without a verdict or with two, and a line that was changed are
/// errors that name the place.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether fleet merge results -o merged.jsonl
         bellwether fleet merge results/* -o merged.jsonl
         bellwether fleet merge --nats nats://127.0.0.1:4222 --stream march -o merged.jsonl")]
pub struct Args {
    /// Folders of results, or all files in one
    #[arg(value_name = "RESULTS")]
    inputs: Vec<PathBuf>,
    #[cfg(feature = "fleet")]
    #[command(flatten)]
    server: super::server::OptionalServer,
    /// The merged file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// Results are missing or incomplete, or the file cannot be written.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let (folder, name) = place(&args.output)?;
    #[cfg(feature = "fleet")]
    if let Some(server) = args.server.given() {
        ensure!(
            args.inputs.is_empty(),
            "results are merged from files or from --nats, not from both"
        );
        let mut total = Total::default();
        whole(folder, name, |out| {
            total = crate::fleet::stream::merge::merge(&server, out)?;
            Ok(())
        })?;
        return say(&total);
    }
    ensure!(!args.inputs.is_empty(), "name the folder of the results");
    let inputs = Inputs::find(&args.inputs)?;
    let progress = Progress::over(inputs.nodes(), "nodes");
    let mut total = Total::default();
    whole(folder, name, |out| {
        total = inputs.merge(out, || progress.step())?;
        Ok(())
    })?;
    progress.finish();
    say(&total)
}

fn say(total: &Total) -> anyhow::Result<ExitCode> {
    let counts = total.counts;
    writeln!(
        io::stdout(),
        "{}, {}, each judged once: {} anomalous, {} blind, {} warming up; {}",
        counted(total.nodes, "node"),
        counted(counts.frames, "frame"),
        count(counts.anomalous),
        count(counts.blind),
        count(counts.warming),
        counted(counts.alarms, "alarm")
    )?;
    Ok(ExitCode::SUCCESS)
}
