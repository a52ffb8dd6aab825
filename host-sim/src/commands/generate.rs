//! `bellwether generate`: labelled corpora of simulated plants and fleets.

mod fleet;

use crate::output::file::{save, spare};
use crate::progress::Progress;
use crate::simulate::corpus::{Corpus, Generated, PlantKind};
use crate::simulate::fault::Label;
use crate::text::number::counted;
use anyhow::Context;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use fleet::FleetArgs;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Rows between two updates of the progress bar.
const GLANCE: u64 = 1024;

/// Rows per fault by default.
const ROWS_OF_A_FAULT: u64 = 2000;

const EXAMPLE: &str = "\
Example: bellwether generate compute-node --rows 20000 --seed 7 -o node.csv
         bellwether generate rotating-machine --rows 20000 -o machine.csv --missing 25%
         bellwether generate environmental-station --rows 20000 -o station.csv --irregular
         bellwether generate network-device --rows 20000 -o router.csv --faults 12
         bellwether generate fleet --nodes 8 --jobs 2 --rows 10000 --new-job --warmer 3 -o fleet.csv";

/// Simulates a plant with labelled faults and with harmless maintenance, or a fleet of machines that run jobs.
///
/// OUT.csv has label 1 within a fault. OUT.labels.csv has `start,end,kind,channels,severity`:
/// rows from 0, inclusive. Severity is the mean deviation of the faulty part's variable from the
/// same plant without the fault, in its robust spreads. Maintenance windows are listed without
/// severity: they are normal, and meant to deceive. The first two fifths are healthy. The same
/// seed gives the same bytes on every machine.
///
/// A fleet is one recording with 12 variables per machine, such as `node3.power_w`, that follow the load of its
/// job through gains of their own. OUT.jobs.csv has the number of each machine's job in every row, 0 for
/// none. A fault is 0.6 to 1.5 standard deviations of the healthy rows in one to three variables of one machine; unseen jobs and a
/// warmer room are normal. There is no maintenance.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The plant, or a fleet
    #[arg(value_enum)]
    kind: Kind,
    /// Rows
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    rows: u64,
    /// Number of faults [default: one per 2000 rows, at least 4]
    #[arg(long, value_name = "N")]
    faults: Option<u64>,
    /// Seed of the simulation
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of missing readings, half of them in runs, such as 25%
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
    missing: f64,
    /// Adds jitter to the timestamps and drops rows
    #[arg(long)]
    irregular: bool,
    /// The recording; labels go to the same name with .labels.csv
    #[arg(short, long, value_name = "OUT.csv")]
    output: PathBuf,
    #[command(flatten)]
    fleet: FleetArgs,
}

impl Args {
    fn faults(&self) -> u64 {
        self.faults.unwrap_or((self.rows / ROWS_OF_A_FAULT).max(4))
    }
}

/// A kind of corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plant(PlantKind),
    Fleet,
}

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Plant(PlantKind::ComputeNode),
            Self::Plant(PlantKind::RotatingMachine),
            Self::Plant(PlantKind::EnvironmentalStation),
            Self::Plant(PlantKind::NetworkDevice),
            Self::Fleet,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Plant(kind) => kind.to_possible_value(),
            Self::Fleet => {
                let about = "Machines that run jobs, and follow their load; a row a minute";
                Some(PossibleValue::new("fleet").help(about))
            }
        }
    }
}

/// `25%` or `0.25`.
fn share(text: &str) -> Result<f64, String> {
    let parsed = match text.strip_suffix('%') {
        Some(percent) => percent.parse().map(|x: f64| x / 100.0),
        None => text.parse(),
    };
    match parsed {
        Ok(x) if (0.0..=0.9).contains(&x) => Ok(x),
        _ => Err("a share from 0 to 0.9, such as 25%".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// The recording is too short for the faults, or files cannot be written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    // There is no recording to spare but `-`.
    spare(&args.output, Path::new("-"))?;
    let name = || args.output.display().to_string();
    let progress = Progress::through(Some(args.rows));
    let watch = |row: u64| {
        if row.is_multiple_of(GLANCE) {
            progress.set_position(row);
        }
    };
    let generated = generate(&args, watch)?;
    progress.finish();
    let labels = args.output.with_extension("labels.csv");
    let faults = generated.labels.iter();
    let faults = faults.filter(|label| label.severity.is_some()).count() as u64;
    let windows = generated.labels.len() as u64 - faults;
    save(&labels, |out| {
        Label::write(generated.labels, out).map_err(io::Error::other)
    })?;
    writeln!(
        io::stderr(),
        "{}: {}, {}, {}; the first {} are healthy\nlabels: {}",
        name(),
        counted(args.rows, "row"),
        counted(faults, "fault"),
        counted(windows, "maintenance window"),
        counted(generated.healthy, "row"),
        labels.display()
    )?;
    if args.kind == Kind::Fleet {
        writeln!(io::stderr(), "jobs: {}", jobs(&args).display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The file of the jobs of a fleet.
fn jobs(args: &Args) -> PathBuf {
    args.output.with_extension("jobs.csv")
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let name = || path.display().to_string();
    Ok(BufWriter::new(File::create(path).with_context(name)?))
}

/// Checks the settings, and writes the recording.
fn generate(args: &Args, watch: impl FnMut(u64)) -> anyhow::Result<Generated> {
    let name = || args.output.display().to_string();
    match args.kind {
        Kind::Plant(kind) => {
            args.fleet.expect_none()?;
            let corpus = Corpus {
                kind,
                rows: args.rows,
                faults: args.faults(),
                seed: args.seed,
                missing: args.missing,
                irregular: args.irregular,
            };
            corpus.check()?;
            corpus
                .write(create(&args.output)?, watch)
                .with_context(name)
        }
        Kind::Fleet => {
            let fleet = args.fleet.of(args);
            fleet.check()?;
            let jobs = create(&jobs(args))?;
            fleet
                .write(create(&args.output)?, jobs, watch)
                .with_context(name)
        }
    }
}
