//! Stage `fuzz`: readers of bytes against a fuzzer. Targets and corpus: `tests/fuzz`.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, folder};
use anyhow::{Context as _, ensure};
use bellwether_sim::board::firmware::executables;
use std::fs;
use std::time::Instant;

const BUILD: &str = "build --quiet --release --package bellwether-fuzz --features libfuzzer \
                     --bin fuzz --message-format=json-render-diagnostics";
/// Executions of a target by default.
const RUNS: u64 = 100_000;
/// Targets with a fifth of them.
const SLOW: [&str; 2] = ["sheet", "table"];

/// Each target runs its corpus, the findings of earlier runs, and mutations of both.
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
    let targets: Vec<_> = targets.collect::<anyhow::Result<_>>()?;
    ensure!(!targets.is_empty(), "no corpus");
    for target in targets.into_iter().flatten() {
        let start = Instant::now();
        // Workbooks and tables are read several times an execution.
        let runs = if SLOW.contains(&target.as_str()) {
            runs / 5
        } else {
            runs
        };
        let found = folder(&format!("fuzz/{target}"))?;
        let broken = folder("fuzz")?.join(format!("{target}-"));
        let log = folder("fuzz")?.join(format!("{target}.log"));
        Step::new(&program)
            .env("BELLWETHER_FUZZ", &target)
            .args(["-verbosity=0", "-timeout=10", "-rss_limit_mb=1024", seed])
            .arg(format!("-runs={runs}"))
            .arg(format!("-artifact_prefix={}", broken.display()))
            .args([found, corpus.join(&target)])
            .errors_to(&log)?
            .run()
            .with_context(|| format!("{target}: see {}", log.display()))?;
        let seconds = start.elapsed().as_secs_f32();
        println!("{target}: {runs} executions in {seconds:.1} s");
    }
    Ok(Outcome::Done)
}
