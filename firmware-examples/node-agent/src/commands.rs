//! The command line.

use std::process::ExitCode;

/// Runs the command of the arguments. Exit code: 0 done, 1 failed or something was found, 2 wrong use.
pub fn main() -> ExitCode {
    eprintln!("bellwether-agent: no command yet");
    ExitCode::from(2)
}
