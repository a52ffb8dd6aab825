//! `bellwether bench`: detectors over folders of recordings.

use crate::bench::outcome::Outcome;
use crate::bench::{Detector, Entrant, Instructions, Outside, Series, Table};
use crate::commands::marked;
use crate::commands::report::save;
use crate::cost::total::Total;
use crate::page::leaderboard::{self, Board};
use crate::page::scored::ScoredPage;
use crate::train::Node;
use anyhow::{Context, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const EXAMPLE: &str = "\
Example: bellwether bench data --sets smd,asd,nab --detectors rola,pca --out leaderboard";

/// Scores detectors over sets of labelled recordings, and writes who ranks anomalies best.
///
/// A set is a folder of recordings: NAME.csv, or NAME.train.csv with NAME.test.csv. Detectors run
/// with their defaults and see no label; runs with --set are tuned ones, and go to files and a table
/// of their own. What is done already in --out is not done again: a run that was broken off goes on.
/// Writes results.csv and results.parquet, the same of tuned runs, index.html and a page per series.
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
    /// Runs one of the detectors with another setting: a tuned run
    #[arg(long = "set", value_name = "DETECTOR.KEY=VALUE")]
    settings: Vec<String>,
    /// A detector that is a program: run by the shell for every series, it reads rows and writes
    /// scores (docs/bench.md)
    #[arg(long, value_name = "NAME=COMMAND", value_parser = outside)]
    outside: Vec<Outside>,
    /// Counts the instructions per row of every detector, on a generated series of eight variables:
    /// needs QEMU's user mode and a C compiler
    #[arg(long)]
    instructions: bool,
    /// Seeds of detectors that have any; figures are means over them
    #[arg(long, value_name = "N", default_value = "1")]
    seeds: u64,
    /// Series at the same time [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Writes the tables in Markdown into this file, between its lines `<!-- bench -->` and
    /// `<!-- /bench -->`
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Where the results go
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

fn outside(text: &str) -> Result<Outside, String> {
    match text.split_once('=') {
        Some((name, _)) if Detector::named(name).is_some() => Err(format!(
            "`{name}` is a detector of the bench; call it otherwise"
        )),
        Some((name, command)) if is_word(name) && !command.is_empty() => Ok(Outside {
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
    let nodes = nodes(&args)?;
    let pages = args.out.join("series");
    std::fs::create_dir_all(&pages).with_context(|| pages.display().to_string())?;
    let mut table = read(&args.out.join(RESULTS), false)?;
    table
        .outcomes
        .extend(read(&args.out.join(TUNED), true)?.outcomes);
    let run = Run {
        args: &args,
        entrants,
        table: Mutex::new(table),
        bar: ProgressBar::new(nodes.len() as u64),
    };
    run.bar.set_style(ProgressStyle::with_template(
        "{bar:30} {pos}/{len} series, {msg}, {elapsed} gone, {eta} left",
    )?);
    run.all(&nodes)?;
    run.bar.finish_and_clear();
    let instructions = instructions(&args, &run.entrants)?;
    let table = run.table.into_inner().unwrap_or_default();
    ensure!(
        !table.outcomes.is_empty(),
        "{}: no series has an anomalous row behind its first part",
        args.folder.display()
    );
    let board = Board::new(&table, instructions, &args.outside);
    let page = args.out.join("index.html");
    save(&page, |out| leaderboard::write(&board, out))?;
    if let Some(path) = &args.write {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
        let text = marked::with(&text, &name, "bench", &leaderboard::markdown(&board))?;
        save(path, |out| out.write_all(text.as_bytes()))?;
    }
    writeln!(
        io::stdout(),
        "{}\nleaderboard: {}",
        leaderboard::text(&board),
        page.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Files in `--out`.
const RESULTS: &str = "results.csv";
const TUNED: &str = "tuned.csv";
const INSTRUCTIONS: &str = "instructions.csv";

/// Outcomes of an earlier run; none where there was no such run.
fn read(path: &Path, tuned: bool) -> anyhow::Result<Table> {
    if !path.exists() {
        return Ok(Table::default());
    }
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| name.clone())?;
    Table::read(&name, file, tuned)
}

/// What was counted before, and with `--instructions` what was not.
fn instructions(args: &Args, entrants: &[Entrant]) -> anyhow::Result<Instructions> {
    let path = args.out.join(INSTRUCTIONS);
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
        Entrant::Tuned(..) | Entrant::Outside(_) => None,
    });
    let todo: Vec<&str> = known
        .filter(|name| !counted.0.contains_key(*name))
        .collect();
    let bar = ProgressBar::new(todo.len() as u64);
    bar.set_style(ProgressStyle::with_template(
        "{bar:30} {pos}/{len} detectors counted, {msg}, {elapsed} gone, {eta} left",
    )?);
    for name in todo {
        bar.set_message(name);
        counted.count(&total, &program, name)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    save(&path, |out| counted.write(out).map_err(io::Error::other))?;
    Ok(counted)
}

/// Who takes part: detectors, each with its settings, and programs.
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
        let own = own.map(|(_, setting)| (*setting).to_owned()).collect();
        entrants.push(Entrant::of(detector, own)?);
    }
    let mut names = BTreeSet::new();
    for outside in &args.outside {
        let name = &outside.name;
        ensure!(
            names.insert(name),
            "--outside {name}=…: there are two of this name"
        );
        entrants.push(Entrant::Outside(outside.clone()));
    }
    Ok(entrants)
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Detector>> {
    let all = || Detector::ALL.iter();
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
    // Whoever is named twice, as in `ours,rola`, runs once.
    let mut names = BTreeSet::new();
    chosen.retain(|detector| names.insert(detector.name));
    Ok(chosen)
}

/// The labelled recordings of the sets that were asked for, or of all folders. What else lies in a
/// folder is passed over.
fn nodes(args: &Args) -> anyhow::Result<Vec<Node>> {
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
    let mut nodes = Vec::new();
    for folder in folders {
        let found = match Node::find(&folder) {
            Ok(found) => found.into_iter().filter(Node::is_labelled).collect(),
            Err(_) if args.sets.is_empty() => Vec::new(),
            Err(error) => return Err(error),
        };
        let nothing = found.is_empty() && !args.sets.is_empty();
        ensure!(
            !nothing,
            "{}: no recording with a column `label`",
            folder.display()
        );
        nodes.extend(found);
    }
    ensure!(
        !nodes.is_empty(),
        "{}: no folder with recordings that have a column `label`",
        place()
    );
    Ok(nodes)
}

struct Run<'a> {
    args: &'a Args,
    entrants: Vec<Entrant>,
    table: Mutex<Table>,
    bar: ProgressBar,
}

impl Run<'_> {
    /// All series, several at a time; the first error ends it.
    fn all(&self, nodes: &[Node]) -> anyhow::Result<()> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.args.jobs.unwrap_or(cores).clamp(1, nodes.len().max(1));
        let next = AtomicUsize::new(0);
        let work = || -> anyhow::Result<()> {
            while let Some(node) = nodes.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.bar.set_message(node.name.clone());
                let done = self.one(node).with_context(|| node.name.clone());
                if done.is_err() {
                    next.store(nodes.len(), Ordering::Relaxed);
                }
                done?;
                self.bar.inc(1);
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
            let joined = threads.into_iter().map(|thread| {
                let result = thread.join();
                result.unwrap_or_else(|_| bail!("a detector broke off"))
            });
            joined.collect::<Vec<_>>().into_iter().collect()
        })
    }

    fn one(&self, node: &Node) -> anyhow::Result<()> {
        let (set, name) = node.parts();
        let todo: Vec<(&Entrant, u64)> = self
            .entrants
            .iter()
            .flat_map(|entrant| {
                let seeds = if entrant.is_seeded() {
                    self.args.seeds
                } else {
                    1
                };
                (1..=seeds).map(move |seed| (entrant, seed))
            })
            .filter(|(entrant, seed)| {
                let named = (entrant.name(), &*entrant.settings());
                !self.lock().has(set, name, named, *seed)
            })
            .collect();
        if todo.is_empty() {
            return Ok(());
        }
        let series = Series::read(node)?;
        if !series.is_ranked() {
            return Ok(());
        }
        let mut page = ScoredPage::new(&series);
        let mut outcomes = Vec::new();
        for (entrant, seed) in todo {
            let (outcome, scores) =
                Outcome::of(entrant, &series, seed).with_context(|| entrant.name().to_owned())?;
            if seed == 1 {
                page.push(&outcome, &scores);
            }
            outcomes.push(outcome);
        }
        let path = self.args.out.join(leaderboard::series_page(set, name));
        let before = std::fs::read_to_string(&path).ok();
        match before.and_then(|before| page.behind(&before)) {
            Some(text) => save(&path, |out| out.write_all(text.as_bytes()))?,
            None => save(&path, |out| page.write(out))?,
        }
        let mut table = self.lock();
        table.outcomes.extend(outcomes);
        self.store(&table)
    }

    /// Writes defaults and tuned runs, each where there are any.
    fn store(&self, table: &Table) -> anyhow::Result<()> {
        for (name, table) in [(RESULTS, table.defaults()), (TUNED, table.tuned())] {
            let path = self.args.out.join(name);
            if !table.outcomes.is_empty() {
                replace(&path, |file| table.write(io::BufWriter::new(file)))?;
                replace(&path.with_extension("parquet"), |file| {
                    table.write_parquet(file)
                })?;
            }
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Writes a file beside the old one, and then in its place: a run may be broken off at any time.
fn replace(path: &Path, write: impl FnOnce(File) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let file = File::create(&beside).with_context(|| path.display().to_string())?;
    write(file)?;
    std::fs::rename(&beside, path).with_context(|| path.display().to_string())
}
