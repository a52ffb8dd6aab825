//! Stage `fuzz`: readers of bytes against a fuzzer. Targets and corpus: `tests/fuzz`.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, folder};
use anyhow::{Context as _, anyhow, ensure};
use bellwether_sim::board::firmware::executables;
use std::num::NonZero;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;
use std::{fs, thread};

const BUILD: &str = "build --quiet --release --package bellwether-fuzz --features libfuzzer \
                     --bin fuzz --message-format=json-render-diagnostics";
/// Executions of a target by default.
const RUNS: u64 = 50_000;
/// Targets with a tenth of them.
const SLOW: [&str; 2] = ["sheet", "table"];

/// Each target runs its corpus, the findings of earlier runs, and mutations of both; as many targets at a
/// time as there are cores.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    // A short run is the same every time, so that a check does not fail by chance; a long one is
    // for new findings.
    let (runs, seed): (u64, _) = match std::env::var("BELLWETHER_FUZZ_RUNS") {
        Ok(text) => (text.parse().context("BELLWETHER_FUZZ_RUNS")?, "-seed=0"),
        Err(_) => (RUNS, "-seed=1"),
    };
    let built = Step::cargo(BUILD)
        .env(
            "RUSTC_WORKSPACE_WRAPPER",
            root().join("tests/fuzz/instrument"),
        )
        .output()?;
    let programs = executables(&built);
    let program = programs.into_iter().find(|(name, _)| name == "fuzz");
    let program = program.context("cargo named no program")?.1;
    let corpus = root().join("tests/fuzz/corpus");
    let targets = fs::read_dir(&corpus)?.map(|entry| Ok(entry?.file_name().into_string()));
    let targets = targets.collect::<anyhow::Result<Vec<_>>>()?;
    let mut targets: Vec<_> = targets.into_iter().flatten().collect();
    ensure!(!targets.is_empty(), "no corpus");
    // The long ones first, so that none is left alone at the end.
    targets.sort_by_key(|target| !SLOW.contains(&target.as_str()));
    let waiting = Mutex::new(targets.into_iter());
    let next = || waiting.lock().ok()?.next();
    let work = || -> anyhow::Result<()> {
        while let Some(target) = next() {
            mutate(&program, &target, runs, seed)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let mut ends = workers.into_iter().map(thread::ScopedJoinHandle::join);
        ends.try_for_each(|end| end.map_err(|_| anyhow!("a worker panicked"))?)
    })?;
    Ok(Outcome::Done)
}

/// Runs one target.
fn mutate(program: &Path, target: &str, runs: u64, seed: &str) -> anyhow::Result<()> {
    let start = Instant::now();
    // Workbooks and tables are read several times an execution.
    let runs = if SLOW.contains(&target) {
        runs / 10
    } else {
        runs
    };
    let found = folder(&format!("fuzz/{target}"))?;
    let broken = folder("fuzz")?.join(format!("{target}-"));
    let log = folder("fuzz")?.join(format!("{target}.log"));
    Step::new(program)
        .env("BELLWETHER_FUZZ", target)
        .args(["-verbosity=0", "-timeout=10", "-rss_limit_mb=1024", seed])
        .arg(format!("-runs={runs}"))
        .arg(format!("-artifact_prefix={}", broken.display()))
        .args([found, root().join("tests/fuzz/corpus").join(target)])
        .errors_to(&log)?
        .run()
        .with_context(|| format!("{target}: see {}", log.display()))?;
    let seconds = start.elapsed().as_secs_f32();
    println!("{target}: {runs} executions in {seconds:.1} s");
    Ok(())
}
