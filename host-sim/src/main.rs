//! The `bellwether` program: see `bellwether --help`.

use bellwether_sim::commands::{Cli, execute};
use clap::Parser;
use std::process::ExitCode;

/// The largest ensemble is on the stack during its construction, so the work needs a large one.
const STACK_BYTES: usize = 256 << 20;

/// Threads of a product of matrices, for the library that trains.
#[cfg(feature = "full")]
const THREADS: &str = "RAYON_NUM_THREADS";

fn main() -> ExitCode {
    // Without it, every product of a training asks the system for its number of processors, which takes
    // longer than the product: the matrices are small.
    #[cfg(feature = "full")]
    if std::env::var_os(THREADS).is_none() {
        // SAFETY: no other thread runs yet.
        unsafe { std::env::set_var(THREADS, "1") };
    }
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
