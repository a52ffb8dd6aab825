//! `bellwether model survey`: a model per node, beside simple baselines.

use super::train::share;
use crate::model::quantise::Settings;
use crate::output::file::save;
use crate::progress::Progress;
use crate::recording::{Dataset, Table};
use crate::train::evaluate::Test;
use crate::train::survey::Surveyed;
use crate::train::{Calibration, Fit, Preset, Split, Survey, TrainingRun, Watched, columns};
use anyhow::Context;
use bellwether::model::Score;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "Example: bellwether model survey m100/*.csv.gz asd -o nodes.md";

const ABOUT: &str = "\
# Autoencoders on nodes, beside simple methods

A model per node, trained on its earlier healthy rows and tested on later ones. Thresholds are a
quantile of the scores of healthy rows that were not trained on; labels only judge. The lines of a
node: the autoencoder in f32; in integers of 8 bits on the default grid; with values of 16 bits and a
weight scale per output (int8/16); deviations of single columns from their mean (|z|); what the first
eight principal components leave (PCA-8); and ensembles. `max` is the largest error of a row's
columns, `mean` their mean. Recall and false alarms are at the threshold.
";

const ABOUT_WATCHED: &str = "\
# Detectors on nodes, beside simple methods

Each node is split in time: of its earlier rows, those labelled healthy fit, and all later ones test. Detectors
are fitted to all of the healthy rows and have thresholds of their own; the simple methods are fitted to the first
four fifths, with the 0.99 quantile of their scores in the last fifth as the threshold. `|z|` is the deviation of
single columns from their mean, PCA-8 what the first eight principal components leave, `max` the largest error of
a row's columns and `mean` their mean. Rows with fewer than half of their values are not scored.

Alarms begin and clear in the alarm layer: of `sentinel`, a quartet's, and of a node's onset. A promise is a number
of false alarms per 10,000 rows. An event is found by an alarm within ten rows of it; an alarm is false if it is
further off, 100 rows behind an event.
";

/// Trains a model per node and compares it with simple baselines.
///
/// Each node is split strictly in time order, as by `model train`. Thresholds come from the scores
/// of later healthy rows, never from labels; all rows are trusted, as with --trim 0. Lines: the network in f32; in int8; in int8 with
/// activations of 16 bits; deviations of single columns (|z|); the residual after eight principal
/// components (PCA-8); and ensembles of these.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Recordings, or folders of recordings: NAME.csv, or NAME.train.csv with NAME.test.csv
    #[arg(value_name = "PLACE", required = true)]
    places: Vec<PathBuf>,
    /// Shape of the networks
    #[arg(long, value_enum, default_value = "sparse")]
    preset: Preset,
    /// Number of passes over the training rows
    #[arg(long, default_value = "100")]
    epochs: usize,
    /// Seed of the initial weights and of the order of rows
    #[arg(long, default_value = "1")]
    seed: u64,
    /// Share of a single recording's rows used for training; with TEXT=, for nodes whose name
    /// contains TEXT [default: 0.5]
    #[arg(long, value_name = "[TEXT=]SHARE", value_parser = named_share)]
    train_fraction: Vec<(String, f64)>,
    /// Seconds from row to row, for recordings without usable timestamps
    #[arg(long, value_name = "[TEXT=]SECONDS", value_parser = named)]
    period: Vec<(String, f64)>,
    /// Quantile of the calibration rows' scores used as the threshold
    #[arg(long, value_name = "Q", default_value = "0.99", value_parser = share)]
    quantile: f64,
    /// Trains no networks: detectors that need none, with thresholds of their own, beside the simple baselines
    #[arg(long)]
    without_models: bool,
    /// File for the table in Markdown [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn named(text: &str) -> Result<(String, f64), String> {
    let (name, number) = text.split_once('=').unwrap_or(("", text));
    match number.parse::<f64>() {
        Ok(x) if x > 0.0 && x.is_finite() => Ok((name.to_owned(), x)),
        _ => Err("a number above 0, or TEXT=NUMBER".to_owned()),
    }
}

fn named_share(text: &str) -> Result<(String, f64), String> {
    let (name, number) = text.split_once('=').unwrap_or(("", text));
    Ok((name.to_owned(), share(number)?))
}

