//! A bench in progress: recordings several at a time, each result kept as soon as it is there.

use super::{Entrant, Outcome, Series, Table};
use crate::output::file::replace;
use crate::recording::Dataset;
use anyhow::{Context, bail};
use indicatif::ProgressBar;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files in the folder of results.
const RESULTS: &str = "results.csv";
const TUNED: &str = "tuned.csv";

/// An outcome and the scores it was made from.
pub type Ranked = (Outcome, Vec<f64>);

/// Called with a recording's outcomes of the first seed, before they are stored.
pub type Finished<'a> = dyn Fn(&Series, &[Ranked]) -> anyhow::Result<()> + Sync + 'a;

/// Entrants over recordings. What is in the table already is not done again.
pub struct Runner<'a> {
    folder: PathBuf,
    entrants: &'a [Entrant],
    seeds: u64,
    finished: &'a Finished<'a>,
    table: Mutex<Table>,
}

impl<'a> Runner<'a> {
    /// With the results of earlier runs that are in the folder.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn new(
        folder: &Path,
        entrants: &'a [Entrant],
        seeds: u64,
        finished: &'a Finished<'a>,
    ) -> anyhow::Result<Self> {
        let mut table = read(&folder.join(RESULTS), false)?;
        table
            .outcomes
            .extend(read(&folder.join(TUNED), true)?.outcomes);
        Ok(Self {
            folder: folder.to_owned(),
            entrants,
            seeds,
            finished,
            table: Mutex::new(table),
        })
    }

    /// All recordings, several at a time; the first error ends it.
    ///
    /// # Errors
    /// A recording cannot be read or scored, or its results cannot be written.
    pub fn run(
        self,
        datasets: &[Dataset],
        jobs: Option<usize>,
        bar: &ProgressBar,
    ) -> anyhow::Result<Table> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = jobs.unwrap_or(cores).clamp(1, datasets.len().max(1));
        let next = AtomicUsize::new(0);
        let work = || -> anyhow::Result<()> {
            while let Some(dataset) = datasets.get(next.fetch_add(1, Ordering::Relaxed)) {
                bar.set_message(dataset.name.clone());
                let done = self.one(dataset).with_context(|| dataset.name.clone());
                if done.is_err() {
                    next.store(datasets.len(), Ordering::Relaxed);
                }
                done?;
                bar.inc(1);
            }
            Ok(())
        };
        let all: anyhow::Result<()> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
            let joined = threads.into_iter().map(|thread| {
                let result = thread.join();
                result.unwrap_or_else(|_| bail!("a detector broke off"))
            });
            joined.collect::<Vec<_>>().into_iter().collect()
        });
        all?;
        Ok(self.table.into_inner().unwrap_or_default())
    }

    fn one(&self, dataset: &Dataset) -> anyhow::Result<()> {
        let (set, name) = dataset.parts();
        let todo: Vec<(&Entrant, u64)> = self
            .entrants
            .iter()
            .flat_map(|entrant| {
                let seeds = if entrant.is_seeded() { self.seeds } else { 1 };
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
        let series = Series::read(dataset)?;
        if !series.is_ranked() {
            return Ok(());
        }
        let (mut first, mut outcomes) = (Vec::new(), Vec::new());
        for (entrant, seed) in todo {
            let (outcome, scores) =
                Outcome::of(entrant, &series, seed).with_context(|| entrant.name().to_owned())?;
            outcomes.push(outcome.clone());
            if seed == 1 {
                first.push((outcome, scores));
            }
        }
        (self.finished)(&series, &first)?;
        let mut table = self.lock();
        table.outcomes.extend(outcomes);
        self.store(&table)
    }

    /// Writes defaults and tuned runs, each where there are any.
    fn store(&self, table: &Table) -> anyhow::Result<()> {
        for (name, table) in [(RESULTS, table.defaults()), (TUNED, table.tuned())] {
            let path = self.folder.join(name);
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

/// Outcomes of an earlier run; none if there was no such run.
fn read(path: &Path, tuned: bool) -> anyhow::Result<Table> {
    if !path.exists() {
        return Ok(Table::default());
    }
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| name.clone())?;
    Table::read(&name, file, tuned)
}
