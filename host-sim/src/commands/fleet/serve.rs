//! `bellwether fleet serve`: a worker that judges frames from a message server.

use super::manner::MannerArgs;
use super::server::ServerArgs;
use crate::fleet::stream::serve::{Ways, serve};
use crate::model::Stored;
use crate::text::number::counted;
use anyhow::ensure;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

/// Judges nodes from NATS JetStream, together with any number of other workers.
///
/// A durable consumer hands out the nodes. One worker judges a node, in the order of its frames, and publishes its
/// verdicts. A worker that is killed loses its nodes after --lease; the next one judges their frames from the
/// first, since a detector gives the same bits again, and publishes only what was not published yet. The server
/// refuses a piece that does not follow the last one, so that no frame counts twice. Any number of frames may be
/// lost with a worker, none from the result. All workers must be started with the same detector and settings.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether fleet serve --nats nats://127.0.0.1:4222 --stream march --until-done
         bellwether fleet serve --nats nats://127.0.0.1:4222 --stream march --detector node --at-once 500"
)]
pub struct Args {
    #[command(flatten)]
    server: ServerArgs,
    /// Seconds of silence after which another worker gets a node; the first worker's counts
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    lease: u64,
    /// Nodes at a time, at most
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    at_once: u32,
    /// Ends when every node of the replay is judged to its end
    #[arg(long)]
    until_done: bool,
    #[command(flatten)]
    manner: MannerArgs,
}

/// Runs the command.
///
/// # Errors
/// The server or the stream cannot be reached, or other workers judge in another way.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let stored = args.manner.stored()?;
    let model = stored.as_ref().map(Stored::model).transpose()?;
    ensure!(
        model.is_none_or(|model| model.front_end().is_none()),
        "a model with a front end judges bursts of a recording: `bellwether fleet run`"
    );
    let manner = args.manner.manner(model)?;
    let plan = args.manner.plan(Vec::new())?;
    let ways = Ways {
        lease: Duration::from_secs(args.lease),
        at_once: args.at_once as usize,
        until_done: args.until_done,
    };
    let served = serve(&args.server.server(), &manner, &plan, &ways)?;
    writeln!(
        io::stderr(),
        "{} completed here, {} lost to other workers, {} failed",
        counted(served.nodes, "node"),
        served.lost,
        served.failed
    )?;
    Ok(match served.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    })
}
