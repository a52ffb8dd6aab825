//! `bellwether demo`: a simulated compute node with known faults, watched by RoLA.

use crate::detect::{LaneRecord, Options, Record, RolaWatch, Tally, Watch};
use crate::metrics::events::MARGIN;
use crate::output::file::save;
use crate::output::jsonl::name;
use crate::page::Page;
use crate::recording::cadence::Step;
use crate::recording::recorder::Recorder;
use crate::recording::time::clock;
use crate::simulate::node::{FAULTS, Fault, Sample, ServerNode, VARIABLES};
use anyhow::Context;
use bellwether::report::Outcome;
use bellwether::{Cause, Reading, State, Tick};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulates three days of a compute node with four faults, and shows RoLA's findings.
///
/// Needs no data. Prints each verdict as it comes, then the outcome of each injected fault.
/// Writes the recording and an HTML report about it.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether demo --seed 7 -o demo")]
pub struct Args {
    /// Seed of the simulation: the same seed gives the same recording
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the recording and the report
    #[arg(short, long, value_name = "DIR", default_value = "target/demo")]
    output: PathBuf,
}

/// A day for thresholds and correlations; the simulated sensors are noisy, so half an hour of
/// equal values means stuck.
const SETTINGS: [&str; 3] = ["window=1440", "history=1440", "stuck_after=30"];

/// The claim of the demonstration, and its limits.
const CLAIM: &str = "\
The faults were sized to show each kind of answer: this shows how it works, not how well.
A fault that moves one sensor only is left to its lane, by design of the vote.";

/// Runs the command.
///
/// # Errors
/// The folder cannot be written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    demonstrate(&args, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

fn demonstrate(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let samples: Vec<Sample> = ServerNode::new(args.seed).collect();
    let names: Vec<String> = VARIABLES.map(str::to_owned).to_vec();
    writeln!(
        out,
        "A simulated compute node: {} minutes, {} variables, seed {}, settings {}.",
        samples.len(),
        names.len(),
        args.seed,
        SETTINGS.join(" ")
    )?;
    writeln!(
        out,
        "What flagged, as value (expected), and what the vote made of it:\n"
    )?;
    let mut rola = RolaWatch::new(&names, &Options::parse(&SETTINGS)?)?;
    let mut page = Page::new("Simulated compute node", rola.profile());
    let mut tally = Tally::new(true);
    let records = watch(&samples, &names, &mut rola, out)?;
    for (sample, record) in samples.iter().zip(&records) {
        let (timestamp, label) = (sample.timestamp.to_string(), Some(sample.label));
        tally.push(record, Step::On(60.0), &timestamp, label);
        let readings = sample.values.map(Reading::Value);
        page.push(record, (&timestamp, label), &readings, &[]);
    }
    summarize(&samples, &records, &names, out)?;
    writeln!(out, "\n{tally}\n{CLAIM}")?;
    write_files(args, &samples, &page, &tally, out)
}

/// Runs the ensemble and prints its verdicts.
fn watch(
    samples: &[Sample],
    names: &[String],
    rola: &mut RolaWatch,
    out: &mut impl Write,
) -> anyhow::Result<Vec<Record>> {
    let mut records: Vec<Record> = Vec::with_capacity(samples.len());
    for (tick, sample) in (0..).zip(samples) {
        let readings = sample.values.map(Reading::Value);
        let record = rola.observe(Tick(tick), Step::On(60.0), &readings);
        let time = clock(sample.timestamp);
        if record.flagged().next().is_some() {
            writeln!(out, "{time}  {}", verdict(&record, names))?;
        }
        for (k, lane) in record.lanes.iter().enumerate() {
            let before = records
                .last()
                .and_then(|r| r.lanes.get(k))
                .map(|l| l.assessment.state);
            if let State::Blind { cause } = lane.assessment.state
                && before != Some(lane.assessment.state)
            {
                writeln!(out, "{time}  {} is blind: {}", name(names, k), cause.name())?;
            }
        }
        records.push(record);
    }
    Ok(records)
}

