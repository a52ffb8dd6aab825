//! `bellwether score`: the quality of scores, given labels.

use crate::metrics::{Choice, Rules, Scored, summary};
use crate::recording::{Options, notes};
use crate::text::number::count;
use anyhow::ensure;
use serde_json::Value;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compares scores with labels by every metric of docs/guide/metrics.md.
///
/// FILE is CSV, plain, gzip or zstd, with a header: columns of a score (`score` or `anomaly_score`,
/// higher is more anomalous) and of labels (`label`, `is_anomaly` and the like), optionally
/// `severity` (of the anomaly, for its concordance with the score); other columns are not used. It
/// may also be what `bellwether run --all` writes, as JSON lines or CSV, with the labels of
/// --labels RECORDING: the score of a row is the largest of its variables'. An empty or NaN score
/// counts as 0, an infinite one ranks beyond all others, and the number of these rows is stated.
///
/// Metrics of detections use --threshold. Its default is the threshold with the best F1 by row,
/// which flatters: to compare detectors, use the threshold-free metrics.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether score scores.csv.gz --threshold 3 --interval 60 --json"
)]
pub struct Args {
    /// The scores, or `-` for standard input
    file: PathBuf,
    /// Column of the scores [default: told by its name]
    #[arg(long, value_name = "COLUMN")]
    score: Option<String>,
    /// Column of the labels [default: told by its name]
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// The recording that was scored, for its labels
    #[arg(long, value_name = "RECORDING", conflicts_with = "label")]
    labels: Option<PathBuf>,
    /// Prints one JSON object; undefined values are null
    #[arg(long)]
    json: bool,
    /// Rows with at least this score are detections
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// Leading rows to skip (NAB's score has a rule of its own: 15 %, at most 750)
    #[arg(long, value_name = "ROWS", default_value_t = 0)]
    skip: usize,
    /// Time from row to row, for false alarms per day
    #[arg(long, value_name = "SECONDS")]
    interval: Option<f64>,
    /// Window of VUS and buffers of PATE [default: median length of the events, within 10 to 100]
    #[arg(long, value_name = "ROWS")]
    window: Option<usize>,
}

/// The labels of a recording.
fn labels(path: &Path) -> anyhow::Result<Vec<bool>> {
    let mut recording = notes::open(path, &Options::default())?;
    ensure!(
        recording.is_labelled(),
        "{}: no column of labels",
        path.display()
    );
    let mut labels = Vec::new();
    while let Some(row) = recording.next_row()? {
        labels.push(row.label == Some(true));
    }
    Ok(labels)
}

/// The widest window: the time of VUS grows with its square, and takes a second here.
const WIDEST: usize = 2000;

/// Runs the command.
///
/// # Errors
/// The file cannot be read, or an option is out of its range.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let finite = args.threshold.is_none_or(f64::is_finite);
    ensure!(finite, "--threshold: not a finite number");
    let positive = args.interval.is_none_or(|s| s.is_finite() && s > 0.0);
    ensure!(positive, "--interval: not a positive number of seconds");
    let narrow = args.window.is_none_or(|rows| rows <= WIDEST);
    ensure!(narrow, "--window: at most {WIDEST} rows");
    let labels = args.labels.as_deref().map(labels).transpose()?;
    let choice = Choice {
        score: args.score.clone(),
        label: args.label.clone(),
        labels,
    };
    let series = Scored::open(&args.file, &choice)?;
    ensure!(
        args.skip < series.scores.len(),
        "--skip {}: {} has only {} rows",
        args.skip,
        args.file.display(),
        series.scores.len()
    );
    let rules = Rules {
        skip: args.skip,
        threshold: args.threshold,
        interval_s: args.interval,
        window: args.window,
    };
    let measures = summary(&series, &rules).into_iter();
    let mut out = io::stdout().lock();
    if args.json {
        let object: serde_json::Map<String, Value> =
            measures.map(|m| (m.key.to_owned(), m.value)).collect();
        writeln!(out, "{}", Value::Object(object))?;
        return Ok(ExitCode::SUCCESS);
    }
    for measure in measures {
        let value = match &measure.value {
            Value::Null => "-".to_owned(),
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            value => match (value.as_u64(), value.as_f64()) {
                (Some(whole), _) => count(whole),
                (None, Some(number)) => format!("{number:.4}"),
                (None, None) => value.to_string(),
            },
        };
        let line = format!("{:<24} {value:>12}  {}", measure.key, measure.about);
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}
