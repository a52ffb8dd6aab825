//! `bellwether run`: replays a recording through the ensemble.

use crate::commands::source::Source;
use crate::jsonl;
use crate::points::{Points, number};
use crate::record::FrameRecord;
use crate::replay::KEYS;
use anyhow::Context;
use bellwether::report::Outcome;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Replays a recording and prints every frame that has something to say.
///
/// The recording is CSV `timestamp,<variable>...[,label]`, plain, .gz or .zst; `-` is standard
/// input. An empty field is a missing value. Labels are used for scores only.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether run recording.csv.gz --set window=720 --out table",
    after_long_help = format!(
        "Settings (--set KEY=VALUE, defaults in brackets):\n{KEYS}\n\n\
         Example: bellwether run recording.csv.gz --set window=720 --out table"
    )
)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// What is printed
    #[arg(long, value_enum, default_value = "jsonl")]
    out: Format,
    /// Writes every lane of every frame to this CSV file
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Prints every frame, also those in which no variable flagged
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON object per frame
    Jsonl,
    /// One row per flagged variable (with --all: per variable)
    Csv,
    /// Aligned columns to read
    Table,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a recording that cannot be read.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(io::stdout().lock());
    match replay(&args, &mut out, &mut io::stderr()).and_then(|()| Ok(out.flush()?)) {
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        result => result.map(|()| ExitCode::SUCCESS),
    }
}

/// Whether the reader of our output has gone: no reason to complain.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn replay(args: &Args, out: &mut impl Write, talk: &mut impl Write) -> anyhow::Result<()> {
    let mut options = args.source.options()?;
    options.all = args.all || args.trace.is_some();
    let mut session = args.source.open(&options)?;
    let names = session.names().to_vec();
    let mut points = args.trace.as_ref().map(points_file).transpose()?;
    let printer = Printer::new(args.out, args.all, &names);
    printer.begin(out)?;
    while let Some((record, row)) = session.next_frame()? {
        if let Some(points) = &mut points {
            points.write(&record, row.timestamp, &names)?;
        }
        if args.all || record.flagged().next().is_some() {
            printer.print(out, &record, row.timestamp)?;
        }
    }
    if let Some(points) = points {
        points.finish()?;
    }
    session.summarize(talk)?;
    Ok(())
}

fn points_file(path: &PathBuf) -> anyhow::Result<Points<BufWriter<File>>> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    Ok(Points::new(BufWriter::new(file))?)
}

/// What the vote made of a lane, in a word.
pub fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Quiet => "quiet",
        Outcome::Confirmed => "confirmed",
        Outcome::Agreeing => "agreeing",
        Outcome::Outvoted => "outvoted",
        Outcome::Local => "local",
    }
}

struct Printer<'a> {
    format: Format,
    all: bool,
    names: &'a [String],
    width: usize,
}

const COLUMNS: [&str; 8] = [
    "tick",
    "timestamp",
    "variable",
    "outcome",
    "value",
    "expected",
    "score",
    "threshold",
];

