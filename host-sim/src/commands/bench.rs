//! `bellwether bench`: detectors over folders of recordings.

use crate::bench::runner::{Ranked, Runner};
use crate::bench::{Detector, Entrant, External, Instructions, Series};
use crate::cost::total::Total;
use crate::output::file::save;
use crate::page::leaderboard::{self, Board};
use crate::page::scored::ScoredPage;
use crate::progress::Progress;
use crate::recording::Dataset;
use crate::text::markdown_section;
use anyhow::{Context, ensure};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLE: &str = "\
Example: bellwether bench data --sets smd,asd,nab --detectors rola,pca -o leaderboard";

/// Scores detectors over sets of labelled recordings and ranks them.
///
/// A set is a folder of recordings: NAME.csv, or NAME.train.csv with NAME.test.csv. Detectors run
/// with their defaults and see no label. Runs with --set are tuned; their results have files and a
/// table of their own. An interrupted run resumes: results already in --output are kept.
/// Alarms are judged by episodes: events found where a swept threshold gives 1, 3 and 10 false
/// episodes per 10,000 normal rows, and the alarms of detectors with a threshold of their own.
/// Writes results.csv and results.parquet, the same of tuned runs, alarms.csv, index.html and a page
/// per series. Constant scores are named, and rows outside the range of a model are counted. An external program that fails costs its own rows only, is
/// named at the end, and makes the exit code 1.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Folder of sets
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Sets [default: all folders with labelled recordings]
    #[arg(long, value_name = "SET,...", value_delimiter = ',')]
    sets: Vec<String>,
    /// Detectors, or `ours` or `peers` [default: all]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    detectors: Vec<String>,
    /// Adds a tuned run: one of the detectors with another setting; a key given again adds a run for
    /// each value
    #[arg(long = "set", value_name = "DETECTOR.KEY=VALUE")]
    settings: Vec<String>,
    /// Adds an external detector: a program run by the shell for every series, which reads rows and
    /// writes scores (docs/measured/bench.md)
    #[arg(long, value_name = "NAME=COMMAND", value_parser = external)]
    external: Vec<External>,
    /// Counts the instructions per row of every detector, on a generated series of eight variables:
    /// needs QEMU's user mode and a C compiler
    #[arg(long)]
    instructions: bool,
    /// Number of seeds for randomised detectors; results are averaged
    #[arg(long, value_name = "N", default_value = "1")]
    seeds: u64,
    /// Number of series in parallel [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Writes the tables in Markdown into this file, between its lines `<!-- bench -->` and
    /// `<!-- /bench -->`
    #[arg(long, value_name = "FILE")]
    update: Option<PathBuf>,
    /// Folder of the results; existing results are kept
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

fn external(text: &str) -> Result<External, String> {
    match text.split_once('=') {
        Some((name, _)) if Detector::named(name).is_some() => Err(format!(
            "`{name}` is a detector of the bench; call it otherwise"
        )),
        Some((name, command)) if is_word(name) && !command.is_empty() => Ok(External {
            name: name.to_owned(),
            command: command.to_owned(),
        }),
        _ => Err("expected NAME=COMMAND, a name of letters, digits, `_` and `-`".to_owned()),
    }
}

fn is_word(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.chars().all(plain)
}

