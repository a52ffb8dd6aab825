//! `bellwether model run`: a model over a file of frames.

use crate::commands::args::model::{Input, Rows};
use crate::detect::autoencoder::ModelScorer;
use crate::model::Runner;
use crate::recording::Table;
use crate::text::hex;
use anyhow::ensure;
use bellwether::model::Head;
use bellwether::{Model, State};
use sha2::{Digest, Sha256};
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

/// Runs a model over frames, one line of scores per window.
///
/// The input is raw little-endian f32, frame by frame, or a recording (.csv, .parquet, or any
/// with --layout) with the model's variables by name. A window of several frames moves by one frame. Assessments use
/// the model's moving threshold and its k of n, if present. `alarm_since` is present while an alarm
/// is confirmed: the window at which its run of anomalies began. `largest` names the variable with
/// the largest contribution; for outputs that are no reconstruction, only of anomalous windows.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether model run net.bwm --input frames.f32 --sha256")]
pub struct Args {
    #[command(flatten)]
    model: Input,
    #[command(flatten)]
    rows: Rows,
    /// Prints the SHA-256 of all int8 outputs, window by window, instead of scores
    #[arg(long)]
    sha256: bool,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read, is refused, or does not fit the model.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let stored = args.model.read()?;
    let model = args.model.parse(&stored)?;
    let frames = args.rows.read(&model)?;
    let mut out = BufWriter::new(io::stdout().lock());
    if args.sha256 {
        writeln!(out, "{}", hex(&digest(model, &frames)?))?;
    } else {
        ensure!(
            model.head() != Head::Outputs,
            "{}: the outputs have no scores; try --sha256",
            args.model.name()
        );
        scores(model, &frames, &mut out, &mut io::stderr())?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// SHA-256 of the integer outputs of every window; outputs of 16 bits take two bytes each.
fn digest(model: Model<'_>, frames: &Table) -> anyhow::Result<[u8; 32]> {
    let mut memory = Vec::new();
    let mut runner = Runner::new(model)?.with_packed_weights(&mut memory);
    let mut digest = Sha256::new();
    let bytes = if model.output_grid().wide { 2 } else { 1 };
    for window in frames.windows(model.window()) {
        for q in runner.steps(window) {
            digest.update(&q.to_le_bytes()[..bytes]);
        }
    }
    Ok(digest.finalize().into())
}

fn scores(
    model: Model<'_>,
    frames: &Table,
    out: &mut impl Write,
    log: &mut impl Write,
) -> anyhow::Result<()> {
    let kinds = model.head().scores();
    let calibrated = model.thresholds().next().is_some() || model.ema().is_some();
    let spelled: Vec<&str> = kinds.iter().map(|score| score.name()).collect();
    let names: Vec<&str> = model.features().map(|feature| feature.name).collect();
    let mut memory = Vec::new();
    let mut scorer = ModelScorer::new(model)?.with_packed_weights(&mut memory);
    let (mut windows, mut anomalous, mut confirmed) = (0_u64, 0_u64, 0_u64);
    // Assessed windows; an alarm's age is counted in these.
    let mut judged = Vec::new();
    let mut sums = vec![0.0_f64; kinds.len()];
    writeln!(
        out,
        "window,{},outside,state,alarm_since,largest",
        spelled.join(",")
    )?;
    for window in frames.windows(model.window()) {
        let answer = scorer.observe(window);
        let answer = scorer.alarm(answer);
        let state = match answer.state {
            // No threshold was asked.
            State::Normal if !calibrated && scorer.detector().scores().exist() => "",
            state => state.name(),
        };
        let all = kinds.iter().map(|score| scorer.score(*score));
        write!(out, "{windows}")?;
        for (sum, score) in sums.iter_mut().zip(all) {
            *sum += f64::from(score);
            write!(out, ",{score}")?;
        }
        let age = scorer.alarm_age();
        if matches!(answer.state, State::Normal | State::Anomalous) {
            judged.push(windows);
        }
        let since = age.and_then(|age| judged.iter().nth_back(age as usize));
        let since = since.map(u64::to_string).unwrap_or_default();
        let outside = scorer.detector().saturated();
        let cause = if model.reconstructed() > 0 || answer.is_anomalous() {
            scorer.cause(window)
        } else {
            None
        };
        let largest = cause.and_then(|c| names.get(c.feature)).unwrap_or(&"");
        writeln!(out, ",{outside},{state},{since},{largest}")?;
        windows += 1;
        anomalous += u64::from(answer.is_anomalous());
        confirmed += u64::from(age.is_some());
    }
    let mean = |sum: f64| sum / windows.max(1) as f64;
    let means = spelled.iter().zip(sums);
    let means: Vec<String> = means
        .map(|(name, sum)| format!("{name} {}", mean(sum)))
        .collect();
    write!(log, "{windows} windows; mean of {}", means.join(", "))?;
    if calibrated {
        write!(log, "; {anomalous} anomalous")?;
    } else {
        write!(log, "; no threshold: nothing is judged")?;
    }
    if let Some(confirm) = model.k_of_n() {
        let (k, n) = (confirm.k(), confirm.n());
        write!(log, "; {confirmed} confirmed ({k} of {n})")?;
    }
    writeln!(log)?;
    Ok(())
}
