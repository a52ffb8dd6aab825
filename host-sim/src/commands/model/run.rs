//! `bellwether model run`: a model over a file of frames.

use super::input::Input;
use super::inspect::hex;
use crate::model::WIDEST;
use crate::model::frames::Frames;
use anyhow::ensure;
use bellwether::autoencoder::input::quantise;
use bellwether::autoencoder::{Activations, Autoencoder, AutoencoderRules, Network};
use bellwether::model::{Head, Score, Threshold};
use bellwether::{Assessment, Model};
use sha2::{Digest, Sha256};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs a model over frames, one line of scores per window.
///
/// The input is raw little-endian f32, frame by frame, or (named .csv) a table with the
/// model's variables by name. A window of several frames moves by one frame.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether model run net.bwm --input frames.f32 --sha256")]
pub struct Args {
    #[command(flatten)]
    model: Input,
    /// The frames
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Instead of scores, the SHA-256 of all int8 outputs, window by window
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
    let names: Vec<&str> = model.features().map(|feature| feature.name).collect();
    let frames = Frames::read(&args.input, &names)?;
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

/// SHA-256 of the int8 outputs of every window (of 16-bit ones, two bytes each). Missing values enter as the training mean.
pub fn digest(model: Model<'_>, frames: &Frames) -> anyhow::Result<[u8; 32]> {
    let network = Network::<WIDEST>::new(model)?;
    let mut activations = Box::new(Activations::new());
    let mut digest = Sha256::new();
    let (grid, wide) = (model.input_grid(), model.output_grid().wide);
    for window in frames.windows(model.window()) {
        for (k, (place, x)) in activations.inputs().iter_mut().zip(window).enumerate() {
            let scale = model.scale(k % model.feature_count());
            let x = if x.is_finite() { *x } else { scale.mean };
            *place = quantise(&grid, scale.apply(x)).0;
        }
        let outputs = network.run(&mut activations);
        let bytes = outputs.iter().flat_map(|q| {
            let taken = if wide { 2 } else { 1 };
            q.to_le_bytes().into_iter().take(taken)
        });
        digest.update(bytes.collect::<Vec<_>>());
    }
    Ok(digest.finalize().into())
}

fn scores(
    model: Model<'_>,
    frames: &Frames,
    out: &mut impl Write,
    talk: &mut impl Write,
) -> anyhow::Result<()> {
    let (kinds, calibrated) = (model.head().scores(), model.thresholds().next().is_some());
    let spelled: Vec<&str> = kinds.iter().map(|score| score.name()).collect();
    let rules = if calibrated {
        AutoencoderRules::<WIDEST>::new(model)?
    } else {
        let score = kinds.last().copied().unwrap_or(Score::MeanSquare);
        AutoencoderRules::with_threshold(model, Threshold::by_hand(score, f32::MAX))?
    };
    let names: Vec<&str> = model.features().map(|feature| feature.name).collect();
    let mut detector = Box::new(Autoencoder::new());
    let (mut windows, mut anomalous) = (0_u64, 0_u64);
    let mut sums = vec![0.0_f64; kinds.len()];
    writeln!(out, "window,{},outside,state,largest", spelled.join(","))?;
    for window in frames.windows(model.window()) {
        let answer: Assessment = detector.observe(&rules, window);
        let [largest] = detector.top::<1, _>(&rules, window);
        let state = if calibrated || answer.score.is_none() {
            answer.state.name()
        } else {
            ""
        };
        let all = kinds.iter().map(|score| detector.scores().get(*score));
        write!(out, "{windows}")?;
        for (sum, score) in sums.iter_mut().zip(all) {
            *sum += f64::from(score);
            write!(out, ",{score}")?;
        }
        let largest = largest.and_then(|c| names.get(c.feature)).unwrap_or(&"");
        writeln!(out, ",{},{state},{largest}", detector.outside())?;
        windows += 1;
        anomalous += u64::from(answer.is_anomalous());
    }
    let mean = |sum: f64| sum / windows.max(1) as f64;
    let means = spelled.iter().zip(sums);
    let means: Vec<String> = means
        .map(|(name, sum)| format!("{name} {}", mean(sum)))
        .collect();
    write!(talk, "{windows} windows; mean of {}", means.join(", "))?;
    if calibrated {
        write!(talk, "; {anomalous} anomalous")?;
    } else {
        write!(talk, "; no threshold: nothing is judged")?;
    }
    writeln!(talk)?;
    Ok(())
}
