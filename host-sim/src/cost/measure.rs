//! Builds the boards' programs, runs `cost` and reads the sizes of the others.

use super::counter::{Counter, Line};
use super::network_probe::NetworkProbe;
use super::{Figures, PROFILES, Size, networks};
use crate::board::emulator::QEMU;
use crate::board::firmware::Firmware;
use crate::board::{ALL, ARMV8_KERNELS, Board};
use anyhow::{Context, bail};
use bellwether::rola::{Paper9, Rules, Settings};
use bellwether::{Reading, Tick};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Measures boards. `say` receives progress messages.
///
/// # Errors
/// A board lacks programs, or one cannot be built or run.
pub fn measure(
    firmware: &Firmware,
    boards: &[Board],
    scratch: &Path,
    mut say: impl FnMut(&str),
) -> anyhow::Result<Figures> {
    if let Some(board) = boards.iter().find(|board| !ALL.contains(board)) {
        let names = ALL.map(|board| board.name).join(", ");
        bail!(
            "{} has few programs; costs are measured on {names}",
            board.name
        );
    }
    let mut figures = Figures::default();
    let facts = &mut figures.facts;
    facts.insert("compiler".to_owned(), firmware.compiler()?);
    facts.insert(
        "emulator".to_owned(),
        first_line(Command::new(QEMU).arg("--version")),
    );
    let mut git = Command::new("git");
    let commit = first_line(git.args(["rev-parse", "--short=12", "HEAD"]));
    facts.insert("commit".to_owned(), commit);
    let counter = Counter::compile(scratch)?;
    let networks = networks::all()?;
    let probe = NetworkProbe::new(firmware.clone(), scratch)?;
    for board in ARMV8_KERNELS {
        say(board.processor);
        for network in networks.iter().filter(|network| network.name == "ad01") {
            network.count(&probe, &board, &mut figures)?;
        }
        let program = firmware.program(&board, "cost-sentinel", &[])?;
        let lines = counter.run(&board, &program)?;
        let prefix = board.processor.to_lowercase();
        for line in &lines {
            note(&mut figures, &prefix, line);
        }
        note_means(&mut figures, &prefix, &lines);
    }
    for board in boards {
        for network in &networks {
            say(&format!("{} ({})", board.name, network.name));
            network.measure(&probe, board, &mut figures)?;
        }
        for (profile, word) in PROFILES {
            say(&format!("{} ({word})", board.name));
            let programs = firmware
                .clone()
                .profile(profile)
                .build(board, &["--bins"])?;
            let program = |name: &str| {
                let mut named = programs.iter().filter(|(program, _)| program == name);
                let found = named.next().map(|(_, path)| path.as_path());
                found.with_context(|| format!("cargo named no program {name}"))
            };
            let prefix = format!("{}.{word}", board.name);
            let flash = |name| anyhow::Ok(Size::of(program(name)?)?.flash);
            let empty = flash("empty")?;
            figures.note(
                format!("{prefix}.flash_detector"),
                flash("minimal")? - empty,
            );
            figures.note(
                format!("{prefix}.flash_everything"),
                flash("no-panic")? - empty,
            );
            for (figure, name) in [
                ("flash", "minimal-sentinel"),
                ("flash_fitting", "minimal-fitting"),
            ] {
                figures.note(format!("{prefix}.sentinel.{figure}"), flash(name)? - empty);
            }
            for name in [
                "cost",
                "cost-cascade",
                "cost-charts",
                "cost-detectors",
                "cost-front-ends",
                "cost-log-mel",
                "cost-sentinel",
            ] {
                let lines = counter.run(board, program(name)?)?;
                for line in &lines {
                    note(&mut figures, &prefix, line);
                }
                note_means(&mut figures, &prefix, &lines);
            }
        }
    }
    Ok(figures)
}

/// Nanoseconds per frame of the ensemble with the papers' sizes on this machine: the least of
/// several runs over the same frames.
pub fn host_nanoseconds(frames: &[Vec<Reading>]) -> u64 {
    let Ok(rules) = Rules::new(Settings::DEFAULT) else {
        return 0;
    };
    let once = |_| {
        let mut rola = Box::new(Paper9::new());
        let start = Instant::now();
        for (tick, frame) in frames.iter().enumerate() {
            std::hint::black_box(rola.decide(&rules, Tick(tick as u64), frame));
        }
        start.elapsed().as_nanos() as u64 / (frames.len().max(1) as u64)
    };
    (0..9).map(once).min().unwrap_or_default()
}

/// The value of a word `key=value`; empty without one.
fn value<'a>(words: &'a str, key: &str) -> &'a str {
    let mut pairs = words.split(' ').filter_map(|word| word.split_once('='));
    pairs
        .find(|(name, _)| *name == key)
        .map_or("", |(_, value)| value)
}

