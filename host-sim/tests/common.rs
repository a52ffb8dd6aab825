//! The program as a shell sees it: what tests of commands have in common.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The program with its streams connected.
pub fn bellwether(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program with this input.
pub fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = bellwether(arguments).spawn().unwrap();
    // The program may refuse its arguments and leave before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}
