//! A bench in progress: recordings several at a time, each result kept as soon as it is there.

use super::alarms::{AlarmRun, AlarmTable};
use super::{Entrant, Outcome, Series, Table};
use crate::output::file::replace;
use crate::progress::Progress;
use crate::recording::Dataset;
use anyhow::{Context, bail};
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files in the folder of results.
const RESULTS: &str = "results.csv";
const TUNED: &str = "tuned.csv";
const ALARMS: &str = "alarms.csv";

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
    results: Mutex<Results>,
}

/// Everything a bench found.
#[derive(Debug, Default)]
pub struct Results {
    /// The figures of ranked series.
    pub table: Table,
    /// The alarms, also of series without an anomalous row.
    pub alarms: AlarmTable,
    /// Programs that failed on a series.
    pub failures: Vec<Failure>,
    /// Notes on runs of this time, such as rows outside the range of a model.
    pub notes: Vec<String>,
}

/// An external program that gave no scores for a series.
#[derive(Debug)]
pub struct Failure {
    /// The set.
    pub set: String,
    /// The series in it.
    pub series: String,
    /// The program's name.
    pub detector: String,
    /// The reason.
    pub error: anyhow::Error,
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
        let path = folder.join(ALARMS);
        let name = path.display().to_string();
        let alarms = if path.exists() {
            AlarmTable::read(&name, File::open(&path).with_context(|| name.clone())?)?
        } else {
            AlarmTable::default()
        };
        Ok(Self {
            folder: folder.to_owned(),
            entrants,
            seeds,
            finished,
            results: Mutex::new(Results {
                table,
                alarms,
                failures: Vec::new(),
                notes: Vec::new(),
            }),
        })
    }

    /// All recordings, several at a time. The first error ends it, except that of an external program.
    ///
    /// # Errors
    /// A recording cannot be read or scored, or its results cannot be written.
    pub fn run(
        self,
        datasets: &[Dataset],
        jobs: Option<usize>,
        progress: &Progress,
    ) -> anyhow::Result<Results> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = jobs.unwrap_or(cores).clamp(1, datasets.len().max(1));
        let next = AtomicUsize::new(0);
        let work = || -> anyhow::Result<()> {
            while let Some(dataset) = datasets.get(next.fetch_add(1, Ordering::Relaxed)) {
                progress.set_message(&dataset.name);
                let done = self.one(dataset).with_context(|| dataset.name.clone());
                if done.is_err() {
                    next.store(datasets.len(), Ordering::Relaxed);
                }
                done?;
                // Others may have begun since.
                progress.set_message(&dataset.name);
                progress.step();
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
        let mut results = self.results.into_inner().unwrap_or_default();
        results.notes.sort();
        results.failures.sort_by(|a, b| a.key().cmp(&b.key()));
        Ok(results)
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
            .filter(|(entrant, seed)| !self.has(set, name, entrant, *seed))
            .collect();
        if todo.is_empty() {
            return Ok(());
        }
        let series = Series::read(dataset)?;
        let (mut first, mut outcomes, mut alarms) = (Vec::new(), Vec::new(), Vec::new());
        for (entrant, seed) in todo {
            let run = match (entrant.judge(&series, seed), entrant) {
                (Err(error), Entrant::External(_)) => {
                    self.lock().failures.push(Failure {
                        set: set.to_owned(),
                        series: name.to_owned(),
                        detector: entrant.name().to_owned(),
                        error,
                    });
                    continue;
                }
                (run, _) => run.with_context(|| entrant.name().to_owned())?,
            };
            if let Some(note) = &run.note {
                let (detector, settings) = (entrant.name(), entrant.settings());
                let note = format!("{set}/{name}, {detector} ({settings}): {note}");
                self.lock().notes.push(note);
            }
            alarms.push(AlarmRun::of(entrant, &series, seed, &run));
            if !series.is_ranked() {
                continue;
            }
            let outcome = Outcome::of(entrant, &series, seed, &run);
            outcomes.push(outcome.clone());
            // Figures without alarms are of an earlier version; the page has these scores.
            let named = (entrant.name(), &*entrant.settings());
            if seed == 1 && !self.lock().table.has(set, name, named, seed) {
                first.push((outcome, run.scores));
            }
        }
        if !first.is_empty() {
            (self.finished)(&series, &first)?;
        }
        let mut results = self.lock();
        for outcome in outcomes {
            results.table.push(outcome);
        }
        for run in alarms {
            results.alarms.push(run);
        }
        self.store(&results)
    }

    /// Whether a run is done. A series without events has alarms only.
    fn has(&self, set: &str, name: &str, entrant: &Entrant, seed: u64) -> bool {
        let named = (entrant.name(), &*entrant.settings());
        let results = self.lock();
        let alarms = results.alarms.find(set, name, named, seed);
        alarms.is_some_and(|run| run.events == 0 || results.table.has(set, name, named, seed))
    }

    /// Writes the alarms, and defaults and tuned runs, each where there are any.
    fn store(&self, results: &Results) -> anyhow::Result<()> {
        let Results { table, alarms, .. } = results;
        replace(&self.folder.join(ALARMS), |file| {
            alarms.write(io::BufWriter::new(file))
        })?;
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

    fn lock(&self) -> std::sync::MutexGuard<'_, Results> {
        self.results
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            set,
            series,
            detector,
            error,
        } = self;
        write!(f, "{detector}: no scores for {set}/{series}: {error:#}")
    }
}

impl Failure {
    fn key(&self) -> (&str, &str, &str) {
        (&self.detector, &self.set, &self.series)
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
