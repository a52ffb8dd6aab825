//! `check`: the running agent's findings as a plug-in of node-problem-detector.

use super::ConfigArgument;
use crate::event::Severity;
use crate::outputs::check::Brief;
use crate::outputs::prometheus::{kind_name, severity_name};
use crate::outputs::secret;
use clap::{Args, ValueEnum};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// Bytes of the line, at most: what node-problem-detector keeps.
const LINE: usize = 80;

/// Bytes of the file, at most.
const LARGEST: u64 = 1 << 20;

/// Tells in one line whether the running agent has findings, as node-problem-detector's exec plug-ins do
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent check\n\nExit codes: 0 no finding; 1 a finding; 2 unknown: no agent, or its state is old"
)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The file of [outputs.check], without looking at the configuration.
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    file: Option<PathBuf>,
    /// Least severity of a finding.
    #[arg(long, value_enum, default_value_t = Least::Warning)]
    severity: Least,
    /// Seconds after which a state is old.
    #[arg(long, value_name = "SECONDS", default_value_t = 180)]
    stale: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Least {
    Info,
    Warning,
    Critical,
}

/// The answer of a check. The numbers are its exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Fine = 0,
    Finding = 1,
    Unknown = 2,
}

/// Runs the command. Whatever goes wrong is the answer "unknown", never that of a finding.
///
/// # Errors
/// None.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_millis() as u64);
    let (answer, line) = read(arguments)
        .map(|brief| judge(&brief, now, arguments.stale, arguments.severity))
        .unwrap_or_else(|error| (Answer::Unknown, format!("unknown: {error:#}")));
    // Nobody reads the line: the exit code is left.
    let _ = writeln!(io::stdout(), "{}", short(&line));
    Ok(ExitCode::from(answer as u8))
}

fn read(arguments: &Arguments) -> anyhow::Result<Brief> {
    if let Some(file) = &arguments.file {
        return read_file(file);
    }
    let config = arguments.config.read()?;
    let settings = config.outputs.check.unwrap_or_default();
    read_file(&settings.path)
}

fn read_file(path: &Path) -> anyhow::Result<Brief> {
    let named = |error: &dyn std::fmt::Display| {
        // The name first would push the reason out of the line.
        anyhow::anyhow!("{error}: {}", path.display())
    };
    let mut text = Vec::new();
    let file = secret::regular(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => named(&"no state; is the agent running?"),
        _ => named(&error),
    })?;
    file.take(LARGEST)
        .read_to_end(&mut text)
        .map_err(|error| named(&error))?;
    serde_json::from_slice(&text).map_err(|error| named(&error))
}

fn judge(brief: &Brief, now_ms: u64, stale_s: u64, least: Least) -> (Answer, String) {
    let age_s = now_ms.abs_diff(brief.at_ms) / 1000;
    if age_s > stale_s {
        let when = if now_ms < brief.at_ms {
            "in the future"
        } else {
            "old"
        };
        return (
            Answer::Unknown,
            format!("unknown: the state is {age_s} s {when}"),
        );
    }
    let least = match least {
        Least::Info => Severity::Info,
        Least::Warning => Severity::Warning,
        Least::Critical => Severity::Critical,
    };
    let [info, warning, critical] = brief.active;
    let count = match least {
        Severity::Info => info.saturating_add(warning).saturating_add(critical),
        Severity::Warning => warning.saturating_add(critical),
        Severity::Critical => critical,
    };
    if brief.silenced {
        return (Answer::Fine, format!("silenced, {count} findings"));
    }
    let worst = brief
        .findings
        .first()
        .filter(|worst| worst.severity >= least);
    match worst {
        Some(worst) => {
            let more = match count {
                0 | 1 => String::new(),
                more => format!("+{} ", more - 1),
            };
            let (severity, kind) = (severity_name(worst.severity), kind_name(worst.kind));
            (
                Answer::Finding,
                format!("{more}{severity} {kind}: {}", worst.message),
            )
        }
        None if brief.learning => {
            let channels = brief.channels;
            (Answer::Fine, format!("ok, learning {channels} channels"))
        }
        None => {
            let (channels, share) = (brief.channels, brief.anomaly_ratio * 100.0);
            (
                Answer::Fine,
                format!("ok, {channels} channels, {share:.1} % unusual"),
            )
        }
    }
}

/// One line of at most [`LINE`] bytes.
fn short(line: &str) -> String {
    let line: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.len() <= LINE {
        return line;
    }
    let dots = "...";
    let cut = line.floor_char_boundary(LINE - dots.len());
    format!("{}{dots}", line.get(..cut).unwrap_or_default())
}

#[cfg(test)]
mod tests;
