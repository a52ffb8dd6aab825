//! `bellwether watch`: the machine in front of you, in a terminal.

mod draw;
mod feed;
mod figure;
mod history;
mod keys;
mod live;
mod plain;
#[cfg(feature = "full")]
mod replay;
mod spark;
mod terminal;
mod view;

use anyhow::{Context as _, ensure};
use bellwether_agent::config::{self, Config};
use feed::{Feed, Machine};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use view::View;

const EXAMPLE: &str = "Examples:
  bellwether watch
  bellwether watch --record node.csv && bellwether run node.csv
  bellwether watch --replay node.csv --speed 60

Keys: q quits, arrows and PgUp/PgDn move, Tab goes to the events and back, / filters, Esc ends the filter,
s sorts by surprise, name or group, p lets the screen stand still, a acknowledges an event";

/// Frames of a configuration's default: 15 s, and a first model after 5 minutes.
const FRAME_S: u32 = 15;
const BEGIN: u32 = 20;

/// Shows the sensors of this machine, how they are judged, and what was found.
///
/// Sources and judgement are those of the node agent, in this process: a running agent is not asked, and nothing that
/// it has learned is used or changed. Without --config a first model is there after five minutes.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Configuration of the node agent: its sections [sources] and [judge] count
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// Writes the readings of each second to this new recording, which `bellwether run` reads
    #[arg(long, value_name = "FILE.csv")]
    record: Option<PathBuf>,
    /// Shows a recording instead
    #[cfg(feature = "full")]
    #[arg(long, value_name = "RECORDING", conflicts_with = "record")]
    replay: Option<PathBuf>,
    /// Shows the recording N times as fast as it was recorded
    #[cfg(feature = "full")]
    #[arg(long, value_name = "N", default_value = "1", requires = "replay", value_parser = speed)]
    speed: f64,
    /// Prints the state as text and ends: after two samples, or at the end of the recording
    #[arg(long)]
    once: bool,
    #[cfg(feature = "full")]
    #[command(flatten)]
    reading: crate::recording::Options,
}

#[cfg(feature = "full")]
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok();
    let speed = speed.filter(|speed| (1e-3..=1e6).contains(speed));
    speed.ok_or_else(|| "a number from 0.001 to 1000000".to_owned())
}

/// Runs the command.
///
/// # Errors
/// The configuration is wrong, nothing can be read, or there is no terminal.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let config = match &args.config {
        Some(path) => config::read(path)?,
        None => Config {
            judge: bellwether_agent::judge::Settings {
                frame_s: FRAME_S,
                begin: BEGIN,
                ..Default::default()
            },
            ..Config::default()
        },
    };
    #[cfg(feature = "full")]
    if let Some(path) = args.replay {
        let speed = (!args.once).then_some(args.speed);
        let open = move || replay::Replay::open(&path, &args.reading, &config.judge, speed);
        return watch(args.once, usize::MAX, open);
    }
    let open = move || live::Live::open(&config, args.record.as_deref());
    watch(args.once, SAMPLES, open)
}

/// Counters are rates from the second sample on.
const SAMPLES: usize = 2;

/// Shows a machine on the terminal, or prints it after as many states.
fn watch<M: Machine>(
    once: bool,
    states: usize,
    open: impl FnOnce() -> anyhow::Result<M> + Send + 'static,
) -> anyhow::Result<ExitCode> {
    if once {
        let mut machine = open()?;
        let mut view = View::default();
        for _ in 0..states {
            let mut told = Vec::new();
            let Some(status) = machine.next(&mut told)? else {
                break;
            };
            view.take(status, told);
        }
        let mut out = io::stdout().lock();
        plain::write(&mut out, &view)?;
        out.flush().context("standard output")?;
        return Ok(ExitCode::SUCCESS);
    }
    ensure!(
        io::stdout().is_terminal(),
        "standard output is no terminal; with --once the state is printed as text"
    );
    terminal::show(&Feed::start(open)?)?;
    Ok(ExitCode::SUCCESS)
}