/// The flagged variables, by outcome of the vote: each one's value and expected value.
fn verdict(record: &Record, names: &[String]) -> String {
    let groups = [
        Outcome::Confirmed,
        Outcome::Agreeing,
        Outcome::Outvoted,
        Outcome::Local,
    ];
    let said = groups.into_iter().filter_map(|outcome| {
        let lanes: Vec<String> = record
            .with(&[outcome])
            .map(|lane| said(lane, names))
            .collect();
        let some = !lanes.is_empty();
        some.then(|| format!("{}: {}", outcome.name(), lanes.join(", ")))
    });
    said.collect::<Vec<_>>().join("; ")
}

fn said(lane: &LaneRecord, names: &[String]) -> String {
    let expected = lane.assessment.expected.unwrap_or(f32::NAN);
    format!(
        "{} {:.1} ({expected:.1})",
        name(names, lane.variable),
        lane.value
    )
}

/// The outcome of one injected fault.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    /// The vote confirmed, this many rows after the onset, in time to be credited.
    Confirmed { after: u64 },
    /// The faulty sensor's own lane said that it cannot see.
    Blind { after: u64 },
    /// Lanes flagged, but the vote did not confirm.
    Flagged { after: u64, variable: usize },
    /// Nothing.
    Missed,
}

/// The strongest answer within the fault and [`MARGIN`] rows after it. A blind lane counts only
/// if it is the faulty one. Rows before the onset are not credited.
fn finding(fault: &Fault, records: &[Record]) -> Finding {
    let near = || {
        records
            .iter()
            .filter(|r| (fault.first..=fault.last + MARGIN).contains(&r.tick))
    };
    let stuck = |r: &Record| {
        r.lanes.get(fault.kind.variable()).is_some_and(|lane| {
            lane.assessment.state
                == State::Blind {
                    cause: Cause::Stuck.into(),
                }
        })
    };
    if let Some(record) = near().find(|r| stuck(r)) {
        return Finding::Blind {
            after: record.tick - fault.first,
        };
    }
    if let Some(record) = near().find(|r| r.is_confirmed()) {
        return Finding::Confirmed {
            after: record.tick - fault.first,
        };
    }
    let flagged = near().find_map(|r| Some((r.tick, r.flagged().next()?.variable)));
    match flagged {
        Some((tick, variable)) => Finding::Flagged {
            after: tick - fault.first,
            variable,
        },
        None => Finding::Missed,
    }
}

fn summarize(
    samples: &[Sample],
    records: &[Record],
    names: &[String],
    out: &mut impl Write,
) -> anyhow::Result<()> {
    writeln!(out, "\nInjected faults:")?;
    for fault in &FAULTS {
        let at = usize::try_from(fault.first)
            .ok()
            .and_then(|k| samples.get(k));
        let time = at.map(|sample| clock(sample.timestamp)).unwrap_or_default();
        let minutes = fault.last - fault.first + 1;
        let said = match finding(fault, records) {
            Finding::Confirmed { after } => {
                format!("FOUND: confirmed by the vote after {after} min")
            }
            Finding::Blind { after } => {
                format!("FOUND: the sensor was reported stuck after {after} min")
            }
            Finding::Flagged { after, variable } => format!(
                "NOT CONFIRMED: {} flagged after {after} min, the vote did not pass",
                name(names, variable)
            ),
            Finding::Missed => "NOT FOUND".to_owned(),
        };
        writeln!(
            out,
            "  {time}  {:<28}  {minutes:>3} min, {:<9}  {said}",
            fault.kind.name(),
            name(names, fault.kind.variable()),
        )?;
    }
    Ok(())
}

fn record(samples: &[Sample], out: impl Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(out, &VARIABLES)?;
    for sample in samples {
        let readings = sample.values.map(Reading::Value);
        recorder.write(&sample.timestamp.to_string(), readings, sample.label)?;
    }
    recorder.finish()
}

