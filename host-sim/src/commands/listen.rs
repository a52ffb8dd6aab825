//! `bellwether listen`: the reports of a device on a desk.

mod device;
mod port;

use crate::board::line::Line;
use crate::commands::args::output::Output;
use crate::detect::Entry;
use crate::model::Stored;
use anyhow::ensure;
use device::Device;
use port::Event;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "Examples:
  bellwether listen /dev/ttyACM0 --names inlet,outlet,fan
  bellwether listen COM3 --baud 921600 --record pump.csv --clock --format table
  bellwether listen - --all < captured.bin";

/// Prints the verdicts that a device sends, and records its readings.
///
/// The device sends report records (docs/formats/report.md) over a serial line, and the verdicts are written as by
/// `bellwether run`. Bytes that are no record are passed over and counted, as are answers and frames that were lost.
/// The end of the input or Ctrl-C ends the command with a summary on standard error.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// A serial port, a file with captured bytes, or `-` for standard input
    #[arg(value_name = "PORT")]
    input: PathBuf,
    /// Bits per second of a serial port: 8 data bits, no parity, one stop bit
    #[arg(long, value_name = "RATE", default_value = "115200")]
    baud: u32,
    /// The detector of a device whose greeting was missed [default: as in its greeting]
    #[arg(long, value_name = "NAME", value_parser = Entry::named)]
    detector: Option<&'static Entry>,
    /// Names of the variables, in order [default: those of the model, or column1, column2, ...]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    names: Vec<String>,
    /// The model that the device runs, for the names of its variables and measures
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Writes the frames that the device streams to this recording, for `model train` and every other command
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Timestamps are the times of arrival (UTC) instead of ticks
    #[arg(long)]
    clock: bool,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, a port that cannot be read, or output that cannot be written.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    ensure!(
        args.detector
            .is_none_or(|entry| entry.needs_model == args.model.is_some()),
        "--model is for --detector autoencoder, which needs it"
    );
    let stored = args.model.as_deref().map(Stored::read).transpose()?;
    let model = stored.as_ref().map(Stored::model).transpose()?;
    let events = port::open(&args.input, args.baud)?;
    let mut log = io::stderr();
    let mut device = Device::new(args, model, io::stdout().lock());
    let mut line = Line::default();
    let ended = loop {
        match events.recv()? {
            Event::Bytes(bytes) => {
                for received in bytes.iter().filter_map(|byte| line.push(*byte)) {
                    device.take(received, &mut log)?;
                }
                device.flush()?;
            }
            Event::Ended(ended) => break ended,
        }
    };
    line.end();
    let said = device.finish()?;
    writeln!(log, "{}: {said}, {}", args.input.display(), line.losses)?;
    ended?;
    Ok(ExitCode::SUCCESS)
}
