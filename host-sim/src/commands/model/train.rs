//! `bellwether model train`: from a recording of healthy behaviour to a model.

use crate::commands::args::quantising::Integers;
use crate::model::limits::said;
use crate::output::file::save;
use crate::progress::Progress;
use crate::recording::{Options, Table, notes};
use crate::train::evaluate::Test;
use crate::train::{Fit, Preset, Split, TrainingRun};
use anyhow::{Context, ensure};
use bellwether::model::Score;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
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
    #[arg(long, value_enum, default_value = "sparse")]
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
    /// Excludes rows in which the columns whose name contains TEXT sum to less than LIMIT
    #[arg(long, value_name = "TEXT=LIMIT", value_parser = idle)]
    idle: Option<(String, f32)>,
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

fn idle(text: &str) -> Result<(String, f32), String> {
    let parts = text
        .split_once('=')
        .and_then(|(name, limit)| Some((name.to_owned(), limit.parse().ok()?)));
    parts.ok_or_else(|| "TEXT=LIMIT, such as util=10".to_owned())
}

/// Runs the command.
///
/// # Errors
/// A recording cannot be read, or there is nothing to train on.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let mut log = io::stderr();
    let tables = args.recordings.iter();
    let tables = tables.map(|path| notes::table(path, &args.reading));
    let tables = tables.collect::<anyhow::Result<Vec<Table>>>()?;
    for (table, path) in tables.iter().zip(&args.recordings) {
        ensure!(
            table.names == tables[0].names,
            "{}: other columns than {}; one model for all needs the same in the same order",
            path.display(),
            args.recordings[0].display()
        );
    }
    let later = |path: &PathBuf| {
        let mut recording = notes::open(path, &args.reading)?;
        recording.select(&tables[0].names)?;
        Table::of(&mut recording)
    };
    let test = args.test.as_ref().map(later).transpose()?;
    let is_idle = |table: &Table| {
        let watched: Vec<usize> = args
            .idle
            .iter()
            .flat_map(|(text, _)| {
                let names = table.names.iter().enumerate();
                names
                    .filter(|(_, name)| name.contains(text.as_str()))
                    .map(|(k, _)| k)
                    .collect::<Vec<_>>()
            })
            .collect();
        let limit = args.idle.as_ref().map_or(0.0, |(_, limit)| *limit);
        move |row: &[f32]| {
            let sum: f32 = watched
                .iter()
                .map(|k| row[*k])
                .filter(|x| x.is_finite())
                .sum();
            !watched.is_empty() && sum < limit
        }
    };
    let splits: Vec<Split> = tables
        .iter()
        .map(|table| Split::new(table, args.train_fraction, is_idle(table)))
        .collect();
    let run = TrainingRun::new(tables.iter().zip(&splits).collect())?;
    let inputs = run.columns.count();
    let hidden = if args.layers.is_empty() {
        args.preset.hidden(inputs)
    } else {
        args.layers.clone()
    };
    let settings = Fit {
        penalty: args.l1.unwrap_or(args.preset.penalty()),
        epochs: args.epochs,
        batch: args.batch,
        rate: args.learning_rate,
        seed: args.seed,
        hidden,
    };
    writeln!(
        log,
        "{inputs} of {} columns; {} rows fit, {} calibrate",
        tables[0].names.len(),
        run.rows.len(),
        run.later.len()
    )?;
    let progress = Progress::over(settings.epochs as u64, "epochs");
    let (net, losses) = run.fit(&settings, |_, fit, calibration| {
        progress.set_message(&format!("loss {fit:.5}, later rows {calibration:.5}"));
        progress.step();
    })?;
    progress.finish();
    if let (Some(fit), Some(calibration)) = (losses.fit.last(), losses.calibration.last()) {
        writeln!(log, "loss {fit:.5}, on later rows {calibration:.5}")?;
    }
    let settings = args.integers.settings(true);
    let stored = run.model(
        &net,
        &settings,
        (args.quantile, Score::MaxAbsolute),
        digest(&args.recordings)?,
    )?;
    let model = stored.model()?;
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
    for line in run.doubts(model)? {
        writeln!(log, "{line}")?;
    }
    if let Some(path) = &args.plot {
        let page = crate::page::losses::page(&losses);
        save(path, |out| out.write_all(page.as_bytes()))?;
    }
    for (k, (table, split)) in run.parts.iter().enumerate() {
        let all: Vec<usize>;
        let tested = match &test {
            Some(test) => {
                all = (0..test.len()).collect();
                Test {
                    table: test,
                    rows: &all,
                }
            }
            None => Test {
                table,
                rows: &split.test,
            },
        };
        if tested.rows.is_empty() || tested.table.labels.is_empty() {
            continue;
        }
        let evaluation = run.compare(k, &tested, &net, &[("integers", model)], args.quantile)?;
        writeln!(
            io::stdout(),
            "{}\n{evaluation}",
            args.recordings[k].display()
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// SHA-256 over the recordings' bytes on disk.
fn digest(paths: &[PathBuf]) -> anyhow::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    for path in paths {
        let read = |path: &Path| std::fs::read(path).with_context(|| path.display().to_string());
        digest.update(read(path)?);
    }
    Ok(digest.finalize().into())
}
