//! The program `bellwether-agent`.

use std::process::ExitCode;

fn main() -> ExitCode {
    bellwether_agent::commands::main()
}
