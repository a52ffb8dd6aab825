//! `bellwether device`: the same detector on a board.

use crate::board::firmware::Firmware;
use crate::board::session::Session;
use crate::board::{ALL, Board};
use crate::commands::args::output::Output;
use crate::detect::Watch as _;
use crate::detect::autoencoder::ModelWatch;
use crate::detect::{Entry, Profile};
use crate::model::Stored;
use crate::recording::metered::bar;
use crate::recording::{Layout, Recording};
use anyhow::ensure;
use bellwether::report::Detail;
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
    Run(RunArgs),
    /// Lists the boards
    #[command(after_help = "Example: bellwether device list")]
    List,
}

/// Builds a board's firmware, streams a recording into it and prints its verdicts.
///
/// The recording is read and verdicts are written as by `bellwether run`. The settings of rola are
/// the firmware's: the defaults, with the window and history of the board's preset. An autoencoder's
/// firmware is built around its model, with the model's thresholds and advice.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
struct RunArgs {
    /// The recording, or `-` for standard input
    #[arg(value_name = "RECORDING")]
    input: PathBuf,
    /// Layout of the recording [default: told by its name and first line]
    #[arg(long, value_enum, value_name = "LAYOUT")]
    layout: Option<Layout>,
    /// The board; `bellwether device list` names them
    #[arg(long, value_name = "NAME", value_parser = Board::named)]
    board: Board,
    /// The detector: rola, or autoencoder with its --model
    #[arg(long, value_name = "NAME", value_parser = Entry::named, default_value = "rola")]
    detector: &'static Entry,
    /// The model that the firmware is built around
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Firmware to run instead of a built one
    #[arg(long, value_name = "ELF")]
    firmware: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
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
        "{:<16}  {:<10}  {:<7}  {:>9}  {:>6}  {:>7}",
        "board", "processor", "preset", "variables", "window", "history"
    )?;
    for board in ALL {
        writeln!(
            out,
            "{:<16}  {:<10}  {:<7}  {:>9}  {:>6}  {:>7}",
            board.name, board.processor, board.preset, board.variables, board.window, board.history
        )?;
    }
    Ok(out.flush()?)
}

fn run(args: &RunArgs, out: impl Write, log: &mut impl Write) -> anyhow::Result<()> {
    // First the checks that can fail at once, then the slow steps.
    let recording = Recording::open_as(&args.input, args.layout)?;
    let names = recording.names().to_vec();
    let detail = if args.output.wants_everything() {
        Detail::Everything
    } else {
        Detail::Flagged
    };
    args.detector.accepts(&[], args.model.is_some())?;
    ensure!(
        matches!(args.detector.name, "rola" | "autoencoder"),
        "no firmware runs {}: a board runs rola, or autoencoder",
        args.detector.name
    );
    ensure!(
        args.model.is_none() || args.output.points.is_none(),
        "--points: a device sends of a model's scores the one that decides"
    );
    let stored = args.model.as_deref().map(Stored::read).transpose()?;
    let model = match &stored {
        Some(stored) => Some(ModelWatch::new(stored.model()?, &names)?),
        None => None,
    };
    let firmware = match (&args.firmware, &args.model) {
        (Some(path), _) => path.clone(),
        (None, None) => Firmware::find()?.program(&args.board, "ensemble", &[])?,
        (None, Some(file)) => Firmware::find()?
            .with_file("BELLWETHER_MODEL", &file.canonicalize()?)
            .program(&args.board, "autoencoder", &["--features", "model"])?,
    };
    let (mut session, profile) = match &model {
        Some(model) => (
            Session::of_model(&args.board, &firmware, recording, model.columns(), detail)?,
            model.profile().clone(),
        ),
        None => (
            Session::start(&args.board, &firmware, recording, detail)?,
            Profile::of_lanes(&names, Vec::new()),
        ),
    };
    let mut writer = args.output.open(&args.input, &profile, out)?;
    let progress = bar(None);
    let result = loop {
        progress.set_position(session.rows);
        match session.next_frame() {
            Ok(Some(answered)) => {
                let record = match &model {
                    Some(model) => model.of_device(answered.record, answered.reason),
                    None => answered.record,
                };
                writer.write(&record, &answered.timestamp)?;
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    progress.finish_and_clear();
    writer.finish()?;
    result?;
    if let Some(greeting) = session.greeting {
        writeln!(
            log,
            "{}: {}, {} rows, {} variables, {} frames of warm-up, {} bytes of state",
            args.board.name,
            greeting.detector,
            session.rows,
            greeting.variables,
            greeting.warm_up,
            greeting.state_bytes
        )?;
    }
    Ok(())
}
