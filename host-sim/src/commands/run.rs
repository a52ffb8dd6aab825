//! `bellwether run`: replays a recording through a detector.

use crate::commands::args::output::Output;
use crate::commands::args::source::Source;
use crate::detect::Session;
use crate::detect::registry::keys_help;
use crate::model::Stored;
use crate::output::Writer;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Example: bellwether run recording.csv.gz --set promise=3 --format table
         bellwether run recording.csv.gz --detector autoencoder --model node.bwm --format table";

/// Replays a recording and prints every anomalous row, and its alarms at the end.
///
/// The default detector is fitted to the leading rows (--set learn=N), which should be mostly normal, and
/// raises alarms that keep a promise (--set promise=N false alarms per 10,000 rows).
///
/// The recording is CSV `timestamp,<variable>...[,label]`, plain, .gz or .zst, or has the layout of
/// a public data set (--layout lists them); `-` is standard input. An empty field is a missing
/// value. Labels are used for scores only.
///
/// An autoencoder finds its variables by name, in any order. Its windows move by one row. They
/// begin anew after a gap: a row with fewer than half of them, or a timestamp more than one and a
/// half usual steps after the last. Anomalous rows are printed with the three variables of the
/// largest errors; `back` is the number of rows since the error. If a model's outputs are no
/// reconstruction, the three are those with the largest contributions to the score: `expected` is
/// the training mean, `error` the decrease of the score with it.
#[derive(clap::Args)]
#[command(
    after_help = EXAMPLES,
    after_long_help = format!(
        "{}\n\n{EXAMPLES}", keys_help()
    )
)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a recording that cannot be read.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let out = BufWriter::new(io::stdout().lock());
    replay(&args, out, &mut io::stderr())?;
    Ok(ExitCode::SUCCESS)
}

