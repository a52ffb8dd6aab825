//! `bellwether bench`: detectors over folders of recordings.

use crate::bench::outcome::Outcome;
use crate::bench::{Detector, Series, Table};
use crate::commands::marked;
use crate::commands::report::save;
use crate::page::leaderboard;
use crate::page::scored::ScoredPage;
use crate::train::Node;
use anyhow::{Context, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
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
/// with their defaults and see no label. What is done already in --out is not done again: a run
/// that was broken off goes on. Writes results.csv, index.html and a page per series.
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

/// Runs the command.
///
/// # Errors
/// Wrong use, or a recording that cannot be read.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let detectors = chosen(&args.detectors)?;
    let nodes = nodes(&args)?;
    let pages = args.out.join("series");
    std::fs::create_dir_all(&pages).with_context(|| pages.display().to_string())?;
    let path = args.out.join("results.csv");
    let table = if path.exists() {
        let file = File::open(&path).with_context(|| path.display().to_string())?;
        Table::read(&path.display().to_string(), file)?
    } else {
        Table::default()
    };
    let run = Run {
        args: &args,
        detectors,
        path,
        table: Mutex::new(table),
        bar: ProgressBar::new(nodes.len() as u64),
    };
    run.bar.set_style(ProgressStyle::with_template(
        "{bar:30} {pos}/{len} series, {msg}, {elapsed} gone, {eta} left",
    )?);
    run.all(&nodes)?;
    run.bar.finish_and_clear();
    let table = run.table.into_inner().unwrap_or_default();
    ensure!(
        !table.outcomes.is_empty(),
        "{}: no series has an anomalous row behind its first part",
        args.folder.display()
    );
    let page = args.out.join("index.html");
    save(&page, |out| leaderboard::write(&table, out))?;
    if let Some(path) = &args.write {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
        let text = marked::with(&text, &name, "bench", &leaderboard::markdown(&table))?;
        save(path, |out| out.write_all(text.as_bytes()))?;
    }
    writeln!(
        io::stdout(),
        "{}\nleaderboard: {}",
        leaderboard::text(&table),
        page.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Detector>> {
    let all = || Detector::ALL.iter();
    if names.is_empty() {
        return Ok(all().collect());
    }
    let mut chosen = Vec::new();
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
    detectors: Vec<&'static Detector>,
    path: PathBuf,
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
        let todo: Vec<(&Detector, u64)> = self
            .detectors
            .iter()
            .flat_map(|detector| {
                let seeds = if detector.is_seeded {
                    self.args.seeds
                } else {
                    1
                };
                (1..=seeds).map(|seed| (*detector, seed))
            })
            .filter(|(detector, seed)| !self.lock().has(set, name, detector.name, *seed))
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
        for (detector, seed) in todo {
            let (outcome, scores) = Outcome::of(detector, &series, seed)?;
            if seed == 1 {
                page.push(&outcome, &scores);
            }
            outcomes.push(outcome);
        }
        let path = self.args.out.join(leaderboard::series_page(set, name));
        save(&path, |out| page.write(out))?;
        let mut table = self.lock();
        table.outcomes.extend(outcomes);
        store(&self.path, &table)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Writes the results beside the old ones, and then in their place: a run may be broken off at
/// any time.
fn store(path: &Path, table: &Table) -> anyhow::Result<()> {
    let beside = path.with_extension("csv.part");
    let file = File::create(&beside).with_context(|| beside.display().to_string())?;
    table.write(io::BufWriter::new(file))?;
    std::fs::rename(&beside, path).with_context(|| path.display().to_string())
}
