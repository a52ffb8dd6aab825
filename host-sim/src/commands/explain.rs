//! `bellwether explain`: everything that the verdict of one row rested on.

use crate::commands::args::source::Source;
use crate::detect::sentinel::Notice;
use crate::detect::{Record, Session, finding};
use crate::model::Stored;
use crate::output::jsonl::name;
use crate::text::columns::{Column, Rows, width};
use crate::text::number::counted;
use anyhow::bail;
use bellwether::health::Complaint;
use std::io::{self, Write};
use std::process::ExitCode;

/// Explains the verdict of one row.
///
/// The recording is replayed up to the row. Printed are the state, the score and its threshold; of an alarm the
/// phase, the grade, the peak and the kind with its evidence; of a quartet the surprise of each lane; of a node
/// the variables that those that go with them disagree with, and what these say; every
/// variable with its value, its expectation, its usual range and its contribution, the largest first; and
/// complaints about sensors.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether explain recording.csv.gz --tick 1405 --set promise=3")]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// The row, from 0
    #[arg(long, value_name = "ROW")]
    tick: u64,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, a recording that cannot be read, or one without the row.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    explain(args, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

fn explain(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let stored = args.source.stored()?;
    let model = stored.as_ref().map(Stored::model).transpose()?;
    let mut session = args.source.open(model)?;
    let mut rows = 0;
    while let Some((record, row)) = session.next_row()? {
        rows += 1;
        if record.tick == args.tick {
            let timestamp = row.timestamp.to_owned();
            writeln!(
                out,
                "row {}, timestamp {timestamp}: {}",
                record.tick, record.assessment.state
            )?;
            return write(&record, &session, out);
        }
    }
    let file = args.source.input.display();
    bail!("--tick {}: {file} has {}", args.tick, counted(rows, "row"))
}

/// The parts of an explanation.
fn write(record: &Record, session: &Session<'_>, out: &mut impl Write) -> anyhow::Result<()> {
    let profile = session.profile();
    let about = &record.assessment;
    if let (Some(score), Some(threshold)) = (about.score, about.threshold) {
        let measure = record.measure.unwrap_or("score");
        writeln!(out, "{measure} {score:.3}, threshold {threshold:.3}")?;
    }
    for (key, value) in &profile.settings {
        if matches!(key.as_str(), "promise" | "rows_per_day" | "learn") {
            writeln!(out, "{key} {value}")?;
        }
    }
    if let Some(notice) = &record.notice {
        of_notice(notice, &profile.names, out)?;
    }
    let lanes = session.lanes();
    if !lanes.is_empty() {
        writeln!(
            out,
            "\nlane               value         usual      surprise"
        )?;
    }
    for lane in lanes {
        let (name, value) = (lane.name, lane.value);
        writeln!(
            out,
            "{name:<10}  {value:>12.4}  {:>12.4}  {:>12.4}",
            lane.usual, lane.surprise
        )?;
    }
    for of in &record.blamed {
        let name = name(&profile.names, of.variable);
        let (value, expected, vote) = (of.value, of.expected, of.error);
        writeln!(
            out,
            "blamed: {name} is {value:.4}; those that go with it say {expected:.4}, {vote:.1} times the limit"
        )?;
    }
    of_variables(record, session, out)
}

/// The alarm, its kind, and the complaints.
fn of_notice(notice: &Notice, names: &[String], out: &mut impl Write) -> anyhow::Result<()> {
    let event = &notice.event;
    match event.episode {
        None => writeln!(out, "no alarm; grade {}", event.grade)?,
        Some(of) => writeln!(
            out,
            "alarm: {}, {} {} after its first, highest severity {:.3}, {}",
            event.phase,
            of.grade,
            counted(of.age.into(), "row"),
            of.peak,
            if of.acknowledged {
                "acknowledged"
            } else {
                "not acknowledged"
            }
        )?,
    }
    if let Some(of) = &notice.finding {
        let stays = if of.is_final { "final" } else { "so far" };
        writeln!(out, "kind, {stays}: {}", finding::said(of, names))?;
        writeln!(out, "evidence: {}", finding::evidence(of))?;
    }
    for Complaint {
        variable,
        symptom,
        rows,
    } in &notice.complaints
    {
        let name = name(names, usize::from(*variable));
        writeln!(
            out,
            "sensor {name}: {symptom}, for {}",
            counted((*rows).into(), "row")
        )?;
    }
    Ok(())
}

/// The variables, those with the largest contributions first.
fn of_variables(
    record: &Record,
    session: &Session<'_>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let names = &session.profile().names;
    let mut parts = record.contributions.clone();
    parts.sort_by(|a, b| b.error.abs().total_cmp(&a.error.abs()));
    if parts.is_empty() {
        return Ok(());
    }
    let table = Rows::Table(
        [Column::Text(width(names))]
            .into_iter()
            .chain([Column::Number(12); 5])
            .collect(),
    );
    writeln!(out)?;
    table.write(
        out,
        &[
            "variable",
            "value",
            "expected",
            "lowest",
            "highest",
            "contribution",
        ],
    )?;
    let usual = session.usual();
    for part in parts {
        let (low, high) = usual
            .get(part.variable)
            .copied()
            .flatten()
            .unwrap_or((f32::NAN, f32::NAN));
        let number = |x: f32| {
            if x.is_finite() {
                format!("{x:.4}")
            } else {
                String::new()
            }
        };
        let numbers = [part.value, part.expected, low, high, part.error].map(number);
        let [value, expected, low, high, error] = numbers.each_ref().map(String::as_str);
        table.write(
            out,
            &[
                name(names, part.variable),
                value,
                expected,
                low,
                high,
                error,
            ],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Entry;
    use crate::recording::Options;

    fn args(input: std::path::PathBuf, tick: u64) -> Args {
        Args {
            source: Source {
                input,
                detector: Entry::named("sentinel").unwrap(),
                model: None,
                fit: None,
                set: vec!["learn=400".to_owned()],
                reading: Options::default(),
            },
            tick,
        }
    }

    /// Broken by a row that is not the asked one, or by a part that is left out.
    #[test]
    fn a_verdict_is_explained_with_kind_lanes_and_variables() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pump.csv");
        let mut text = "timestamp,load,flow,speed\n".to_owned();
        for t in 0..760_u32 {
            let (wave, other) = (t * 7 % 23, t * 5 % 11);
            let fault = if t >= 700 { 100 } else { 0 };
            text += &format!("{},{wave},{},{other}\n", 60 * t, 50 - wave + fault);
        }
        std::fs::write(&path, text).unwrap();
        let said = |tick| {
            let mut out = Vec::new();
            let done = explain(&args(path.clone(), tick), &mut out);
            done.map(|()| String::from_utf8(out).unwrap())
        };
        let alarm = said(712).unwrap();
        for part in [
            "row 712, timestamp 42720: anomalous\nseverity ",
            "alarm: update, ",
            "12 rows after its first",
            "kind, final: step of flow by +",
            "evidence: largest difference ",
            "\ndifference  ",
            "\nflow  ",
            "sensor flow: range, for ",
        ] {
            assert!(alarm.contains(part), "{part}: {alarm}");
        }
        let variables = alarm.split("variable  ").nth(1).unwrap();
        assert!(
            variables.lines().nth(1).unwrap().starts_with("flow"),
            "{alarm}"
        );
        assert!(said(600).unwrap().contains("no alarm; grade none"));
        assert!(
            said(10)
                .unwrap()
                .starts_with("row 10, timestamp 600: warming")
        );
        let error = said(760).unwrap_err().to_string();
        assert!(error.ends_with("pump.csv has 760 rows"), "{error}");
    }

    /// Broken by the mean of the fit in place of what the partners say: at full load it is 20 away.
    #[test]
    fn a_broken_variable_is_blamed_with_what_its_partners_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.csv");
        let mut text = "timestamp,a,b,c,d,e,f,g,h\n".to_owned();
        for t in 0..600_u64 {
            let load = bellwether::rng::split_mix(3, t) % 41;
            text += &t.to_string();
            for k in 0..8_u64 {
                let noise = bellwether::rng::split_mix(4, 8 * t + k) % 10;
                let value = (10 * load + noise) as f64 / 10.0 * (k + 1) as f64;
                let fault = if (t, k) == (550, 3) { 90.0 } else { 0.0 };
                text += &format!(",{}", value + fault);
            }
            text += "\n";
        }
        std::fs::write(&path, text).unwrap();
        let mut args = args(path, 550);
        args.source.detector = Entry::named("node").unwrap();
        let mut out = Vec::new();
        explain(&args, &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        let blamed: Vec<&str> = said.lines().filter(|l| l.starts_with("blamed: ")).collect();
        assert_eq!(blamed.len(), 1, "{said}");
        let words: Vec<&str> = blamed[0].split(' ').collect();
        let number = |at: usize| words[at].trim_matches([';', ',']).parse::<f64>().unwrap();
        assert_eq!(words[1], "d");
        assert!((number(3) - number(10) - 90.0).abs() < 10.0, "{said}");
        assert!(number(11) > 5.0, "{said}");
    }
}
