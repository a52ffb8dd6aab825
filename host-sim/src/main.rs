//! The `bellwether` program: see `bellwether --help`.

use bellwether_sim::commands::{Cli, execute};
use clap::Parser;
use std::process::ExitCode;

/// The largest ensemble is on the stack during its construction, so the work needs a large one.
const STACK_BYTES: usize = 256 << 20;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let work = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || execute(cli));
    match work.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(code))) => code,
        Ok(Ok(Err(error))) => {
            eprintln!("bellwether: {error:#}");
            ExitCode::from(2)
        }
        _ => ExitCode::from(2),
    }
}
