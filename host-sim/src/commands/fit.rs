//! `bellwether fit`: from a recording of normal behaviour to a fit in a file.

use crate::commands::args::source::detectors;
use crate::detect::{Entry, FitFile, Setup};
use crate::output::file::{save, spare};
use crate::recording::cadence::Step;
use crate::recording::{Options, Table, Training, notes};
use crate::text::number::counted;
use anyhow::{Context, ensure};
use bellwether::{Reading, Tick};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "\
Example: bellwether fit healthy.csv.gz -o pump.fit --set preset=small
         bellwether run today.csv --fit pump.fit --format table";

/// Fits a detector to the rows of a recording, and writes the fit to a file.
///
/// `bellwether run` and `report` start from it with --fit, and judge the first row. Rows should be mostly
/// normal; labels are not used. The fit takes the training part where the layout states one, else all rows,
/// or the first N with --set learn=N.
///
/// The file begins with a snapshot that firmware restores into a `Quartet` or a `Node`; the health of the sensors and
/// the names of the variables follow (docs/formats/snapshot.md).
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The recording, or `-` for standard input
    #[arg(value_name = "RECORDING")]
    input: PathBuf,
    /// The detector: sentinel; or quartet or node, whose fits have no health of sensors
    #[arg(long, value_name = "NAME", value_parser = detectors(|entry| entry.has_fit), default_value = "sentinel")]
    detector: &'static Entry,
    /// Sets a setting of the fit: preset, learn or fit; may be repeated (`bellwether run --help` lists the
    /// keys)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The fit
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The reading of the recording.
    #[command(flatten)]
    reading: Options,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, a recording that cannot be read, too few rows, or a file that cannot be written.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    spare(&args.output, &args.input)?;
    args.detector.accepts(&args.set, false)?;
    let mut recording = notes::open(&args.input, &args.reading)?;
    let training = recording.training().clone();
    let table = Table::of(&mut recording)?;
    notes::write(&mut io::stderr(), &args.input, &recording.remarks());
    let (fit, rows) =
        fitted(args, &table, &training).with_context(|| args.input.display().to_string())?;
    let bytes = fit.to_bytes();
    save(&args.output, |out| out.write_all(&bytes))?;
    let mut log = io::stderr();
    writeln!(
        log,
        "{}: fitted to {} of {}, {}",
        args.output.display(),
        counted(rows as u64, "row"),
        counted(fit.names.len() as u64, "variable"),
        counted(bytes.len() as u64, "byte")
    )?;
    let anomalous = table.labels.iter().take(rows).filter(|label| **label);
    match anomalous.count() {
        0 => {}
        count => writeln!(
            log,
            "warning: {} labelled 1 are among them: what is fitted counts as normal",
            counted(count as u64, "row")
        )?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The fit, and the number of its rows.
fn fitted(args: &Args, table: &Table, training: &Training) -> anyhow::Result<(FitFile, usize)> {
    let given = args
        .set
        .iter()
        .rev()
        .find_map(|text| text.strip_prefix("learn="));
    let mut settings = args.set.clone();
    let rows = match (given, training) {
        (Some(text), _) => text.trim().parse()?,
        (None, Training::Rows(rows)) => usize::try_from(*rows)?.min(table.len()),
        (None, _) => table.len(),
    };
    ensure!(
        rows <= table.len(),
        "learn={rows}: the recording has {} rows",
        table.len()
    );
    settings.push(format!("learn={rows}"));
    let mut watch = args.detector.watch(&Setup {
        names: &table.names,
        settings: &settings,
        model: None,
        fit: None,
    })?;
    for (k, row) in table.rows().take(rows).enumerate() {
        // NaN is a missing value.
        let row: Vec<Reading> = row.iter().map(|x| Reading::Value(*x)).collect();
        watch.observe(Tick(k as u64), Step::Unknown, &row);
    }
    let fit = watch.fit().context("the rows gave no fit")?;
    Ok((fit, rows))
}
