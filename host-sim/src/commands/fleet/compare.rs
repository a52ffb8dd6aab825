//! `bellwether fleet compare`: nodes against those that run the same job.

use crate::commands::args::source::detectors;
use crate::detect::Entry;
use crate::detect::quartet::options::LEARN;
use crate::detect::setting::large_count;
use crate::fleet::compare::case::{About, Found};
use crate::fleet::compare::jobs::JobFile;
use crate::fleet::compare::rows::Rows;
use crate::fleet::compare::truth::Truth;
use crate::fleet::compare::{Comparison, Rules};
use crate::fleet::judging::Manner;
use crate::fleet::merge::place;
use crate::fleet::node::nodes;
use crate::fleet::results::whole;
use crate::progress::Progress;
use crate::recording::learning::rows_in_front;
use crate::recording::{Options, Recording};
use crate::text::columns::{Column, Rows as Lines, width};
use crate::text::number::count;
use anyhow::bail;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Rows between two updates of the progress bar.
const GLANCE: u64 = 256;

/// Compares nodes with their peers: those that run the same job at the same time, at least two.
///
/// Every variable is scaled by the node's own fit rows, and a slope times the median of its peers is subtracted: the
/// slope is fitted through 0 to the same rows, from 0 to 1.2. The detector judges what is left, beside the node by its
/// own past alone. The plain rule holds where a value is more than one deviation of the peers and more than a tenth
/// of their median away from that median, in --plain rows one after the other: so a node is found that is slow, but
/// answers. Nodes of different jobs are never compared. Idle nodes are peers of one another, but not for the plain rule.
/// A row without two peers is judged as it is.
///
/// Recordings are one per node, or one with columns NODE.VARIABLE such as `bellwether generate fleet` writes. Rows
/// belong together if they have the same time; --every puts those of different clocks on a grid.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether fleet compare fleet.csv --jobs fleet.jobs.csv --labels fleet.labels.csv
         bellwether fleet compare nodes/*.csv.gz --job slurm_job_id --every 60s -o beyond.jsonl
         bellwether fleet compare nodes/*.csv.gz --same-job --detector quartet"
)]
pub struct Args {
    /// A recording per node, or one of several nodes
    #[arg(value_name = "RECORDING", required = true)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    job: JobArgs,
    /// The detector
    #[arg(long, value_name = "NAME", value_parser = detectors(|entry| entry.learns_all && !entry.needs_model), default_value = "node")]
    detector: &'static Entry,
    /// Sets a setting of the detector; may be repeated (`bellwether run --help` lists the keys)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Rows that the plain rule must hold
    #[arg(long, value_name = "ROWS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    plain: u64,
    /// Known faults, start,end,kind,channels,severity: adds PATE and false rows
    #[arg(long = "labels", value_name = "FILE.csv")]
    faults: Option<PathBuf>,
    /// Writes the anomalous rows beyond the peers, as `bellwether fleet run` does
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Prints a JSON object per node instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: Options,
}

/// Where the jobs of the nodes come from.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct JobArgs {
    /// Jobs, CSV timestamp,NODE... with the job of each node from that time on, empty or 0 for none
    #[arg(long, value_name = "FILE.csv")]
    jobs: Option<PathBuf>,
    /// Column of the recordings with the number of the job, 0 or empty for none
    #[arg(long, value_name = "COLUMN")]
    job: Option<String>,
    /// All nodes run one job all the time
    #[arg(long)]
    same_job: bool,
}

/// Runs the command.
///
/// # Errors
/// A recording or a file cannot be read, or there are too few nodes or rows.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    args.detector.accepts(&args.set, false)?;
    let files = nodes(&args.inputs)?;
    let mut rows = Rows::open(&files, &args.reading, args.job.job.as_deref())?;
    let jobs = args.job.jobs.as_deref();
    let jobs = jobs
        .map(|path| JobFile::read(path, &rows.nodes))
        .transpose()?;
    let truth = args.faults.as_deref().map(Truth::read).transpose()?;
    let rules = Rules {
        jobs,
        same_job: args.job.same_job,
        learn: learn(args, &files)?,
        plain_rows: args.plain,
        truth: truth.unwrap_or_default(),
    };
    let manner = Manner {
        entry: args.detector,
        set: args.set.clone(),
        model: None,
        fit: None,
        all: false,
    };
    let comparison = Comparison::new(&rows, &manner, rules)?;
    let about = match &args.output {
        Some(path) => {
            let (folder, name) = place(path)?;
            let mut about = Vec::new();
            whole(folder, name, |out| {
                about = compare(&mut rows, comparison, out)?;
                Ok(())
            })?;
            about
        }
        None => compare(&mut rows, comparison, &mut io::sink())?,
    };
    let mut out = io::stdout().lock();
    if args.json {
        for of in &about {
            writeln!(out, "{}", serde_json::to_string(of)?)?;
        }
    } else {
        table(&about, &mut out)?;
    }
    if about.iter().all(|of| of.with_peers == 0.0) {
        writeln!(
            io::stderr(),
            "no row had a node with two peers of its job: nothing was compared"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Rows to learn from: those that are set, or those that the first recording tells, or the detectors' own number.
fn learn(args: &Args, files: &[crate::fleet::node::NodeFile]) -> anyhow::Result<u64> {
    let key = args.detector.learning.unwrap_or("learn");
    let set = args.set.iter().filter_map(|text| text.split_once('='));
    if let Some((key, value)) = set.rev().find(|(of, _)| of.trim() == key) {
        return Ok(large_count(key, value.trim())?.into());
    }
    let Some(first) = files.first() else {
        bail!("no recording");
    };
    let recording = Recording::open_with(&first.path, &args.reading)?;
    let rows = rows_in_front(&first.path, &args.reading, &recording)?;
    Ok(rows.unwrap_or(LEARN.into()))
}

fn compare(
    rows: &mut Rows,
    mut comparison: Comparison<'_>,
    out: &mut impl Write,
) -> anyhow::Result<Vec<About>> {
    comparison.begin(out)?;
    let progress = Progress::through(Some(rows.progress().1));
    let mut number = 0_u64;
    while let Some(row) = rows.next_row()? {
        if number.is_multiple_of(GLANCE) {
            progress.set_position(rows.progress().0);
        }
        number += 1;
        comparison.take(row, out)?;
    }
    progress.finish();
    comparison.finish(out)
}

fn table(about: &[About], out: &mut impl Write) -> anyhow::Result<()> {
    let names: Vec<&str> = about.iter().map(|of| of.node.as_str()).collect();
    let rows = Lines::Table(vec![
        Column::Text(width(&names)),
        Column::Number(10),
        Column::Text(24),
        Column::Text(24),
        Column::Text(24),
        Column::Text(0),
    ]);
    let known = about.iter().any(|of| of.own.pate.is_some());
    rows.write(
        out,
        &[
            "node",
            "with peers",
            "by its own past",
            "beyond its peers",
            "plain rule",
            "longest by the plain rule",
        ],
    )?;
    for of in about {
        let longest = of.longest.as_ref().map(|longest| {
            format!(
                "{} {:.4} (peers {:.4}), {} rows from {}",
                longest.variable,
                longest.value,
                longest.median,
                count(longest.rows),
                count(longest.first)
            )
        });
        rows.write(
            out,
            &[
                &of.node,
                &format!("{:.0} %", 100.0 * of.with_peers),
                &cell(&of.own),
                &cell(&of.peers),
                &cell(&of.plain),
                &longest.unwrap_or_default(),
            ],
        )?;
    }
    if known {
        let mean = |pick: fn(&About) -> &Found| -> String {
            let pates: Vec<f64> = about.iter().filter_map(|of| pick(of).pate).collect();
            let pate = pates.iter().sum::<f64>() / pates.len().max(1) as f64;
            let rows = about.iter().map(|of| pick(of).false_rows_per_day);
            let rows = rows.sum::<f64>() / about.len().max(1) as f64;
            format!("PATE {pate:.3}, {rows:.0} false/day")
        };
        let (own, peers, plain) = (
            mean(|of| &of.own),
            mean(|of| &of.peers),
            mean(|of| &of.plain),
        );
        rows.write(out, &["mean", "", &own, &peers, &plain, ""])?;
    }
    Ok(())
}

fn cell(found: &Found) -> String {
    let rows = format!("{} rows in {} runs", count(found.rows), count(found.runs));
    match found.pate {
        Some(pate) => format!("{rows}, {pate:.2}"),
        None => rows,
    }
}
