//! `bellwether inject`: faults in a recording, and their labels.

use crate::detect::rola::within;
use crate::output::file::{save, spare};
use crate::progress::Progress;
use crate::recording::recorder::Recorder;
use crate::recording::{Options, Recording, notes};
use crate::simulate::fault::spec::KEYS;
use crate::simulate::fault::{
    Channel, DEPTH, FaultKind, Label, Planned, Profile, Spec, Tally, drawn,
};
use crate::text::number::counted;
use anyhow::{Context, anyhow, bail, ensure};
use bellwether::port::FrameSource;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Cause, Reading};
use bellwether_hal::source::inject::{Injection, Injector};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Rows between two looks at the progress bar.
const GLANCE: u64 = 1024;

const EXAMPLE: &str = "\
Example: bellwether inject recording.csv.gz -o faulty.csv --step at=500,for=20,by=4,channels=temp
         bellwether inject recording.csv.gz -o faulty.csv --random 20 --seed 7";

/// Injects faults into a recording and writes their labels.
///
/// OUT.csv is the recording with its faults; its label is 1 within a fault or where the recording
/// had 1. OUT.labels.csv has `start,end,kind,channels,severity`: rows from 0, inclusive. Severity
/// is the mean deviation of the readings, in robust spreads of their channels. The recording is
/// read as by `bellwether run`, twice if spreads are needed. The same code injects faults in
/// firmware (`bellwether_hal::source::inject`).
#[derive(clap::Args)]
#[command(
    after_help = EXAMPLE,
    after_long_help = format!("A fault (KEY=VALUE,...; all may be repeated):\n{KEYS}\n\n{EXAMPLE}")
)]
pub struct Args {
    /// The recording, or `-` for standard input
    #[arg(value_name = "RECORDING")]
    input: PathBuf,
    /// The recording with faults; labels go to the same name with .labels.csv
    #[arg(short, long, value_name = "OUT.csv")]
    output: PathBuf,
    #[command(flatten)]
    faults: Faults,
    /// Number of faults of all kinds to draw, after the first fifth of the rows
    #[arg(long, value_name = "N")]
    random: Option<u64>,
    /// Seed of the random faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    reading: Options,
}

#[derive(clap::Args)]
struct Faults {
    /// Alternating offset, upwards and downwards
    #[arg(long, value_name = "FAULT")]
    spike: Vec<Spec>,
    /// Constant offset
    #[arg(long, value_name = "FAULT")]
    step: Vec<Spec>,
    /// Growing offset
    #[arg(long, value_name = "FAULT")]
    drift: Vec<Spec>,
    /// The last value, repeated
    #[arg(long, value_name = "FAULT")]
    stuck: Vec<Spec>,
    /// Random noise
    #[arg(long, value_name = "FAULT")]
    noise: Vec<Spec>,
    /// Readings missing at random
    #[arg(long, value_name = "FAULT")]
    dropout: Vec<Spec>,
    /// Two channels exchanged
    #[arg(long, value_name = "FAULT")]
    swap: Vec<Spec>,
    /// Values multiplied by a factor
    #[arg(long, value_name = "FAULT")]
    scale: Vec<Spec>,
    /// Delayed values
    #[arg(long, value_name = "FAULT")]
    lag: Vec<Spec>,
    /// The channel's own past, reversed: its correlation with other channels is lost
    #[arg(long, value_name = "FAULT")]
    decorrelate: Vec<Spec>,
}

impl Faults {
    fn all(&self) -> impl Iterator<Item = (FaultKind, &Spec)> {
        let of = |kind| match kind {
            FaultKind::Spike => &self.spike,
            FaultKind::Step => &self.step,
            FaultKind::Drift => &self.drift,
            FaultKind::Stuck => &self.stuck,
            FaultKind::Noise => &self.noise,
            FaultKind::Dropout => &self.dropout,
            FaultKind::Swap => &self.swap,
            FaultKind::Scale => &self.scale,
            FaultKind::Lag => &self.lag,
            FaultKind::Decorrelate => &self.decorrelate,
        };
        let kinds = FaultKind::ALL.into_iter();
        kinds.flat_map(move |kind| of(kind).iter().map(move |spec| (kind, spec)))
    }
}

