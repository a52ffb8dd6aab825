//! `bellwether model train`: from a recording of healthy behaviour to a model.

mod idle;
mod steps;

use crate::commands::args::quantising::Integers;
use crate::model::Stored;
use crate::model::edit::with_front_end;
use crate::model::limits::{FEW, said};
use crate::output::file::save;
use crate::recording::{FrontEnd, Options, Table, notes};
use crate::text::number::counted;
use crate::train::{Preset, SelfTest, Split, TrainingRun};
use idle::Idle;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "Example: bellwether model train node10.csv.gz -o node10.bwm \
                       --train-fraction 0.5 --plot loss.html";

/// Trains an autoencoder on the healthy rows of recordings, then quantises and calibrates it.
///
/// Rows are split strictly in time order. Training uses the rows before --train-fraction, without
/// those labelled 1: the first four fifths fit scaler and network, the last fifth sets the limits
/// of the largest error and the thresholds, from the scores of the quantised model. The surprise
/// beyond these limits is what `bellwether run` judges by. The remaining rows, or those of --test, are
/// for testing only. Several recordings give one model for all of them.
///
/// Faults among the rows cost little: values far from all others stretch no scale, rows that the network
/// reconstructs worst are left out on the way (--trim), and scores that are a group of their own set no
/// threshold. Lines say so with counts. At the end faults are put into the calibrating rows, and a line
/// tells how many the model catches.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Recordings: CSV `timestamp,<variable>...[,label]`, plain, gzip or zstd, or another layout
    #[arg(value_name = "RECORDING", required = true)]
    recordings: Vec<PathBuf>,
    /// Output file of the model
    #[arg(short, long, value_name = "MODEL")]
    output: PathBuf,
    /// Shape of the network
    #[arg(long, value_enum, default_value = "auto")]
    preset: Preset,
    /// Widths of the hidden layers, instead of a preset's
    #[arg(long, value_name = "N,N,...", value_delimiter = ',')]
    layers: Vec<usize>,
    /// Number of passes over the training rows
    #[arg(long, default_value = "100")]
    epochs: usize,
    /// Batch size, in rows
    #[arg(long, default_value = "32")]
    batch: usize,
    /// Learning rate of Adam
    #[arg(long, default_value = "0.001")]
    learning_rate: f64,
    /// Penalty on the sum of a row's hidden values [default: the preset's]
    #[arg(long, value_name = "LAMBDA")]
    l1: Option<f64>,
    /// Seed of the initial weights and of the order of rows
    #[arg(long, default_value = "1")]
    seed: u64,
    /// Share of each recording's rows used for training; the rest is for testing
    #[arg(long, value_name = "SHARE", default_value = "1", value_parser = share)]
    train_fraction: f64,
    /// A later, labelled recording to test on
    #[arg(long, value_name = "RECORDING")]
    test: Option<PathBuf>,
    /// Share of the rows that fit in which a column must be present; the others are left out
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = share)]
    present: f64,
    /// Largest share of the rows that is left out of the fit for errors far beyond those of the
    /// others; 0: all rows are trusted, those that calibrate too
    #[arg(long, value_name = "SHARE", default_value = "0.15", value_parser = share_or_none)]
    trim: f64,
    /// Excludes rows in which the columns whose name contains TEXT sum to less than LIMIT
    #[arg(long, value_name = "TEXT=LIMIT", value_parser = Idle::parse)]
    idle: Option<Idle>,
    /// Front end: rows are samples, and the variables are features of bursts of N of them, HOP apart [default: N],
    /// N a power of two from 64 to 4096; features: mean, rms, deviation, peak, crest, kurtosis, crossings,
    /// band1 to band8 [default: all]. The model records it
    #[arg(long, value_name = "burst:N[,HOP][:FEATURE,...]", value_parser = front_end)]
    features: Option<FrontEnd>,
    /// Quantile of the calibration rows' scores used as the threshold
    #[arg(long, value_name = "Q", default_value = "0.99", value_parser = share)]
    quantile: f64,
    #[command(flatten)]
    integers: Integers,
    /// HTML page of the loss by epoch
    #[arg(long, value_name = "HTML")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    reading: Options,
}

/// A number above 0, at most 1.
pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x > 0.0 && x <= 1.0 => Ok(x),
        _ => Err("a number above 0, at most 1".to_owned()),
    }
}

/// A front end.
fn front_end(text: &str) -> Result<FrontEnd, String> {
    FrontEnd::parse(text).map_err(|problem| format!("{problem:#}"))
}

/// A number from 0 to 1.
fn share_or_none(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if (0.0..=1.0).contains(&x) => Ok(x),
        _ => Err("a number from 0 to 1".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// A recording cannot be read, there is nothing to train on, or the model would judge nothing.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let mut log = io::stderr();
    let tables = args.tables()?;
    let later = |path: &PathBuf| {
        let mut recording = notes::open(path, &args.reading)?;
        if let Some(front_end) = &args.features {
            recording.through(front_end)?;
        }
        recording.select(&tables[0].names)?;
        Table::of(&mut recording)
    };
    let test = args.test.as_ref().map(later).transpose()?;
    let split = |table: &Table| {
        let is_idle = Idle::rule(args.idle.as_ref(), table);
        Split::new(table, args.train_fraction, is_idle)
    };
    let splits: Vec<Split> = tables.iter().map(split).collect();
    let run = TrainingRun::new(tables.iter().zip(&splits).collect(), args.present)?;
    for line in run.columns.said(args.present, tables.len()) {
        writeln!(log, "{line}")?;
    }
    writeln!(
        log,
        "{} of {} columns; {} rows fit{}, {} calibrate",
        run.columns.count(),
        tables[0].names.len(),
        run.rows.len(),
        if run.there.is_empty() {
            ""
        } else {
            " (few are complete: their missing values count for nothing)"
        },
        run.later.len()
    )?;
    if run.rows.len() < FEW {
        let rows = counted(run.rows.len() as u64, "row");
        writeln!(
            log,
            "warning: {rows} to fit to; fewer than {FEW} show little of what is usual"
        )?;
    }
    let (net, losses) = args.fit(&run)?;
    let mut stored = args.model(&run, &net)?;
    if let Some(front_end) = &args.features {
        let names: Vec<&str> = stored.model()?.features().map(|f| f.name).collect();
        let section = front_end.section(&names)?;
        stored = Stored::new(&with_front_end(&stored.model()?, &section)?);
        writeln!(log, "front end: {}", front_end.said())?;
    }
    let model = stored.model()?;
    steps::refuse_copies(&model)?;
    save(&args.output, |out| out.write_all(stored.bytes()))?;
    writeln!(
        log,
        "{}: {} bytes, {} multiply-and-add steps, {} bytes of activations",
        args.output.display(),
        stored.bytes().len(),
        model.macs(),
        2 * model.arena_len()
    )?;
    if let Some(limits) = model.limits() {
        writeln!(log, "{}", said(&limits))?;
    }
    for line in run.doubts(model, args.trim == 0.0)? {
        writeln!(log, "{line}")?;
    }
    let found = SelfTest::run(model, &run.columns, &run.calibrating())?;
    writeln!(log, "{found}")?;
    if let Some(line) = found.doubt() {
        writeln!(log, "{line}")?;
    }
    if let Some(path) = &args.plot {
        let page = crate::page::losses::page(&losses, &found);
        save(path, |out| out.write_all(page.as_bytes()))?;
    }
    args.compare(&run, test.as_ref(), &net, model)?;
    Ok(ExitCode::SUCCESS)
}