/// The value of the last argument whose text is part of a node's name.
fn given(arguments: &[(String, f64)], name: &str) -> Option<f64> {
    let mut latest = arguments.iter().rev();
    let fitting = latest.find(|(text, _)| name.contains(text));
    fitting.map(|(_, number)| *number)
}

/// Runs the command.
///
/// # Errors
/// A recording cannot be read, or there is nothing to train on.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let mut nodes = Vec::new();
    for place in &args.places {
        nodes.extend(Dataset::find(place)?);
    }
    if args.without_models {
        return watched(&args, &nodes);
    }
    let progress = Progress::over((nodes.len() * args.epochs) as u64, "epochs");
    let mut survey = Survey::default();
    for node in &nodes {
        progress.set_message(&node.name);
        let surveyed = one(&args, node, &progress).with_context(|| node.name.clone())?;
        survey.nodes.push(surveyed);
    }
    progress.finish();
    match &args.output {
        Some(path) => save(path, |out| {
            out.write_all(with_command(ABOUT, &survey).as_bytes())
        })?,
        None => write!(io::stdout(), "{survey}")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The tables as a page, with the command line used.
fn with_command(about: &str, tables: &impl Display) -> String {
    let command = std::env::args().skip(1).collect::<Vec<String>>().join(" ");
    format!("{about}\n```text\nbellwether {command}\n```\n\n{tables}")
}

/// Detectors without networks.
fn watched(args: &Args, nodes: &[Dataset]) -> anyhow::Result<ExitCode> {
    let progress = Progress::over(nodes.len() as u64, "nodes");
    let mut watched = Watched::default();
    for node in nodes {
        progress.set_message(&node.name);
        let (train, test, split) = parts(args, node)?;
        let run = TrainingRun::new(vec![(&train, &split)], columns::PRESENT)?;
        let tested = Test {
            table: &test,
            rows: &split.test,
        };
        let evaluation = run.watch(0, &tested, args.quantile);
        watched.nodes.push(Surveyed {
            name: node.name.clone(),
            columns: run.columns.count(),
            evaluation: evaluation.with_context(|| node.name.clone())?,
        });
        let alarms = run.alarms(0, &tested);
        let alarms = alarms.with_context(|| node.name.clone())?;
        watched.alarms.push(alarms);
        progress.step();
    }
    progress.finish();
    match &args.output {
        Some(path) => save(path, |out| {
            out.write_all(with_command(ABOUT_WATCHED, &watched).as_bytes())
        })?,
        None => write!(io::stdout(), "{watched}")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The rows that train and those that test, and the split.
fn parts(args: &Args, node: &Dataset) -> anyhow::Result<(Table, Table, Split)> {
    let share = given(&args.train_fraction, &node.name).unwrap_or(0.5);
    let (train, mut test, split) = Split::read(node, share)?;
    if let Some(period) = given(&args.period, &node.name) {
        test.seconds = (0..test.len()).map(|row| row as f64 * period).collect();
    }
    Ok((train, test, split))
}

fn one(args: &Args, node: &Dataset, progress: &Progress) -> anyhow::Result<Surveyed> {
    let (train, test, split) = parts(args, node)?;
    let run = TrainingRun::new(vec![(&train, &split)], columns::PRESENT)?;
    let count = run.columns.count();
    let settings = Fit {
        hidden: args.preset.hidden(count),
        linear: args.preset.is_linear(count),
        epochs: args.epochs,
        batch: 32,
        rate: 1e-3,
        penalty: args.preset.penalty(count),
        seed: args.seed,
        trim: 0.0,
    };
    let (net, _) = run.fit(&settings, |_, _, _| progress.step())?;
    let integers = |settings: Settings| {
        let calibration = Calibration {
            quantile: args.quantile,
            judged: Score::MaxAbsolute,
            trusted: true,
        };
        run.model(&net, &settings, calibration, [0; 32], &mut || ())
    };
    let narrow = integers(Settings::default())?;
    let wide = integers(Settings::wide())?;
    let models = [("int8", narrow.model()?), ("int8/16", wide.model()?)];
    let tested = Test {
        table: &test,
        rows: &split.test,
    };
    Ok(Surveyed {
        name: node.name.clone(),
        columns: count,
        evaluation: run.compare(0, &tested, &net, &models, args.quantile)?,
    })
}