fn replay(args: &Args, out: impl Write, log: &mut impl Write) -> anyhow::Result<()> {
    let source = &args.source;
    let stored = source.stored()?;
    let model = stored.as_ref().map(Stored::model).transpose()?;
    let mut session = source.open(model)?;
    let mut writer = args.output.open(&source.input, session.profile(), out)?;
    let read = |session: &mut Session<'_>, writer: &mut Writer<_>| -> anyhow::Result<()> {
        while let Some((record, row)) = session.next_row()? {
            writer.write(&record, row.timestamp)?;
        }
        Ok(())
    };
    // What came before a malformed row is printed all the same.
    let result = read(&mut session, &mut writer);
    writer.finish()?;
    result?;
    session.summarize(log)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Entry;
    use crate::output::Format;
    use std::path::{Path, PathBuf};

    fn args(input: impl Into<PathBuf>, set: &[&str], format: Format) -> Args {
        Args {
            source: Source {
                input: input.into(),
                detector: Entry::named("rola").unwrap(),
                model: None,
                fit: None,
                set: set.iter().map(|s| (*s).to_owned()).collect(),
                reading: crate::recording::Options::default(),
            },
            output: Output {
                format,
                points: None,
                all: false,
                health: false,
            },
        }
    }

    fn run(args: &Args) -> (String, String) {
        let (mut out, mut log) = (Vec::new(), Vec::new());
        replay(args, &mut out, &mut log).unwrap();
        (
            String::from_utf8(out).unwrap(),
            String::from_utf8(log).unwrap(),
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
        let (out, log) = run(&args);
        let line = out
            .lines()
            .find(|line| line.starts_with("{\"tick\":300,"))
            .unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["timestamp"], 18000);
        assert_eq!(line["confirmed"][0]["variable"], "a");
        assert_eq!(line["correlations"][0]["b"], "b");
        assert!(
            log.contains("1 of 1 events hit") && log.contains("any lane: "),
            "{log}"
        );

        args.output.points = Some(folder.path().join("points.csv"));
        args.output.all = true;
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

    /// A golden file beside the FerryBox recording, without its header; `None` without data.
    fn golden(name: &str) -> Option<Vec<Vec<String>>> {
        let text = std::fs::read_to_string(ferrybox().join(name));
        let Ok(text) = text else {
            let required = std::env::var_os("BELLWETHER_REQUIRE_DATA").is_some();
            assert!(!required, "{name} is absent, and data is required");
            println!("skipped: no data ({name})");
            return None;
        };
        let fields = |line: &str| line.split(',').map(str::to_owned).collect();
        Some(text.lines().skip(1).map(fields).collect())
    }

    fn ferrybox() -> PathBuf {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
        let data = std::env::var_os("BELLWETHER_DATA").map_or(beside, PathBuf::from);
        data.join("ferrybox")
    }

    /// Runs FerryBox and compares the confirmed ticks with a golden file.
    fn confirmed(settings: &[&str], name: &str, points: Option<PathBuf>) -> Option<String> {
        let want: Vec<String> = golden(name)?
            .into_iter()
            .map(|row| row[0].clone())
            .collect();
        let mut args = args(ferrybox().join("ferrybox.csv"), settings, Format::Jsonl);
        args.output.points = points;
        let (out, log) = run(&args);
        let lines = out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let found: Vec<String> = lines
            .filter(|line| line["confirmed"].as_array().is_some_and(|c| !c.is_empty()))
            .map(|line| line["tick"].to_string())
            .collect();
        assert_eq!(found, want, "{settings:?}");
        Some(log)
    }

    #[test]
    fn ferrybox_gives_the_golden_verdicts() {
        let day = ["window=1440", "history=1440"];
        let Some(log) = confirmed(&day, "golden_rola_w1440_p1440_replace.csv", None) else {
            return;
        };
        for said in [
            "28 detections; event rule (K = 7): 4 of 4 events hit, 1 stray",
            "TP 22 FP 6 FN 164",
            "TP 46 FP 32 FN 140",
            "399 trainings",
        ] {
            assert!(log.contains(said), "{said}: {log}");
        }
        // The defaults.
        let log = confirmed(&[], "golden_rola_w1440_p2880_replace.csv", None).unwrap();
        assert!(log.contains("23 detections"), "{log}");
    }

    /// With the settings of the public implementation and its network really trained: its
    /// verdicts, its counts per variable, and the salinity trace.
    #[test]
    fn ferrybox_gives_the_golden_points_of_the_public_implementation() {
        let folder = tempfile::tempdir().unwrap();
        let trace = folder.path().join("points.csv");
        let settings = [
            "window=8064",
            "history=2880",
            "recheck=append",
            "predictor=trained",
        ];
        let file = "golden_rola_w8064_p2880.csv";
        let Some(log) = confirmed(&settings, file, Some(trace.clone())) else {
            return;
        };
        assert!(log.contains("346 trainings"), "{log}");
        let points = std::fs::read_to_string(trace).unwrap();
        let points = points.lines().skip(1).map(|line| line.split(',').collect());
        let points: Vec<Vec<&str>> = points.collect();
        for row in golden("golden_lanes_w8064_append.csv").unwrap() {
            let lane = points.iter().filter(|point| point[2] == row[0]);
            let count = |column: usize, word: &str| {
                lane.clone()
                    .filter(|point| point[column] == word)
                    .count()
                    .to_string()
            };
            assert_eq!(
                [count(7, "anomalous"), count(8, "1")],
                row[1..3],
                "{}",
                row[0]
            );
        }
        // T, timestamp, actual, predicted, error, threshold, ..., state
        let salinity = points.iter().filter(|point| point[2] == "SEB45Salinity");
        let want = golden("golden_salinity_w8064.csv").unwrap();
        assert_eq!(salinity.clone().count(), want.len());
        let columns = salinity_columns();
        for (point, row) in salinity.zip(&want) {
            assert_eq!(point[7], row[columns[3]], "tick {}", point[0]);
            for (column, at, rounding) in [
                (columns[0], 4, 0.0),
                (columns[1], 5, ROUNDING),
                (columns[2], 6, ROUNDING),
            ] {
                assert_eq!(
                    point[at].is_empty(),
                    row[column].is_empty(),
                    "tick {}",
                    point[0]
                );
                let number = |text: &str| text.parse::<f64>();
                let (Ok(found), Ok(want)) = (number(point[at]), number(&row[column])) else {
                    continue;
                };
                let allowed = 1e-6 * want.abs() + rounding;
                assert!(
                    (found - want).abs() <= allowed,
                    "tick {}: {found} {want}",
                    point[0]
                );
            }
        }
    }

    /// Effect of rounding readings and forecasts to 32 bits on an error relative to the reading.
    const ROUNDING: f64 = 3.0 / (1u64 << 24) as f64;

    /// Columns of prediction, error, threshold and state in the golden salinity trace.
    fn salinity_columns() -> [usize; 4] {
        let text = std::fs::read_to_string(ferrybox().join("golden_salinity_w8064.csv")).unwrap();
        let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        ["predicted", "aare", "threshold", "state"]
            .map(|name| names.iter().position(|found| *found == name).unwrap())
    }
}