fn write_files(
    args: &Args,
    samples: &[Sample],
    page: &Page,
    tally: &Tally,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(&args.output).with_context(|| args.output.display().to_string())?;
    let (csv, html) = (
        args.output.join("node.csv"),
        args.output.join("report.html"),
    );
    save(&csv, |file| record(samples, file).map_err(io::Error::other))?;
    save(&html, |file| page.write(tally, file))?;
    writeln!(out, "\nrecording: {}", csv.display())?;
    writeln!(out, "report:    {}", html.display())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Recording;
    use bellwether::Assessment;

    #[test]
    fn the_recording_reads_back_to_the_same_bits() {
        let samples: Vec<_> = ServerNode::new(5).take(500).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.csv");
        record(&samples, std::fs::File::create(&path).unwrap()).unwrap();
        let mut recording = Recording::open(&path).unwrap();
        assert_eq!(recording.names(), VARIABLES);
        for sample in &samples {
            let row = recording.next_row().unwrap().unwrap();
            assert_eq!(row.timestamp, sample.timestamp.to_string());
            assert_eq!(row.readings, sample.values.map(Reading::Value));
            assert_eq!(row.label, Some(sample.label));
        }
    }

    fn judged(tick: u64, variable: usize, outcome: Outcome, state: State) -> Record {
        let lanes = (0..VARIABLES.len()).map(|k| LaneRecord {
            variable: k,
            value: 1.0,
            outcome: if k == variable {
                outcome
            } else {
                Outcome::Quiet
            },
            assessment: Assessment::bare(if k == variable { state } else { State::Normal }),
        });
        Record {
            tick,
            lanes: lanes.collect(),
            ..Record::default()
        }
    }

    #[test]
    fn a_fault_is_found_only_by_what_comes_after_its_onset() {
        let fault = FAULTS[1];
        let stuck = State::Blind {
            cause: Cause::Stuck.into(),
        };
        let find = |records: &[Record]| finding(&fault, records);
        let confirmed = |tick| judged(tick, 0, Outcome::Confirmed, State::Anomalous);
        assert_eq!(find(&[]), Finding::Missed);
        assert_eq!(find(&[confirmed(fault.first - 1)]), Finding::Missed);
        assert_eq!(find(&[confirmed(fault.last + MARGIN + 1)]), Finding::Missed);
        assert_eq!(
            find(&[confirmed(fault.first + 2)]),
            Finding::Confirmed { after: 2 }
        );
        let flagged = judged(fault.first + 1, 3, Outcome::Local, State::Anomalous);
        assert_eq!(
            find(std::slice::from_ref(&flagged)),
            Finding::Flagged {
                after: 1,
                variable: 3
            }
        );
        assert_eq!(
            find(&[flagged, confirmed(fault.last)]),
            Finding::Confirmed {
                after: fault.last - fault.first
            }
        );
        let own = judged(
            fault.first + 30,
            fault.kind.variable(),
            Outcome::Quiet,
            stuck,
        );
        assert_eq!(find(&[own]), Finding::Blind { after: 30 });
        let other = judged(fault.first + 30, 0, Outcome::Quiet, stuck);
        assert_eq!(find(&[other]), Finding::Missed);
    }

    #[test]
    fn the_demo_finds_the_stuck_sensor_and_writes_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let args = Args {
            seed: 1,
            output: folder.path().join("new"),
        };
        let mut out = Vec::new();
        demonstrate(&args, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("core2_c is blind: stuck"), "{out}");
        assert!(
            out.contains("FOUND: the sensor was reported stuck after 30 min"),
            "{out}"
        );
        assert!(
            out.contains("FOUND: confirmed by the vote after 0 min"),
            "{out}"
        );
        assert_eq!(
            out.matches("NOT CONFIRMED").count(),
            2,
            "one sensor alone convinces nobody: {out}"
        );
        assert!(args.output.join("node.csv").metadata().unwrap().len() > 10_000);
        let path = args.output.join("report.html");
        assert!(out.contains(&path.display().to_string()), "{out}");
        let page = std::fs::read_to_string(path).unwrap();
        assert!(page.ends_with("</html>\n") || page.ends_with("</html>"));
        assert!(page.contains("core2_c repeats one value"));
    }
}
