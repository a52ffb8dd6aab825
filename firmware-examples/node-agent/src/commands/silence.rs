//! `silence`: words with the running agent over its socket.

use super::{ConfigArgument, FOUND};
use crate::engine::{self, Answer, Request};
use anyhow::{Context as _, bail};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Silences the running agent for planned work, or says other words to it
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  bellwether-agent silence 90                        nothing is told for 90 minutes\n  \
    bellwether-agent silence                           nothing is told until --end\n  \
    bellwether-agent silence --end\n  \
    bellwether-agent silence --acknowledge 1764430000000   only the end of this event is told\n  \
    bellwether-agent silence --accept hwmon            the present state of the group is normal\n  \
    bellwether-agent silence --status\n\n\
    Only the agent's user and root may ask. The agent goes on to watch while it is silent; what outlasts the \
    silence is told at its end.\n\nExit codes: 0 done; 1 the agent refused or does not answer; 2 wrong use"
)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The socket, instead of that of the configuration
    #[arg(short, long, value_name = "PATH")]
    socket: Option<PathBuf>,
    #[command(flatten)]
    word: Word,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct Word {
    /// Minutes of silence, at most a year; without them, until --end
    minutes: Option<u32>,
    /// Ends the silence
    #[arg(long)]
    end: bool,
    /// Tells that somebody has seen an event: only its end is told
    #[arg(long, value_name = "ID")]
    acknowledge: Option<u64>,
    /// Tells that the present state of a group is normal from now on
    #[arg(long, value_name = "GROUP")]
    accept: Option<String>,
    /// Prints the state as JSON
    #[arg(long)]
    status: bool,
    /// Saves what was learned
    #[arg(long)]
    save: bool,
}

impl Word {
    fn request(&self) -> Request {
        match (self.acknowledge, &self.accept) {
            (Some(id), _) => Request::Acknowledge { id },
            (_, Some(group)) => Request::Accept {
                group: group.clone(),
            },
            _ if self.end => Request::End {},
            _ if self.status => Request::Status {},
            _ if self.save => Request::Save {},
            _ => Request::Silence {
                minutes: self.minutes,
            },
        }
    }
}

/// Runs the command.
///
/// # Errors
/// The configuration is wrong or has no socket, or nobody answers there.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let socket = match &arguments.socket {
        Some(socket) => socket.clone(),
        None => {
            let socket = arguments.config.read()?.agent.socket;
            let socket = engine::Settings::some(&socket).map(PathBuf::from);
            socket.context("the configuration has no agent.socket")?
        }
    };
    match engine::ask(&socket, &arguments.word.request())? {
        Answer {
            failed: Some(reason),
            ..
        } => {
            eprintln!("bellwether-agent: {reason}");
            Ok(ExitCode::from(FOUND))
        }
        Answer {
            status: Some(status),
            ..
        } => {
            println!("{}", serde_json::to_string_pretty(&status)?);
            Ok(ExitCode::SUCCESS)
        }
        Answer {
            done: Some(done), ..
        } => {
            println!("{done}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("an empty answer"),
    }
}
