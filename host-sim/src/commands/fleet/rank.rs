//! `bellwether fleet rank`: what a shift should look at first.

use crate::fleet::rank::groups::Place;
use crate::fleet::rank::racks::Pattern;
use crate::fleet::rank::reading::Reading;
use crate::fleet::rank::{Group, Racks, grouped};
use crate::recording::time::readable;
use crate::text::columns::{Column, Rows};
use crate::text::number::{count, counted};
use anyhow::Context;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Ranks alerts of many nodes: severity, persistence, and how many nodes share them.
///
/// Alerts of one kind at one time on nodes of the same job, or of the same rack, are one line. Points are the
/// weight of the severity (info 1, warning 4, critical 16), times 1 + log2(1 + minutes / 10) of the longest, times
/// 1 + log2(nodes). Lines that are no events are counted and named on standard error.
#[derive(clap::Args)]
#[command(
    after_help = "Example: bellwether fleet rank /var/log/bellwether/*.jsonl --rack 'r{rack}n*'
         bellwether fleet rank merged.jsonl --racks racks.csv --lines 10 --format json"
)]
pub struct Args {
    /// Events of agents, or merged results; `-` is standard input
    #[arg(value_name = "EVENTS", required = true)]
    inputs: Vec<PathBuf>,
    /// Where a node's name has its rack: {rack}, with * for any text and ? for a character
    #[arg(long, value_name = "PATTERN")]
    rack: Option<Pattern>,
    /// Racks of nodes, CSV node,rack; goes before --rack
    #[arg(long, value_name = "FILE.csv")]
    racks: Option<PathBuf>,
    /// Seconds within which alerts are at one time
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(0..=604_800))]
    within: u32,
    /// Lines, at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    lines: usize,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for reading
    #[default]
    Table,
    /// One JSON object per line
    Jsonl,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let racks = Racks::new(args.rack.clone(), args.racks.as_deref())?;
    let mut reading = Reading::default();
    for path in &args.inputs {
        let name = path.display().to_string();
        if path == Path::new("-") {
            reading.read("standard input", io::stdin().lock())?;
        } else {
            let file = File::open(path).with_context(|| name.clone())?;
            reading.read(&name, BufReader::new(file)).context(name)?;
        }
    }
    let mut log = io::stderr();
    for line in &reading.odd {
        writeln!(log, "{line}")?;
    }
    if reading.odd_count > 0 {
        writeln!(log, "{} no events", counted(reading.odd_count, "line"))?;
    }
    let incidents = reading.finish();
    let groups = grouped(&incidents, &racks, args.within.into());
    let mut out = io::stdout().lock();
    let shown = groups.iter().take(args.lines);
    match args.format {
        Format::Jsonl => {
            for group in shown {
                writeln!(out, "{}", serde_json::to_string(group)?)?;
            }
        }
        Format::Table => {
            table(&shown.collect::<Vec<_>>(), &mut out)?;
            if let Some(rest) = groups
                .len()
                .checked_sub(args.lines)
                .filter(|rest| *rest > 0)
            {
                writeln!(
                    out,
                    "and {} (--lines shows more)",
                    counted(rest as u64, "line")
                )?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(groups: &[&Group], out: &mut impl Write) -> anyhow::Result<()> {
    let places: Vec<String> = groups.iter().map(|group| place(&group.place)).collect();
    let wide = places.iter().map(|text| text.chars().count()).max();
    let rows = Rows::Table(vec![
        Column::Number(6),
        Column::Text(8),
        Column::Text(wide.unwrap_or(0).max(5)),
        Column::Number(5),
        Column::Text(8),
        Column::Text(16),
        Column::Number(7),
        Column::Text(4),
        Column::Text(0),
    ]);
    rows.write(
        out,
        &[
            "points", "severity", "where", "nodes", "kind", "since", "lasts", "now", "what",
        ],
    )?;
    for (group, place) in groups.iter().zip(&places) {
        rows.write(
            out,
            &[
                &format!("{:.1}", group.points),
                group.severity.name(),
                place,
                &count(group.nodes.len() as u64),
                &plain(&group.kind),
                &readable(&format!("{:.0}", group.since)),
                &duration(group.lasts),
                if group.on { "on" } else { "over" },
                &plain(&group.what),
            ],
        )?;
    }
    Ok(())
}

fn place(place: &Place) -> String {
    match place {
        Place::Job(job) => format!("job {}", plain(job)),
        Place::Rack(rack) => format!("rack {}", plain(rack)),
        Place::Node(node) => plain(node),
    }
}

/// Text without the control characters by which a name could take over a terminal.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

/// Seconds in the largest unit that leaves two digits.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} d", s / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_write_to_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\n"), "a?[2Jb?");
        assert_eq!(duration(59.0), "59 s");
        assert_eq!(duration(7199.0), "120 min");
        assert_eq!(duration(90_000.0), "25 h");
    }
}
