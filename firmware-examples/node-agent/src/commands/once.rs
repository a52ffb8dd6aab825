//! `once`: one reading of everything.

use super::ConfigArgument;
use crate::readers::Readers;
use crate::sources;
use bellwether::{Cause, Reading};
use clap::Args;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// Reads everything once and prints it, a line per channel: identity, value, unit
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent once\n\nRates of counters need two readings, so that it takes a \
    period of the configuration, a second.\n\nExit codes: 0 read; 1 failed; 2 wrong configuration"
)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

/// Runs the command.
///
/// # Errors
/// The configuration is wrong, or a source that was asked for by name cannot be read.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = arguments.config.read()?;
    let probes = sources::open(&config.sources)?;
    let mut readers = Readers::start(probes, Duration::from_millis(config.agent.wait_ms.into()))?;
    let mut readings = vec![Reading::Absent(Cause::Missing); readers.channels().len()];
    let begin = Instant::now();
    readers.read(Duration::ZERO, &mut readings);
    thread::sleep(Duration::from_millis(config.agent.period_ms.into()));
    readers.read(begin.elapsed(), &mut readings);
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (channel, reading) in readers.channels().iter().zip(&readings) {
        let name = &channel.identity;
        match reading {
            Reading::Value(value) => writeln!(out, "{name}\t{value}\t{}", channel.unit)?,
            Reading::Absent(cause) => writeln!(out, "{name}\t{cause:?}\t{}", channel.unit)?,
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
