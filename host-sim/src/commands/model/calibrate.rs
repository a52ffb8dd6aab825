//! `bellwether model calibrate`: thresholds from scores, without labels.

use crate::commands::args::model::Rows;
use crate::detect::autoencoder::ModelScorer;
use crate::model::Stored;
use crate::model::edit::{calibrated, with_calibration};
use crate::model::limits::{doubts, limits, said, score_of};
use crate::output::file::save;
use anyhow::{Context, ensure};
use bellwether::Model;
use bellwether::model::Score;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Sets a model's thresholds, and the limits of its surprise, by its scores over healthy rows later than
/// its training data.
///
/// A threshold is a quantile of a score. The limits are of the largest error, or of the head's own score
/// where it has no errors: `bellwether run` judges by the surprise beyond them.
///
/// The scores are those of the quantised model, as in firmware: a threshold from f32 scores would
/// differ. Rows labelled anomalous are refused, because they must not set a threshold. Fewer than
/// 300 rows give a warning. A signature is dropped: sign again.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether model calibrate net.bwm --input later.csv -o net.bwm --quantile 0.99"
)]
pub struct Args {
    /// The model
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    #[command(flatten)]
    rows: Rows,
    /// Output file of the model; may be the model itself
    #[arg(short, long, value_name = "MODEL")]
    output: PathBuf,
    /// The score; may be repeated, the first one exceeded decides [default: the model's, else all
    /// scores of its head]
    #[arg(long, value_name = "SCORE", value_parser = crate::commands::args::head::score)]
    score: Vec<Score>,
    /// Share of the scores below the threshold
    #[arg(long, value_name = "Q", default_value = "0.99", value_parser = super::train::share)]
    quantile: f64,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read, does not fit the model, or has no row that can be assessed.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let name = || args.model.display().to_string();
    let stored = Stored::new(&std::fs::read(&args.model).with_context(name)?);
    let model = Model::parse(stored.bytes()).with_context(name)?;
    let frames = args.rows.read(&model)?;
    let anomalous = frames.labels.iter().filter(|label| **label).count();
    ensure!(
        anomalous == 0,
        "{}: {anomalous} rows are labelled anomalous; calibrate on healthy rows only",
        args.rows.input.display()
    );
    let mut kinds = args.score.clone();
    if kinds.is_empty() {
        kinds = model
            .thresholds()
            .map(|threshold| threshold.score)
            .collect();
    }
    if kinds.is_empty() {
        kinds = model.head().scores().to_vec();
    }
    let mut scorer = ModelScorer::new(model).with_context(name)?;
    let judged = score_of(model.head()).with_context(name)?;
    let (mut scores, mut judged_scores) = (vec![Vec::new(); kinds.len()], Vec::new());
    for window in frames.windows(model.window()) {
        if scorer.observe(window).score.is_some() {
            judged_scores.push(f64::from(scorer.score(judged)));
            for (scores, kind) in scores.iter_mut().zip(&kinds) {
                scores.push(f64::from(scorer.score(*kind)));
            }
        }
    }
    let rows = scores.first().map_or(0, Vec::len);
    let each = kinds.iter().zip(&scores);
    let thresholds = each.map(|(kind, scores)| calibrated(*kind, scores, args.quantile));
    let thresholds = thresholds
        .collect::<Option<Vec<_>>>()
        .with_context(|| format!("{}: no row could be judged", args.rows.input.display()))?;
    let limits = limits(judged, &judged_scores, rows, args.quantile)
        .with_context(|| format!("{}: no row could be judged", args.rows.input.display()))?;
    let bytes = with_calibration(&model, &thresholds, Some(&limits)).with_context(name)?;
    save(&args.output, |out| out.write_all(&bytes))?;
    let mut log = io::stderr();
    for threshold in &thresholds {
        writeln!(
            log,
            "{} > {}: quantile {} of {rows} windows",
            threshold.score.name(),
            threshold.value,
            args.quantile
        )?;
    }
    writeln!(log, "{}", said(&limits))?;
    for line in doubts(&judged_scores) {
        writeln!(log, "{line}")?;
    }
    if model.signature().is_some() {
        writeln!(log, "the model was signed; it is not any more")?;
    }
    Ok(ExitCode::SUCCESS)
}
