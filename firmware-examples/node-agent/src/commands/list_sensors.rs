//! `list-sensors`: the channels of this machine.

use super::ConfigArgument;
use crate::readers::Readers;
use crate::sources;
use bellwether::{Cause, Reading};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for a reading: what is slower is shown as absent.
const LIMIT: Duration = Duration::from_secs(3);
/// From the first reading to the second, of which the rates of counters are.
const PERIOD: Duration = Duration::from_secs(1);

/// Lists what can be read on this machine, with identity, unit and present value
///
/// Everything is read twice, a second apart, so that counters have a rate.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent list-sensors --format json\n\nExit codes: 0 listed; 1 failed; 2 wrong configuration"
)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Form of the list
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for people
    Table,
    /// An array with an object for each channel
    Json,
}

/// A channel in the list.
#[derive(Debug, Serialize)]
struct Row<'a> {
    identity: &'a str,
    value: Option<f32>,
    /// Cause of the absence of a value.
    absent: Option<&'static str>,
    unit: &'static str,
    chip: &'a str,
    sensor: &'a str,
    /// The probe that reads it.
    source: &'a str,
    /// Seconds that the probe's last reading took; `None` if it has not answered yet.
    took_s: Option<f64>,
}

/// Runs the command.
///
/// # Errors
/// The configuration cannot be read, a source that it asks for is not there, or the list cannot be written.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = arguments.config.read()?;
    let mut readers = Readers::start(sources::open(&config.sources)?, LIMIT)?;
    let mut readings = vec![Reading::Absent(Cause::Missing); readers.channels().len()];
    let start = Instant::now();
    readers.read(Duration::ZERO, &mut readings);
    thread::sleep(PERIOD.saturating_sub(start.elapsed()));
    readers.read(start.elapsed(), &mut readings);
    let rows = rows(&readers, &readings);
    let mut text = Vec::new();
    match arguments.format {
        Format::Table => table(&rows, &mut text)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut text, &rows)?;
            text.push(b'\n');
        }
    }
    match io::stdout().lock().write_all(&text) {
        // A reader that has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    Ok(ExitCode::SUCCESS)
}

fn rows<'a>(readers: &'a Readers, readings: &[Reading]) -> Vec<Row<'a>> {
    let probes: Vec<_> = readers.probes().collect();
    let channels = readers.channels().iter().zip(readings);
    let with_probe = channels.zip(readers.probe_of());
    let rows = with_probe.filter_map(|((channel, reading), probe)| {
        let probe = probes.get(probe)?;
        let value = reading.usable();
        Some(Row {
            identity: &channel.identity,
            value: value.ok(),
            absent: value.err().map(Cause::name),
            unit: channel.unit,
            chip: &channel.chip,
            sensor: &channel.sensor,
            source: probe.probe,
            took_s: probe.took.map(|took| took.as_secs_f64()),
        })
    });
    rows.collect()
}

/// Columns as wide as their widest text.
fn table(rows: &[Row], into: &mut impl Write) -> io::Result<()> {
    let mut lines = vec![["channel", "value", "unit", "read in", "source"].map(str::to_owned)];
    lines.extend(rows.iter().map(|row| {
        [
            plain(row.identity),
            match (row.value, row.absent) {
                (Some(value), _) => value.to_string(),
                (None, cause) => format!("absent ({})", cause.unwrap_or("missing")),
            },
            row.unit.to_owned(),
            row.took_s
                .map_or("no answer".to_owned(), |s| format!("{:.3} ms", s * 1e3)),
            plain(row.source),
        ]
    }));
    let width = |k: usize| {
        let texts = lines.iter().filter_map(|line| line.get(k));
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let [a, b, c, d] = [0, 1, 2, 3].map(width);
    for [channel, value, unit, took, source] in &lines {
        writeln!(
            into,
            "{channel:a$}  {value:>b$}  {unit:c$}  {took:>d$}  {source}"
        )?;
    }
    let mut sources: Vec<&str> = rows.iter().map(|row| row.source).collect();
    sources.dedup();
    writeln!(into, "{} channels, {} probes", rows.len(), sources.len())
}

/// A name without characters that would move a terminal's cursor.
fn plain(name: &str) -> String {
    let mark = |char: char| if char.is_control() { '\u{FFFD}' } else { char };
    name.chars().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a hostile label can write to a terminal, or columns do not stand below each other.
    #[test]
    fn table_is_even_and_plain() {
        let row = |identity, value: Option<f32>| Row {
            identity,
            value,
            absent: value.is_none().then_some("sensor"),
            unit: "°C",
            chip: "",
            sensor: "",
            source: "hwmon/x",
            took_s: value.map(|_| 0.0015),
        };
        let rows = [row("a\x1b[2J/temp1", Some(41.25)), row("b", None)];
        let mut text = Vec::new();
        table(&rows, &mut text).unwrap();
        let expected = "\
channel                value  unit    read in  source
a\u{FFFD}[2J/temp1            41.25  °C     1.500 ms  hwmon/x
b            absent (sensor)  °C    no answer  hwmon/x
2 channels, 1 probes
";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
