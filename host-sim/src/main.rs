//! The `bellwether` program: see `bellwether --help`.

use bellwether_sim::commands::{Cli, execute};
use clap::Parser;
use std::process::ExitCode;

/// The largest ensemble lives on the stack while it is made, so the work runs on a roomy one.
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