/// The mean count of the rows that each detector assessed.
fn note_means(figures: &mut Figures, prefix: &str, lines: &[Line]) {
    let mut sums = BTreeMap::<&str, (u64, u64)>::new();
    for line in lines {
        if let Line::Counted(words, count) = line
            && words.starts_with("detector ")
            && value(words, "state") != "warming"
        {
            let (sum, rows) = sums.entry(value(words, "name")).or_default();
            (*sum, *rows) = (*sum + count, *rows + 1);
        }
    }
    for (name, (sum, rows)) in sums {
        figures.note(format!("{prefix}.detector.{name}.mean"), sum / rows);
    }
}

/// One line of the firmware, into the figures it belongs to: the largest count of each kind.
fn note(figures: &mut Figures, prefix: &str, line: &Line) {
    let (words, count) = match line {
        Line::Counted(words, count) => (words.as_str(), Some(*count)),
        Line::Said(words) => (words.as_str(), None),
    };
    let value = |key: &str| value(words, key);
    let name = match (words.split(' ').next().unwrap_or_default(), count) {
        ("frame", Some(_)) => match (value("trained"), value("flagged")) {
            ("0", "0") => "quiet_frame".to_owned(),
            (_, "0") => "retraining_frame".to_owned(),
            ("1", "1") => "vote_frame".to_owned(),
            _ => "busy_frame".to_owned(),
        },
        ("lane", Some(_)) if value("trained") == "1" => "retraining_sample".to_owned(),
        ("lane", Some(_)) if value("state") == "normal" => "quiet_sample".to_owned(),
        ("worst", Some(_)) if value("vote") == "spread" => "spread_vote_frame".to_owned(),
        ("worst", Some(_)) => "worst_frame".to_owned(),
        ("detector", Some(_)) => match value("state") {
            "warming" => format!("detector.{}.warming", value("name")),
            _ => format!("detector.{}.assessed", value("name")),
        },
        ("detector", None) if value("of") == "stack" => {
            format!("detector.{}.stack", value("name"))
        }
        ("detector", None) => format!("detector.{}.state", value("name")),
        ("front_end", Some(_)) => format!("front_end.{}.{}", value("name"), value("part")),
        ("front_end", None) if value("of") == "stack" => {
            format!("front_end.{}.stack", value("name"))
        }
        ("front_end", None) => format!("front_end.{}.state", value("name")),
        ("training", Some(_)) => format!("training.{}.{}", value("predictor"), value("functions")),
        ("function", Some(_)) => format!("function.{}.{}", value("name"), value("functions")),
        ("stack", None) => "stack".to_owned(),
        ("state", None) => "state".to_owned(),
        _ => return,
    };
    let number = count.or_else(|| value("bytes").parse().ok());
    figures.note(format!("{prefix}.{name}"), number.unwrap_or_default());
}

fn first_line(command: &mut Command) -> String {
    let output = command.output();
    let text = output.map_or_else(|_| Vec::new(), |output| output.stdout);
    let text = String::from_utf8_lossy(&text);
    text.lines().next().unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_find_their_figure_and_the_largest_counts() {
        let mut figures = Figures::default();
        let counted = |words: &str, count| Line::Counted(words.to_owned(), count);
        let lines = [
            counted("frame tick=1 trained=0 flagged=0", 9),
            counted("frame tick=2 trained=0 flagged=0", 8),
            counted("frame tick=3 trained=1 flagged=1", 70),
            counted("lane state=adapted trained=1", 5),
            counted("lane state=normal trained=0", 4),
            counted("lane state=warming trained=0", 400),
            counted("worst vote=at-once flagged=0", 6),
            counted("worst vote=at-once flagged=9", 90),
            counted("worst vote=spread flagged=9", 60),
            counted("detector name=sigma state=warming", 700),
            counted("detector name=sigma state=normal", 200),
            counted("detector name=sigma state=anomalous", 210),
            Line::Said("detector name=sigma bytes=240".to_owned()),
            counted("front_end name=burst_64 part=sample", 30),
            counted("front_end name=burst_64 part=features", 900),
            Line::Said("front_end name=burst_64 bytes=536".to_owned()),
            counted("function name=exp functions=libm", 3),
            Line::Said("detector name=sigma of=stack bytes=90".to_owned()),
            Line::Said("stack bytes=600".to_owned()),
            Line::Said("RESULT ok".to_owned()),
        ];
        for line in &lines {
            note(&mut figures, "b", line);
        }
        note_means(&mut figures, "b", &lines);
        let want = "b.detector.sigma.assessed=210\nb.detector.sigma.mean=205\n\
                    b.detector.sigma.stack=90\nb.detector.sigma.state=240\nb.detector.sigma.warming=700\nb.front_end.burst_64.features=900\nb.front_end.burst_64.sample=30\nb.front_end.burst_64.state=536\nb.function.exp.libm=3\nb.quiet_frame=9\nb.quiet_sample=4\n\
                    b.retraining_sample=5\nb.spread_vote_frame=60\nb.stack=600\nb.vote_frame=70\nb.worst_frame=90\n";
        assert_eq!(figures.to_string(), want);
    }
}
