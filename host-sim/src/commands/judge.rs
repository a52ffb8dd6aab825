//! `bellwether judge`: what alarms say about faults that are known.

use crate::judge::case::write_cases;
use crate::judge::{Case, Tables, Trial, Trials};
use crate::output::file::{replace, save};
use crate::progress::Progress;
use crate::recording::{Options, Table, notes};
use crate::text::markdown_section;
use anyhow::Context;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Mark of the section in a document.
const SECTION: &str = "kinds";

/// Injects random faults into recordings and judges what the alarms say about them.
///
/// Every recording is tried with the faults of each seed, those that `bellwether inject --random` draws. The
/// sentinel learns from the first fifth of the rows. Tables tell how many faults of each kind were found, the
/// kind that the alarm had after ten rows, the share of alarms that name a faulty variable first or among
/// three, false alarms, and the concordance with the severity of the faults. Recordings should be normal:
/// alarms where they have a label are not false.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether judge machine.csv station.csv --random 16 --seeds 1-6")]
pub struct Args {
    /// The recordings
    #[arg(value_name = "RECORDING", required = true)]
    inputs: Vec<PathBuf>,
    /// Number of faults in each recording
    #[arg(long, value_name = "N", default_value_t = 16)]
    random: u64,
    /// Seeds of the faults, from the first to the last
    #[arg(long, value_name = "FIRST-LAST", default_value = "1-6", value_parser = seeds)]
    seeds: (u64, u64),
    /// Rows of each recording, at most
    #[arg(long, value_name = "N")]
    rows: Option<usize>,
    /// Sets a setting of the sentinel; may be repeated (`bellwether run --help` lists the keys)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Writes every fault with the answer to it
    #[arg(long, value_name = "OUT.csv")]
    cases: Option<PathBuf>,
    /// Puts the tables into a document, between `<!-- kinds -->` and `<!-- /kinds -->`
    #[arg(long, value_name = "FILE.md")]
    update: Option<PathBuf>,
    #[command(flatten)]
    reading: Options,
}

/// `1-6`, or one number.
fn seeds(text: &str) -> Result<(u64, u64), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse::<u64>().ok();
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        _ => Err("expected two numbers, such as 1-6".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// A recording cannot be read or has no room for the faults, or a file cannot be written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let (first, last) = args.seeds;
    let count = args.inputs.len() as u64 * (last - first + 1);
    let progress = Progress::over(count, "trials");
    let (mut all, mut cases): (Trials, Vec<(String, u64, Case)>) = Default::default();
    for input in &args.inputs {
        let name = input.display().to_string();
        let table = table(&args, input).with_context(|| name.clone())?;
        for seed in first..=last {
            progress.set_message(&name);
            let trial = Trial {
                table: &table,
                faults: args.random,
                seed,
                settings: &args.set,
            };
            let trials = trial.run().with_context(|| name.clone())?;
            let of = |case: &Case| (name.clone(), seed, case.clone());
            cases.extend(trials.cases.iter().map(of));
            all.append(trials);
            progress.step();
        }
    }
    progress.finish();
    if let Some(path) = &args.cases {
        save(path, |out| write_cases(&cases, out))?;
    }
    let tables = Tables(&all).to_string();
    if let Some(path) = &args.update {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).with_context(|| name.clone())?;
        let text = markdown_section::with(&text, &name, SECTION, &tables)?;
        replace(path, |mut file| Ok(file.write_all(text.as_bytes())?))?;
    }
    write!(io::stdout(), "{tables}")?;
    Ok(ExitCode::SUCCESS)
}

/// The first rows of a recording.
fn table(args: &Args, input: &std::path::Path) -> anyhow::Result<Table> {
    let mut recording = notes::open(input, &args.reading)?;
    let mut table = Table::new(recording.names().to_vec());
    while let Some(row) = recording.next_row()? {
        if args.rows.is_some_and(|most| table.len() >= most) {
            break;
        }
        table.push(row.readings.iter().map(|r| r.usable().unwrap_or(f32::NAN)));
        table.labels.push(row.label == Some(true));
    }
    Ok(table)
}
