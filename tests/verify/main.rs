//! `cargo verify`: every check of the project, as named stages.
//!
//! Each stage is one function of [`stages`]; all of them run even if one fails, two at a time ([`lanes`]) unless they
//! are named. Exit code: 0 all passed, 1 a stage failed, 2 wrong use.

mod aarch64;
mod agent;
mod agent_bmc;
mod api;
mod apps;
mod bmc;
mod c;
mod committed;
mod desks;
mod device;
mod elf;
mod expected;
mod fuzz;
mod lanes;
mod log;
mod long;
mod msrv;
mod network;
mod oracle;
mod package;
mod portable;
mod shell;
mod stack;
mod stages;
mod targets;

use stages::{Context, Outcome, STAGES, Stage};
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "\
Runs the checks of the project.

Usage: cargo verify [STAGE...] [--long] [--bless]

Without STAGE every stage runs, those for this machine beside those for boards:";

const OPTIONS: &str = "\
Options:
  --bless     apps, log, sizes, ad01: writes what was found into tests/expect/; api: into docs/api/;
              bmc: trains the board's model anew; agent: tells the size with all features, too;
              --long: writes docs/measured/soak.txt
  --long      only the node agent over 24 simulated hours, beside the stages that are named
  -h, --help  prints this

Environment:
  BELLWETHER_DATA          folder of the recordings; default ../shared/data beside the repository
  BELLWETHER_REQUIRE_DATA  missing recordings, Python or compilers are a failure, not a skipped
                           check (also CI=true)
  BELLWETHER_FUZZ_RUNS     fuzz: executions of each target; default 50000
  RUST_TARGETS_FROM        where bare-metal targets come from: rustup or apt; firmware-examples/setup.sh

Example: cargo verify fmt lint no-panic";

fn main() -> ExitCode {
    let mut chosen: Vec<&Stage> = Vec::new();
    let mut bless = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "-h" | "--help" => {
                print_help();
                return ExitCode::SUCCESS;
            }
            "--bless" => bless = true,
            "--long" => chosen.push(&long::SOAK),
            name => match STAGES.iter().find(|stage| stage.name == name) {
                Some(stage) => chosen.push(stage),
                None => {
                    eprintln!("verify: no stage or option `{name}`; see cargo verify --help");
                    return ExitCode::from(2);
                }
            },
        }
    }
    let (count, failed) = if chosen.is_empty() {
        let failed = lanes::run(bless).unwrap_or_else(|error| {
            println!("FAILED: {error:#}");
            STAGES.len()
        });
        (STAGES.len(), failed)
    } else {
        let mut context = Context::new(bless);
        let failed = chosen.iter().filter(|stage| !passes(stage, &mut context));
        (chosen.len(), failed.count())
    };
    println!("{} passed, {failed} failed", count - failed);
    ExitCode::from(u8::from(failed > 0))
}

/// Runs one stage and prints its outcome. A skipped check is printed and is no failure.
fn passes(stage: &Stage, context: &mut Context) -> bool {
    println!("== {}: {}", stage.name, stage.about);
    let (start, work) = (Instant::now(), processor_seconds());
    let result = (stage.run)(context);
    let mut took = format!("{:.1} s", start.elapsed().as_secs_f32());
    if let (Some(before), Some(now)) = (work, processor_seconds()) {
        took += &format!(", {:.1} s of processors", now - before);
    }
    match &result {
        Ok(Outcome::Done) => println!("ok {} ({took})\n", stage.name),
        Ok(Outcome::Skipped(why)) => println!("skipped: {why}\nok {} ({took})\n", stage.name),
        Err(error) => println!("FAILED {} ({took}): {error:#}\n", stage.name),
    }
    result.is_ok()
}

/// Seconds of processors that the programs have taken which were run so far; on Linux, in its usual hundredths.
fn processor_seconds() -> Option<f32> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let of_children = fields.split_whitespace().skip(13).take(2);
    let ticks: Option<Vec<f32>> = of_children.map(|field| field.parse().ok()).collect();
    Some(ticks?.iter().sum::<f32>() / 100.0)
}

fn print_help() {
    println!("{USAGE}");
    for stage in STAGES {
        println!("  {:9} {}", stage.name, stage.about);
    }
    println!("\n{OPTIONS}");
}