/// Runs the command.
///
/// # Errors
/// Wrong use, or a recording that cannot be read.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let entrants = entrants(&args)?;
    let datasets = datasets(&args)?;
    let pages = args.output.join("series");
    std::fs::create_dir_all(&pages).with_context(|| pages.display().to_string())?;
    let finished =
        |series: &Series, outcomes: &[Ranked]| write_page(&args.output, series, outcomes);
    let runner = Runner::new(&args.output, &entrants, args.seeds, &finished)?;
    let progress = Progress::over_each(datasets.len() as u64, "series");
    let results = runner.run(&datasets, args.jobs, &progress)?;
    progress.finish();
    let instructions = instructions(&args, &entrants)?;
    ensure!(
        !results.table.outcomes.is_empty() || !results.failures.is_empty(),
        "{}: no series has an anomalous row behind its first part",
        args.folder.display()
    );
    let board = Board::new(&results, instructions, &args.external);
    let page = args.output.join("index.html");
    save(&page, |out| leaderboard::write(&board, out))?;
    if let Some(path) = &args.update {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
        let text = markdown_section::with(&text, &name, "bench", &leaderboard::markdown(&board))?;
        save(path, |out| out.write_all(text.as_bytes()))?;
    }
    writeln!(
        io::stdout(),
        "{}\nleaderboard: {}",
        leaderboard::text(&board),
        page.display()
    )?;
    for note in &results.notes {
        writeln!(io::stderr(), "{note}")?;
    }
    for failure in &results.failures {
        writeln!(io::stderr(), "{failure}")?;
    }
    Ok(if results.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// File in `--output`.
const INSTRUCTIONS: &str = "instructions.csv";

/// The stored counts; with `--instructions`, the missing ones are counted.
fn instructions(args: &Args, entrants: &[Entrant]) -> anyhow::Result<Instructions> {
    let path = args.output.join(INSTRUCTIONS);
    let name = || path.display().to_string();
    let mut counted = Instructions::default();
    if path.exists() {
        counted = Instructions::read(&name(), File::open(&path).with_context(name)?)?;
    }
    if !args.instructions {
        return Ok(counted);
    }
    let folder = tempfile::tempdir()?;
    let total = Total::compile(folder.path())?;
    let program = std::env::current_exe()?;
    let known = entrants.iter().filter_map(|entrant| match entrant {
        Entrant::Known(detector) => Some(detector.name),
        Entrant::Tuned(..) | Entrant::External(_) => None,
    });
    let todo: Vec<&str> = known
        .filter(|name| !counted.0.contains_key(*name))
        .collect();
    let progress = Progress::over_each(todo.len() as u64, "detectors counted");
    for name in todo {
        progress.set_message(name);
        counted.count(&total, &program, name)?;
        progress.step();
    }
    progress.finish();
    save(&path, |out| counted.write(out).map_err(io::Error::other))?;
    Ok(counted)
}

/// The participants: detectors, each with its settings, and programs.
fn entrants(args: &Args) -> anyhow::Result<Vec<Entrant>> {
    let mut settings: Vec<(&str, &str)> = Vec::new();
    for text in &args.settings {
        let pair = text
            .split_once('.')
            .filter(|(_, setting)| setting.contains('='));
        settings.push(pair.with_context(|| format!("--set {text}: expected DETECTOR.KEY=VALUE"))?);
    }
    let detectors = chosen(&args.detectors)?;
    for (name, _) in &settings {
        ensure!(
            detectors.iter().any(|detector| detector.name == *name),
            "--set {name}.…: `{name}` is not among the detectors that run"
        );
    }
    let mut entrants = Vec::new();
    for detector in detectors {
        let own = settings.iter().filter(|(name, _)| *name == detector.name);
        let own: Vec<&str> = own.map(|(_, setting)| *setting).collect();
        for settings in combinations(&own) {
            entrants.push(Entrant::of(detector, settings)?);
        }
    }
    let mut names = BTreeSet::new();
    for external in &args.external {
        let name = &external.name;
        ensure!(
            names.insert(name),
            "--external {name}=…: there are two of this name"
        );
        entrants.push(Entrant::External(external.clone()));
    }
    Ok(entrants)
}

/// Settings with one value per key: all combinations of the values given.
fn combinations(settings: &[&str]) -> Vec<Vec<String>> {
    let key = |setting: &str| setting.split('=').next().unwrap_or_default().to_owned();
    let mut keys: Vec<String> = Vec::new();
    for setting in settings {
        if !keys.contains(&key(setting)) {
            keys.push(key(setting));
        }
    }
    let mut all = vec![Vec::new()];
    for wanted in keys {
        let mut more = Vec::new();
        for value in settings.iter().filter(|setting| key(setting) == wanted) {
            for before in &all {
                let mut with: Vec<String> = before.clone();
                with.push((*value).to_owned());
                more.push(with);
            }
        }
        all = more;
    }
    all
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Detector>> {
    let all = || Detector::all().iter();
    if names.is_empty() {
        return Ok(all().collect());
    }
    let mut chosen: Vec<&'static Detector> = Vec::new();
    for name in names {
        match name.as_str() {
            "ours" => chosen.extend(all().filter(|d| !d.is_peer)),
            "peers" => chosen.extend(all().filter(|d| d.is_peer)),
            name => chosen.push(Detector::named(name).with_context(|| {
                let known: Vec<&str> = all().map(|d| d.name).collect();
                format!("no detector `{name}`; there are: {}", known.join(", "))
            })?),
        }
    }
    // A detector named twice, as in `ours,rola`, runs once.
    let mut names = BTreeSet::new();
    chosen.retain(|detector| names.insert(detector.name));
    Ok(chosen)
}

/// The recordings that have labels; the others are named, with the reason.
fn labelled(found: Vec<Dataset>) -> Vec<Dataset> {
    let mut kept = Vec::new();
    for dataset in found {
        match dataset.unlabelled() {
            Some(reason) => eprintln!("left out: {reason}"),
            None => {
                for note in dataset.notes() {
                    eprintln!("{}: {note}", dataset.name);
                }
                kept.push(dataset);
            }
        }
    }
    kept
}

/// The labelled recordings of the requested sets, or of all folders.
fn datasets(args: &Args) -> anyhow::Result<Vec<Dataset>> {
    let place = || args.folder.display().to_string();
    let mut folders: Vec<PathBuf> = args.sets.iter().map(|set| args.folder.join(set)).collect();
    if folders.is_empty() {
        for entry in std::fs::read_dir(&args.folder).with_context(place)? {
            let path = entry.with_context(place)?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        folders.sort();
    }
    let mut datasets = Vec::new();
    for folder in folders {
        let found = match Dataset::find(&folder) {
            Ok(found) => labelled(found),
            Err(_) if args.sets.is_empty() => Vec::new(),
            Err(error) => return Err(error),
        };
        let nothing = found.is_empty() && !args.sets.is_empty();
        ensure!(
            !nothing,
            "{}: no recording with a column of labels",
            folder.display()
        );
        datasets.extend(found);
    }
    ensure!(
        !datasets.is_empty(),
        "{}: no folder with recordings that have a column of labels",
        place()
    );
    Ok(datasets)
}

/// Adds outcomes to the page of a recording.
fn write_page(folder: &Path, series: &Series, outcomes: &[Ranked]) -> anyhow::Result<()> {
    let mut page = ScoredPage::new(series);
    for (outcome, scores) in outcomes {
        page.push(outcome, scores);
    }
    let path = folder.join(leaderboard::series_page(&series.set, &series.name));
    let before = std::fs::read_to_string(&path).ok();
    match before.and_then(|before| page.behind(&before)) {
        Some(text) => save(&path, |out| out.write_all(text.as_bytes())),
        None => save(&path, |out| page.write(out)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_given_again_is_a_run_for_each_value() {
        let all = combinations(&["a=1", "b=2", "a=3", "b=4"]);
        let spelled: Vec<String> = all.iter().map(|settings| settings.join(" ")).collect();
        assert_eq!(spelled, ["a=1 b=2", "a=3 b=2", "a=1 b=4", "a=3 b=4"]);
        assert_eq!(combinations(&[]), [Vec::<String>::new()]);
    }
}
