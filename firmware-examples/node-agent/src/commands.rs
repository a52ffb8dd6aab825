//! The command line: a file for each command, and the exit codes that they share.
//!
//! Data goes to standard output, talk to standard error. Exit code: 0 done and nothing found; 1 failed, or
//! something was found; 2 wrong use, a wrong configuration among it.

mod check;
mod check_config;
mod list_sensors;
mod once;
mod replay;
mod run;
mod silence;

use crate::config::{self, Config};
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Something was found, or the command failed.
pub const FOUND: u8 = 1;
/// Wrong use: an argument or the configuration.
pub const WRONG: u8 = 2;

/// Path of the configuration, unless `--config` says otherwise.
pub const CONFIG: &str = "/etc/bellwether/agent.toml";

/// Watches the sensors of this machine, learns how they behave, and tells what is unusual. It never acts.
#[derive(Debug, Parser)]
#[command(
    name = "bellwether-agent",
    version,
    max_term_width = 100,
    after_help = "Example:\n  bellwether-agent check-config --config agent.toml && bellwether-agent run --config agent.toml\n\n\
                  Exit codes: 0 done, nothing found; 1 failed or something found; 2 wrong use or wrong configuration"
)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Arguments),
    CheckConfig(check_config::Arguments),
    ListSensors(list_sensors::Arguments),
    Once(once::Arguments),
    Check(check::Arguments),
    Replay(replay::Arguments),
    Silence(silence::Arguments),
}

/// The configuration of a command.
#[derive(Clone, Debug, Default, Args)]
pub struct ConfigArgument {
    /// The configuration file. Without this option a missing /etc/bellwether/agent.toml means the defaults.
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl ConfigArgument {
    /// The file to read, and again at a reload.
    pub fn path(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new(CONFIG))
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// [`config::Errors`]: everything that is wrong with it.
    pub fn read(&self) -> anyhow::Result<Config> {
        if self.config.is_none() && !self.path().exists() {
            return Ok(Config::default());
        }
        Ok(config::read(self.path())?)
    }
}

/// Runs the command of the arguments.
pub fn main() -> ExitCode {
    let done = match Line::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::CheckConfig(arguments) => check_config::run(&arguments),
        Command::ListSensors(arguments) => list_sensors::run(&arguments),
        Command::Once(arguments) => once::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Silence(arguments) => silence::run(&arguments),
    };
    done.unwrap_or_else(|error| match error.downcast_ref::<config::Errors>() {
        Some(errors) => {
            eprintln!("{errors}");
            ExitCode::from(WRONG)
        }
        None => {
            eprintln!("bellwether-agent: {error:#}");
            ExitCode::from(FOUND)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    /// Broken by a clash of options, or by a command whose help has no worked line.
    #[test]
    fn every_command_shows_a_worked_line() {
        let mut line = Line::command();
        line.build();
        line.clone().debug_assert();
        for command in line
            .get_subcommands()
            .filter(|one| one.get_name() != "help")
        {
            let help = command.clone().render_long_help().to_string();
            let worked = format!("  bellwether-agent {}", command.get_name());
            assert!(help.contains(&worked), "{}: {help}", command.get_name());
            assert!(help.contains("Exit code"), "{}: {help}", command.get_name());
        }
    }
}
