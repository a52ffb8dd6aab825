//! `bellwether device`: the same detector on a board.

use crate::board::firmware::Firmware;
use crate::board::session::Session;
use crate::board::{Board, every, summary};
use crate::commands::args::output::Output;
use crate::detect::{Entry, Setup};
use crate::model::Stored;
use crate::progress::Progress;
use crate::recording::{Options, notes};
use anyhow::{Context, ensure};
use bellwether::report::Detail;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "Example: bellwether device run recording.csv --board qemu-mps2-an386 --all";

/// Runs the detector on a board, in QEMU.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    Run(Box<RunArgs>),
    /// Lists the boards
    #[command(after_help = "Example: bellwether device list")]
    List,
}

/// Builds a board's firmware, streams a recording into it and prints its verdicts.
///
/// The recording is read and verdicts are written as by `bellwether run`. The settings are the
/// firmware's: the defaults, with the window and history of the board's preset. The firmware of a sentinel
/// or a quartet fits itself to the first thousand rows (`--set fit=device` of `run`) and is built for the recording's
/// number of variables, that of an autoencoder around its model.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
struct RunArgs {
    /// The recording, or `-` for standard input
    #[arg(value_name = "RECORDING")]
    input: PathBuf,
    /// The board; `bellwether device list` names them
    #[arg(long, value_name = "NAME", value_parser = Board::named)]
    board: Board,
    /// The detector, as in `bellwether run`
    #[arg(long, value_name = "NAME", value_parser = Entry::named, default_value = "sentinel")]
    detector: &'static Entry,
    /// Vectors of a quartet's memories, the sentinel's too, as its setting in `bellwether run`
    #[arg(long, value_name = "NAME", value_parser = ["default", "small", "tiny"], default_value = "small")]
    preset: String,
    /// The model that the firmware is built around
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Firmware to run instead of a built one
    #[arg(long, value_name = "ELF")]
    firmware: Option<PathBuf>,
    /// Writes the bytes that the board sends to this file; `bellwether listen` reads it
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    reading: Options,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, a recording that cannot be read, firmware that cannot be built or fails.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let out = BufWriter::new(io::stdout().lock());
    match args.verb {
        Verb::Run(args) => run(&args, out, &mut io::stderr())?,
        Verb::List => list(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(mut out: impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "{:<17}  {:<10}  {:<7}  {:>9}  {:>6}  {:>7}",
        "board", "processor", "preset", "variables", "window", "history"
    )?;
    for board in every() {
        writeln!(
            out,
            "{:<17}  {:<10}  {:<7}  {:>9}  {:>6}  {:>7}",
            board.name, board.processor, board.preset, board.variables, board.window, board.history
        )?;
    }
    Ok(out.flush()?)
}

fn run(args: &RunArgs, out: impl Write, log: &mut impl Write) -> anyhow::Result<()> {
    // First the checks that can fail at once, then the slow steps.
    let mut recording = notes::open(&args.input, &args.reading)?;
    let detail = if args.output.wants_everything() {
        Detail::Everything
    } else {
        Detail::Flagged
    };
    args.detector.accepts(&[], args.model.is_some())?;
    let app = args.detector.app;
    let app = app.with_context(|| format!("no app runs {} on a board", args.detector.name))?;
    let stored = args.model.as_deref().map(Stored::read).transpose()?;
    let model = stored.as_ref().map(Stored::model).transpose()?;
    if let Some(model) = &model {
        recording.select_for(model)?;
    }
    let watch = args.detector.watch(&Setup {
        names: recording.names(),
        settings: &args.board.settings(args.detector, &args.preset),
        model,
        fit: None,
    })?;
    let profile = watch.profile();
    ensure!(
        args.output.points.is_none() || profile.limits.len() < 2,
        "--points: of several scores, a device sends the one that decides"
    );
    let (board, variables) = (&args.board, profile.names.len());
    let shaped = args.detector.has("preset");
    ensure!(
        args.model.is_some() || shaped || variables <= board.variables,
        "{} has room for {} variables, the recording has {variables}",
        board.name,
        board.variables
    );
    let firmware = match (&args.firmware, &args.model) {
        (Some(path), _) => path.clone(),
        (None, None) if shaped => Firmware::find()?
            .with("BELLWETHER_VARIABLES", variables.to_string())
            .with("BELLWETHER_PRESET", &args.preset)
            .program(board, app, &[])?,
        (None, None) => Firmware::find()?.program(board, app, &[])?,
        (None, Some(file)) => Firmware::find()?
            .with("BELLWETHER_MODEL", file.canonicalize()?)
            .program(board, app, &["--features", "model"])?,
    };
    let skips_gaps = args.model.is_some();
    let capture = args.capture.as_deref();
    let capture =
        capture.map(|path| File::create(path).with_context(|| path.display().to_string()));
    let mut session = Session::start(
        board,
        &firmware,
        args.detector.name,
        recording,
        skips_gaps,
        detail,
        capture.transpose()?,
    )?;
    let mut writer = args.output.open(&args.input, profile, out)?;
    let progress = Progress::through(None);
    let result = loop {
        progress.set_position(session.rows);
        match session.next_frame() {
            Ok(Some(answered)) => {
                let record = watch.of_device(answered.record, answered.reason);
                writer.write(&record, &answered.timestamp)?;
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    progress.finish();
    writer.finish()?;
    result?;
    notes::write(log, &args.input, &session.remarks);
    for summary in &session.summaries {
        writeln!(log, "{}: {}", board.name, summary::words(summary))?;
    }
    if let Some(greeting) = session.greeting {
        writeln!(
            log,
            "{}: {}, {} rows, {} variables, {} frames of warm-up, {} bytes of state",
            board.name,
            greeting.detector,
            session.rows,
            greeting.variables,
            greeting.warm_up,
            greeting.state_bytes
        )?;
    }
    Ok(())
}