impl<'a> Printer<'a> {
    fn new(format: Format, all: bool, names: &'a [String]) -> Self {
        let width = names
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0)
            .max(8);
        Self {
            format,
            all,
            names,
            width,
        }
    }

    fn row(&self, out: &mut impl Write, fields: [&str; 8]) -> anyhow::Result<()> {
        match self.format {
            Format::Jsonl => {}
            Format::Csv => {
                let mut line = csv::Writer::from_writer(out);
                line.write_record(fields)?;
                line.flush()?;
            }
            Format::Table => {
                let [
                    tick,
                    timestamp,
                    variable,
                    outcome,
                    value,
                    expected,
                    score,
                    threshold,
                ] = fields;
                let width = self.width;
                writeln!(
                    out,
                    "{tick:>8}  {timestamp:<19}  {variable:<width$}  {outcome:<9}  {value:>12}  \
                     {expected:>12}  {score:>12}  {threshold:>12}"
                )?;
            }
        }
        Ok(())
    }

    fn begin(&self, out: &mut impl Write) -> anyhow::Result<()> {
        self.row(out, COLUMNS)
    }

    fn print(
        &self,
        out: &mut impl Write,
        record: &FrameRecord,
        timestamp: &str,
    ) -> anyhow::Result<()> {
        if self.format == Format::Jsonl {
            writeln!(out, "{}", jsonl::line(record, timestamp, self.names)?)?;
            return Ok(());
        }
        let tick = record.tick.to_string();
        for lane in &record.lanes {
            if !self.all && lane.outcome == Outcome::Quiet {
                continue;
            }
            let about = &lane.assessment;
            self.row(
                out,
                [
                    &tick,
                    timestamp,
                    jsonl::name(self.names, lane.variable),
                    outcome_name(lane.outcome),
                    &number(Some(lane.value)),
                    &number(about.expected),
                    &number(about.score),
                    &number(about.threshold),
                ],
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::source::Detector;
    use std::path::Path;

    fn args(input: impl Into<PathBuf>, set: &[&str], out: Format) -> Args {
        Args {
            source: Source {
                input: input.into(),
                detector: Detector::Rola,
                set: set.iter().map(|s| (*s).to_owned()).collect(),
            },
            out,
            trace: None,
            all: false,
        }
    }

    fn run(args: &Args) -> (String, String) {
        let (mut out, mut talk) = (Vec::new(), Vec::new());
        replay(args, &mut out, &mut talk).unwrap();
        (
            String::from_utf8(out).unwrap(),
            String::from_utf8(talk).unwrap(),
        )
    }

    /// Two related variables with a labelled step at row 300.
    fn stepped(folder: &Path) -> PathBuf {
        let mut text = "timestamp,a,b,label\n".to_owned();
        for row in 0..320 {
            let t = f64::from(row);
            let jump = if row == 300 { 30.0 } else { 0.0 };
            let a = 50.0 + (t / 25.0).sin() + 0.05 * (t * 1.7).sin() + jump;
            text += &format!("{},{a},{},{}\n", 60 * row, 2.0 * a, i32::from(row == 300));
        }
        let path = folder.join("stepped.csv");
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_labelled_step_is_confirmed_scored_and_traced() {
        let folder = tempfile::tempdir().unwrap();
        let path = stepped(folder.path());
        let mut args = args(&path, &["window=200", "history=200"], Format::Jsonl);
        let (out, talk) = run(&args);
        let line = out
            .lines()
            .find(|line| line.starts_with("{\"tick\":300,"))
            .unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["timestamp"], 18000);
        assert_eq!(line["confirmed"][0]["variable"], "a");
        assert_eq!(line["correlations"][0]["b"], "b");
        assert!(
            talk.contains("1 of 1 events hit") && talk.contains("any lane: "),
            "{talk}"
        );

        args.trace = Some(folder.path().join("points.csv"));
        args.all = true;
        assert_eq!(run(&args).0.lines().count(), 320);
        let points = std::fs::read_to_string(folder.path().join("points.csv")).unwrap();
        assert_eq!(points.lines().count(), 1 + 2 * 320);
    }

    #[test]
    fn csv_and_table_hold_the_flagged_variables() {
        let folder = tempfile::tempdir().unwrap();
        let path = stepped(folder.path());
        let set = ["window=200", "history=200"];
        let csv = run(&args(&path, &set, Format::Csv)).0;
        assert!(
            csv.starts_with("tick,timestamp,variable,outcome,value"),
            "{csv}"
        );
        assert!(csv.contains("\n300,18000,b,confirmed,"), "{csv}");
        let table = run(&args(&path, &set, Format::Table)).0;
        assert_eq!(table.lines().count(), csv.lines().count());
    }

    #[test]
    fn only_a_broken_pipe_is_quiet() {
        let error = |kind| anyhow::Error::from(io::Error::from(kind)).context("writing");
        assert!(is_broken_pipe(&error(io::ErrorKind::BrokenPipe)));
        assert!(!is_broken_pipe(&error(io::ErrorKind::NotFound)));
    }

    #[test]
    fn ferrybox_gives_the_golden_verdicts() {
        let data = std::env::var_os("BELLWETHER_DATA").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
            PathBuf::from,
        );
        let folder = data.join("ferrybox");
        let Ok(golden) =
            std::fs::read_to_string(folder.join("golden_rola_w1440_p1440_replace.csv"))
        else {
            eprintln!("skipped: no data");
            return;
        };
        let golden: Vec<String> = golden
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap_or_default().to_owned())
            .collect();
        let path = folder.join("ferrybox.csv");
        let (out, talk) = run(&args(path, &["window=1440", "history=1440"], Format::Jsonl));
        let confirmed: Vec<String> = out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter(|line| line["confirmed"].as_array().is_some_and(|c| !c.is_empty()))
            .map(|line| line["tick"].to_string())
            .collect();
        assert_eq!(confirmed, golden);
        assert!(
            talk.contains("28 detections; event rule (K = 7): 4 of 4 events hit, 1 stray"),
            "{talk}"
        );
        assert!(
            talk.contains("TP 22 FP 6 FN 164") && talk.contains("TP 46 FP 32 FN 140"),
            "{talk}"
        );
        assert!(talk.contains("399 trainings"), "{talk}");
    }
}
