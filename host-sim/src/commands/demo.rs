//! `bellwether demo`: a simulated compute node with known faults, watched by the sentinel or RoLA.

mod finding;
mod verdict;

use crate::detect::events::Events;
use crate::detect::{Entry, Profile, Record, Setup, Tally};
use crate::output::file::save;
use crate::page::Page;
use crate::recording::cadence::Step;
use crate::recording::recorder::Recorder;
use crate::recording::time::clock;
use crate::simulate::node::{FAULTS, Fault, Sample, ServerNode, VARIABLES};
use crate::text::number::counted;
use anyhow::Context;
use bellwether::{Reading, Tick};
use finding::Finding;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use verdict::Verdicts;

/// Simulates three days of a compute node with four faults, and shows the detector's findings.
///
/// Needs no data. The default detector learns from the first day, which has no fault. Prints its alarms
/// and complaints, or each verdict of RoLA as it comes, then the outcome of each injected fault. Writes
/// the recording and an HTML report about it.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether demo --seed 7 -o demo")]
pub struct Args {
    /// Seed of the simulation: the same seed gives the same recording
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The detector
    #[arg(long, value_name = "NAME", value_parser = ["sentinel", "rola"], default_value = "sentinel")]
    detector: String,
    /// Folder for the recording and the report
    #[arg(short, long, value_name = "DIR", default_value = "target/demo")]
    output: PathBuf,
}

/// Of the sentinel: a day to learn from, since the node has a daily pattern. All else is its default.
const OF_SENTINEL: &[&str] = &["learn=1440"];

/// Of RoLA: a day for thresholds and correlations; the simulated sensors are noisy, so half an hour of
/// equal values means stuck.
const OF_ROLA: &[&str] = &["window=1440", "history=1440", "stuck_after=30"];

/// The claim of the demonstration.
const CLAIM: &str =
    "The faults were sized to show each kind of answer: this shows how it works, not how well.";

/// The limit of a vote.
const LIMIT: &str =
    "A fault that moves one sensor only is left to its lane, by design of the vote.";

/// Runs the command.
///
/// # Errors
/// The folder cannot be written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    demonstrate(&args, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

fn demonstrate(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let entry = Entry::named(&args.detector)?;
    let settings = if entry.learns_all {
        OF_SENTINEL
    } else {
        OF_ROLA
    };
    let samples: Vec<Sample> = ServerNode::new(args.seed).collect();
    let names: Vec<String> = VARIABLES.map(str::to_owned).to_vec();
    writeln!(
        out,
        "A simulated compute node: {} minutes, {} variables, seed {}; {} with {}.",
        samples.len(),
        names.len(),
        args.seed,
        entry.name,
        settings.join(" ")
    )?;
    let setup = Setup {
        names: &names,
        settings: &settings
            .iter()
            .copied()
            .map(str::to_owned)
            .collect::<Vec<_>>(),
        model: None,
        fit: None,
    };
    let mut watch = entry.watch(&setup)?;
    let votes = watch.profile().votes;
    let mut page = Page::new("Simulated compute node", watch.profile());
    let (mut tally, mut events) = (Tally::new(votes), Events::new(&names));
    let (mut verdicts, mut records) = (Verdicts::new(&names), Vec::with_capacity(samples.len()));
    writeln!(out, "{}\n", legend(watch.profile()))?;
    for (tick, sample) in (0..).zip(&samples) {
        let readings = sample.values.map(Reading::Value);
        let usual = watch.ranges();
        let record = watch.observe(Tick(tick), Step::On(60.0), &readings);
        let (timestamp, label) = (sample.timestamp.to_string(), Some(sample.label));
        tally.push(&record, Step::On(60.0), &timestamp, label);
        page.push(&record, (&timestamp, label), &readings, &usual);
        events.push(&record, &timestamp);
        for line in verdicts.next(&record) {
            writeln!(out, "{}  {line}", clock(sample.timestamp))?;
        }
        records.push(record);
    }
    write!(out, "{events}")?;
    summarize(&samples, &records, &names, out)?;
    if votes {
        writeln!(out, "\n{tally}\n{CLAIM}\n{LIMIT}")?;
    } else {
        let other = counted(finding::apart(&FAULTS, &records), "alarm");
        writeln!(out, "\n{other} apart from the faults.\n{CLAIM}")?;
    }
    write_files(args, &samples, &page, &tally, out)
}

/// The meaning of the lines that follow.
fn legend(profile: &Profile) -> String {
    match profile.limits.first() {
        Some(limit) => format!(
            "Its alarms, with the most severe row of each as value (usual value). Severity is in deviations \
             of the score;\nat {:.1} an alarm starts, which is the default promise of one false alarm in \
             10,000 rows.",
            limit.threshold
        ),
        None => "What flagged, as value (expected), and what the vote made of it:".to_owned(),
    }
}

fn summarize(
    samples: &[Sample],
    records: &[Record],
    names: &[String],
    out: &mut impl Write,
) -> anyhow::Result<()> {
    writeln!(out, "\nInjected faults:")?;
    for fault in &FAULTS {
        let Fault { kind, first, last } = fault;
        let at = usize::try_from(*first).ok().and_then(|k| samples.get(k));
        let time = at.map(|sample| clock(sample.timestamp)).unwrap_or_default();
        writeln!(
            out,
            "  {time}  {:<28}  {:>3} min, {:<9}  {}",
            kind.name(),
            last - first + 1,
            VARIABLES[kind.variable()],
            Finding::of(fault, records).told(names),
        )?;
    }
    Ok(())
}

fn record(samples: &[Sample], out: impl Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(out, &VARIABLES)?;
    for sample in samples {
        let readings = sample.values.map(Reading::Value);
        recorder.write(&sample.timestamp.to_string(), readings, sample.label)?;
    }
    recorder.finish()
}

fn write_files(
    args: &Args,
    samples: &[Sample],
    page: &Page,
    tally: &Tally,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(&args.output).with_context(|| args.output.display().to_string())?;
    let (csv, html) = (
        args.output.join("node.csv"),
        args.output.join("report.html"),
    );
    save(&csv, |file| record(samples, file).map_err(io::Error::other))?;
    save(&html, |file| page.write(tally, file))?;
    writeln!(out, "\nrecording: {}", csv.display())?;
    writeln!(out, "report:    {}", html.display())?;
    Ok(())
}

#[cfg(all(test, feature = "full"))]
mod tests;
