//! `replay`: recorded values, judged as if they were read now.

use super::{ConfigArgument, FOUND};
use crate::event::{Event, Phase};
use crate::replay::{self, Course, Options, Recording};
use anyhow::ensure;
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Judges a recording as if it were read now
///
/// A CSV file, plain or gzip: a row per reading, a column per sensor, a first column of times. Further files go on
/// where the one before ends. The first rows are learned from; a column of labels leaves bad rows out of these, and
/// judges the alarms behind them.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  bellwether-agent replay node.csv --fit-rows 50%\n  \
                  bellwether-agent replay omi-1.train.csv.gz omi-1.test.csv.gz --period 300 --promise 10\n\n\
                  Exit codes: 0 no event; 1 events or failed; 2 wrong use"
)]
pub struct Arguments {
    /// Recordings of the same columns
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    config: ConfigArgument,
    /// Rows that are learned from, or a share of them [default: all files but the last; of one file 50%]
    #[arg(long, value_name = "N|P%", value_parser = rows)]
    fit_rows: Option<Rows>,
    /// Seconds from row to row, whatever the times say
    #[arg(long, value_name = "SECONDS", value_parser = period)]
    period: Option<f64>,
    /// False alarms in 30 days that you accept [default: that of the configuration]
    #[arg(long, value_name = "ALARMS")]
    promise: Option<f32>,
    /// False alarms per 10,000 rows that you accept, in place of --promise
    #[arg(long, value_name = "ALARMS", conflicts_with = "promise")]
    promise_rows: Option<f32>,
    /// Judges groups only, not single channels
    #[arg(long)]
    no_watchers: bool,
    /// Never accepts a lasting change
    #[arg(long)]
    no_second: bool,
    /// Leaves this share of the last learned rows out
    #[arg(long, value_name = "SHARE")]
    trim: Option<f32>,
    /// Form of the events
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line for people
    Table,
    /// A line of JSON for each event, and one for the summary
    Json,
}

/// A number of rows, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rows {
    Count(usize),
    Share(f64),
}

fn rows(text: &str) -> Result<Rows, String> {
    let wrong = || format!("{text}: a number of rows, or a share as 50%");
    if let Some(percent) = text.strip_suffix('%') {
        let percent: f64 = percent.parse().map_err(|_| wrong())?;
        return (0.0..100.0)
            .contains(&percent)
            .then_some(Rows::Share(percent / 100.0))
            .ok_or_else(wrong);
    }
    text.parse().map(Rows::Count).map_err(|_| wrong())
}

fn period(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok();
    let seconds = seconds.filter(|seconds| (0.001..=86_400.0).contains(seconds));
    seconds.ok_or_else(|| format!("{text}: 0.001 to 86400 seconds"))
}

/// Runs the command.
///
/// # Errors
/// The configuration or a file cannot be read, or there is too little to learn from.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut settings = arguments.config.read()?.judge;
    let recording = Recording::read(&arguments.files, arguments.period)?;
    let all = recording.rows();
    let front: usize = match recording.files.split_last() {
        Some((_, front)) if !front.is_empty() => front.iter().sum(),
        _ => all / 2,
    };
    let fit_rows = match arguments.fit_rows {
        Some(Rows::Count(rows)) => rows,
        Some(Rows::Share(share)) => (all as f64 * share) as usize,
        None => front,
    };
    ensure!(fit_rows <= all, "--fit-rows: the recording has {all} rows");
    let period_s = recording.period_ms() as f32 / 1000.0;
    let frame_s = period_s.max(settings.frame_s as f32);
    if let Some(promise) = arguments.promise {
        settings.false_alarms_per_month = promise;
    }
    if let Some(promise) = arguments.promise_rows {
        settings.false_alarms_per_month = promise * 30.0 * 86_400.0 / (10_000.0 * frame_s);
    }
    settings.watchers &= !arguments.no_watchers;
    if arguments.no_second {
        settings.accept_after = 0;
    }
    settings.trim = arguments.trim.unwrap_or(settings.trim);
    let options = Options { settings, fit_rows };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut failed = None;
    let course = replay::run(&recording, &options, None, |event| {
        if let Err(error) = write_event(&mut out, arguments.format, event) {
            failed.get_or_insert(error);
        }
    })?;
    match failed {
        // Who reads has seen enough.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
        Some(error) => return Err(error.into()),
        None => {}
    }
    for remark in &course.remarks {
        eprintln!("bellwether-agent: {remark}");
    }
    write_summary(&mut out, arguments.format, &course, recording.labelled)?;
    out.flush()?;
    let told = course.watchers + course.anomalies > 0;
    Ok(if told {
        ExitCode::from(FOUND)
    } else {
        ExitCode::SUCCESS
    })
}

fn write_event(out: &mut impl Write, format: Format, event: &Event) -> io::Result<()> {
    match format {
        Format::Json => {
            serde_json::to_writer(&mut *out, event)?;
            writeln!(out)
        }
        Format::Table => {
            let phase = match event.phase {
                Phase::Start => "start ",
                Phase::Update => "update",
                Phase::Clear => "clear ",
            };
            let seconds = event.at_ms as f64 / 1000.0;
            writeln!(out, "{seconds:>14.0}  {phase}  {}", event.message)
        }
    }
}

fn write_summary(
    out: &mut impl Write,
    format: Format,
    course: &Course,
    labelled: bool,
) -> io::Result<()> {
    let days = course.days.max(f64::MIN_POSITIVE);
    let (all, groups) = (course.judged(true), course.judged(false));
    let delay = all.delay();
    if let Format::Json = format {
        let summary = serde_json::json!({"summary": {
            "rows": course.rows,
            "days": course.days,
            "anomalies": course.anomalies,
            "watchers": course.watchers,
            "events": labelled.then_some(all.events),
            "found": labelled.then_some(all.found),
            "found_by_groups": labelled.then_some(groups.found),
            "false_episodes": labelled.then_some(all.false_ones),
            "delay_rows": delay,
        }});
        return writeln!(out, "{summary}");
    }
    writeln!(
        out,
        "{} rows, {days:.1} days: {} anomalies ({:.2} a day), {} findings of watchers ({:.2} a day)",
        course.rows,
        course.anomalies,
        course.anomalies as f64 / days,
        course.watchers,
        course.watchers as f64 / days,
    )?;
    if labelled {
        let delay = delay.map_or("-".to_owned(), |delay| format!("{delay} rows"));
        writeln!(
            out,
            "labels: {} of {} events found, {} of them by groups; {} false episodes; median delay {delay}",
            all.found, all.events, groups.found, all.false_ones,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a share is taken for a number of rows, or nonsense for either.
    #[test]
    fn rows_are_a_number_or_a_share() {
        assert_eq!(rows("1200"), Ok(Rows::Count(1200)));
        assert_eq!(rows("50%"), Ok(Rows::Share(0.5)));
        for text in ["", "%", "-1", "100%", "1e3", "NaN%"] {
            assert!(rows(text).is_err(), "{text}");
        }
        assert!(period("0").is_err() && period("NaN").is_err() && period("900") == Ok(900.0));
    }
}
