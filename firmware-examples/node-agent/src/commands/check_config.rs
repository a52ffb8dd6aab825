//! `check-config`: the configuration, and what it would do.

use super::ConfigArgument;
use crate::engine;
use crate::judge::Judge;
use crate::readers::Readers;
use crate::sources;
use crate::status::Status;
use clap::Args;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

/// Resident bytes of an agent without a channel, as measured.
const EMPTY: u64 = 5 << 20;

/// Checks the configuration and prints what it would do: sources, channels, groups, memory
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bellwether-agent check-config --config agent.toml\n\nNothing is written, no output is \
    opened.\n\nExit codes: 0 it is good; 1 a source of it cannot be read; 2 it is wrong"
)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

/// Runs the command.
///
/// # Errors
/// The configuration is wrong, or a source that was asked for by name cannot be read.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = arguments.config.read()?;
    let agent = &config.agent;
    let path = arguments.config.path();
    let origin = match path.exists() {
        true => path.display().to_string(),
        false => format!("{} is not there: the defaults", path.display()),
    };
    println!("configuration  {origin}");
    println!("node           {}", agent.name());
    println!(
        "period         {} ms, sources are awaited for {} ms",
        agent.period_ms, agent.wait_ms
    );
    let or = |path: &std::path::Path, none: &str| match engine::Settings::some(path) {
        Some(path) => path.display().to_string(),
        None => none.to_owned(),
    };
    println!(
        "state          {}",
        or(&agent.state, "none: what is learned is lost at a restart")
    );
    println!("job file       {}", or(&agent.job_file, "none"));
    println!("socket         {}", or(&agent.socket, "none"));
    println!("model          {}", or(&agent.models, "none"));
    let probes = sources::open(&config.sources)?;
    let mut by_source = BTreeMap::<String, (usize, usize)>::new();
    for probe in &probes {
        let source = probe.name().split('/').next().unwrap_or_default();
        let (parts, channels) = by_source.entry(source.to_owned()).or_default();
        *parts += 1;
        *channels += probe.channels().len();
    }
    for (source, (parts, channels)) in &by_source {
        println!("source         {source}: {channels} channels in {parts} parts");
    }
    let readers = Readers::start(probes, Duration::from_millis(agent.wait_ms.into()))?;
    // Without a folder: nothing is written.
    let judge = Judge::new(&agent.name(), readers.channels(), &config.judge, None)?;
    let mut status = Status::default();
    judge.status(&mut status);
    for group in &status.groups {
        println!(
            "group          {}: {} channels",
            group.name, group.variables
        );
    }
    let channels = readers.channels().len();
    if channels == 0 {
        println!("warning        nothing to read on this machine");
    }
    let bytes = EMPTY + status.agent.state_bytes;
    println!(
        "memory         about {:.1} MiB for {channels} channels",
        bytes as f64 / f64::from(1 << 20)
    );
    println!("acts           never");
    Ok(ExitCode::SUCCESS)
}
