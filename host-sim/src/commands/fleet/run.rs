//! `bellwether fleet run`: one shard of the nodes.

use super::manner::MannerArgs;
use crate::fleet::judging::Manner;
use crate::fleet::line::{Origin, about};
use crate::fleet::merge::Total;
use crate::fleet::node::{NodeFile, nodes};
use crate::fleet::results::Results;
use crate::fleet::shard::Shard;
use crate::model::Stored;
use crate::progress::Progress;
use crate::recording::learning::rows_in_front;
use crate::recording::{Options, Recording};
use crate::text::number::counted;
use anyhow::Context;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Judges one shard of the nodes, a file of results per node.
///
/// Work is divided by node, never by time: a detector's state belongs to its node. Every task of a job array is
/// given the same recordings and the same folder, and its own part of the nodes (I/N, from 0). A result is in its
/// place only when it is complete. A task that runs again keeps the results that are there and judges the rest;
/// recordings that have grown are judged anew.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether fleet run nodes/*.csv.gz --shard $SLURM_ARRAY_TASK_ID/8 -o results
         bellwether fleet run nodes/*.parquet --detector node --set learn=2000 -o results"
)]
pub struct Args {
    /// A recording per node, which is named after the file
    #[arg(value_name = "RECORDING", required = true)]
    inputs: Vec<PathBuf>,
    /// Part of the nodes, such as 0/8 to 7/8
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    shard: Shard,
    /// Folder of the results
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    #[command(flatten)]
    manner: MannerArgs,
    #[command(flatten)]
    reading: Options,
}

/// Runs the command.
///
/// # Errors
/// A recording cannot be read, or a result cannot be written. The other nodes are judged all the same.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let stored = args.manner.stored()?;
    let model = stored.as_ref().map(Stored::model).transpose()?;
    let manner = args.manner.manner(model)?;
    let all = nodes(&args.inputs)?;
    let plan = args
        .manner
        .plan(all.iter().map(|node| node.name.clone()).collect())?;
    let results = Results::open(&args.output, &plan)?;
    let own = all.iter().enumerate();
    let own = own.filter(|(place, _)| args.shard.has(*place));
    let own: Vec<&NodeFile> = own.map(|(_, node)| node).collect();
    let progress = Progress::over(own.len() as u64, "nodes");
    let (mut total, mut kept, mut failed) = (Total::default(), 0_u64, Vec::new());
    for node in &own {
        progress.set_message(&node.name);
        let origin = origin(node)?;
        if results.has(&node.name, &origin) {
            kept += 1;
        } else {
            match judge(node, &origin, args, &manner, &results) {
                Ok(counts) => total.add(counts),
                Err(error) => failed.push(error),
            }
        }
        progress.step();
    }
    progress.finish();
    let mut log = io::stderr();
    for error in &failed {
        writeln!(log, "{error:#}")?;
    }
    writeln!(
        log,
        "shard {} of {}: {} judged, {}; {kept} were there, {} failed",
        args.shard,
        counted(all.len() as u64, "node"),
        counted(total.nodes, "node"),
        counted(total.counts.frames, "frame"),
        failed.len()
    )?;
    Ok(match failed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    })
}

fn origin(node: &NodeFile) -> anyhow::Result<Origin> {
    let about = std::fs::metadata(&node.path);
    let about = about.with_context(|| node.path.display().to_string())?;
    Ok(Origin {
        file: node.path.display().to_string(),
        bytes: about.len(),
    })
}

/// Judges a node from its first to its last row.
fn judge(
    node: &NodeFile,
    origin: &Origin,
    args: &Args,
    manner: &Manner<'_>,
    results: &Results,
) -> anyhow::Result<crate::fleet::counts::Counts> {
    let named = || node.path.display().to_string();
    let mut recording = Recording::open_with(&node.path, &args.reading)?;
    if let Some(model) = manner.model.filter(|model| model.front_end().is_some()) {
        recording.select_for(&model).with_context(named)?;
    }
    let learn = match manner.entry.learning_key(&manner.set, manner.fit.is_some()) {
        Some(_) => rows_in_front(&node.path, &args.reading, &recording)?,
        None => None,
    };
    let judging = manner.judging(&node.name, recording.names(), learn);
    let mut judging = judging.with_context(named)?;
    results.write(&node.name, |out| {
        writeln!(out, "{}", about(&node.name, "recording", origin)?)?;
        writeln!(out, "{}", judging.begin()?)?;
        while let Some(row) = recording.next_row()? {
            if let Some(line) = judging.take(row.timestamp, row.readings)? {
                writeln!(out, "{line}")?;
            }
        }
        Ok(writeln!(out, "{}", judging.end()?)?)
    })?;
    Ok(judging.counts())
}