/// Runs the command.
///
/// # Errors
/// Wrong use, a recording that cannot be read, or files that cannot be written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let labels = args.output.with_extension("labels.csv");
    spare(&args.output, &args.input)?;
    spare(&labels, &args.input)?;
    let recording = notes::open(&args.input, &args.reading)?;
    let names = recording.names().to_vec();
    within(&names).with_context(|| args.input.display().to_string())?;
    let profile = if args.input == Path::new("-") {
        ensure!(
            args.random.is_none(),
            "--random needs a file: its rows are counted first"
        );
        None
    } else {
        Some(profile(&args)?)
    };
    let mut faults = plan(&args, &names, profile.as_ref())?;
    faults.sort_by_key(|fault| fault.first);
    ensure!(!faults.is_empty(), "no fault: say one, or --random N");
    let written = inject(&args, recording, &faults)?;
    let ended = |label: &Option<Label>, fault: &Planned| {
        let kind = fault.kind.name();
        let rows = counted(written.rows, "row");
        label
            .clone()
            .ok_or_else(|| anyhow!("--{kind} at={}: the recording has {rows}", fault.first))
    };
    let lines = written.labels.iter().zip(&faults);
    let lines = lines.map(|(label, fault)| ended(label, fault));
    let lines = lines.collect::<anyhow::Result<Vec<_>>>()?;
    let anomalous = counted(written.anomalous, "anomalous row");
    save(&labels, |out| {
        Label::write(lines, out).map_err(io::Error::other)
    })?;
    writeln!(
        io::stderr(),
        "{}: {}, {anomalous}, {}\nlabels: {}",
        args.output.display(),
        counted(written.rows, "row"),
        counted(faults.len() as u64, "fault"),
        labels.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The usual values of each channel, from a first pass over the recording.
fn profile(args: &Args) -> anyhow::Result<Profile> {
    let mut recording = Recording::open_with(&args.input, &args.reading)?;
    let progress = Progress::through(recording.progress().1);
    let mut profile = Profile::default();
    while let Some(row) = recording.next_row()? {
        profile.push(row.readings);
        if recording.rows().is_multiple_of(GLANCE) {
            progress.set_position(recording.progress().0);
        }
    }
    progress.finish();
    Ok(profile)
}

/// The faults given as arguments, and the ones drawn at random.
fn plan(args: &Args, names: &[String], profile: Option<&Profile>) -> anyhow::Result<Vec<Planned>> {
    let usual = profile.map(|profile| profile.channels(names.len()));
    let said = (0..).zip(args.faults.all()).map(|(k, (kind, spec))| {
        // A fault of its own chance each.
        let seed = bellwether::rng::split_mix(args.seed, k);
        let planned = Planned::new(kind, spec, names, usual.as_deref(), seed);
        planned.with_context(|| format!("--{} at={}", kind.name(), spec.at))
    });
    let mut faults = said.collect::<anyhow::Result<Vec<_>>>()?;
    if let (Some(count), Some(profile), Some(usual)) = (args.random, profile, &usual) {
        faults.extend(drawn(count, profile.rows(), names, usual, args.seed)?);
    }
    Ok(faults)
}

struct Written {
    rows: u64,
    anomalous: u64,
    labels: Vec<Option<Label>>,
}

fn inject(args: &Args, recording: Recording, faults: &[Planned]) -> anyhow::Result<Written> {
    let names = recording.names().to_vec();
    let injections = faults.iter().flat_map(|fault| &fault.injections);
    let injections: Vec<Injection> = injections.copied().collect();
    let progress = Progress::through(recording.progress().1);
    let mut source = Box::new(Injector::<_, _, MAX_VARIABLES, DEPTH>::new(
        recording, injections,
    )?);
    let file = File::create(&args.output).with_context(|| args.output.display().to_string())?;
    let mut out = Recorder::new(BufWriter::new(file), &names)?;
    let mut tallies: Vec<Tally> = faults
        .iter()
        .map(|fault| Tally::new(&fault.channels))
        .collect();
    let (mut profile, mut written) = (
        Profile::default(),
        Written {
            rows: 0,
            anomalous: 0,
            labels: Vec::new(),
        },
    );
    let mut frame = vec![Reading::Absent(Cause::Missing); names.len()];
    while let Some(tick) = source.next_frame(&mut frame)? {
        let row = tick.0;
        let before = source.source();
        profile.push(before.readings());
        let mut label = before.label() == Some(true);
        for (fault, tally) in faults.iter().zip(&mut tallies) {
            if fault.covers(row) {
                label = true;
                tally.push(row, before.readings(), &frame);
            }
        }
        out.write(before.timestamp(), frame.iter().copied(), label)?;
        written.rows += 1;
        written.anomalous += u64::from(label);
        if row.is_multiple_of(GLANCE) {
            progress.set_position(before.progress().0);
        }
    }
    progress.finish();
    notes::write(&mut io::stderr(), &args.input, &source.source().remarks());
    out.finish()?;
    if written.rows == 0 {
        bail!("{}: no row after the header", args.input.display());
    }
    let usual: Vec<Channel> = profile.channels(names.len());
    let labels = tallies.iter().zip(faults);
    let labels = labels.map(|(tally, fault)| tally.label(fault.kind.name(), &names, &usual));
    written.labels = labels.collect();
    Ok(written)
}
