//! `bellwether fleet replay`: recordings into a message server.

use super::server::ServerArgs;
use crate::fleet::node::nodes;
use crate::fleet::stream::replay::replay;
use crate::recording::Options;
use crate::text::number::counted;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Publishes recordings to NATS JetStream, a subject per node, for the workers of `bellwether fleet serve`.
///
/// Every frame is a message with an identity of its own, node and row, so that one that is sent again is stored
/// once. A replay that was interrupted goes on where it stopped when it is started again. Without --speed frames
/// are published as fast as the server stores them.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether fleet replay nodes/*.csv.gz --nats nats://127.0.0.1:4222 --stream march
         bellwether fleet replay nodes/*.csv.gz --nats nats://127.0.0.1:4222 --stream march --speed 60"
)]
pub struct Args {
    /// A recording per node, which is named after the file
    #[arg(value_name = "RECORDING", required = true)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
    /// Publishes frames in order of their time, at this multiple of the recorded speed
    #[arg(long, value_name = "X", value_parser = speed)]
    speed: Option<f64>,
    #[command(flatten)]
    reading: Options,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(x) if (1e-3..=1e9).contains(&x) => Ok(x),
        _ => Err("a number from 0.001 to 1000000000, such as 60".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// A recording cannot be read, or the server cannot be reached or holds another replay.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let all = nodes(&args.inputs)?;
    let replayed = replay(&args.server.server(), &all, &args.reading, args.speed)?;
    writeln!(
        io::stderr(),
        "{}: {} sent; {} were there",
        counted(all.len() as u64, "node"),
        counted(replayed.frames, "frame"),
        counted(replayed.there, "node")
    )?;
    Ok(ExitCode::SUCCESS)
}
