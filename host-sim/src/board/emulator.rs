//! QEMU, with the board's standard streams as the program's own.

use crate::board::Board;
use anyhow::{Context, anyhow};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Name of the program.
pub const QEMU: &str = "qemu-system-arm";

/// A command that runs an ELF on a board. Its exit code is the firmware's.
pub fn command(board: &Board, program: &Path) -> Command {
    let mut command = Command::new(QEMU);
    command
        .args(["-machine", board.machine])
        .args(["-display", "none", "-monitor", "none", "-serial", "null"])
        .args(["-semihosting-config", "enable=on,target=native"])
        .arg("-kernel")
        .arg(program)
        .stdin(Stdio::null());
    command
}

/// The same with a word on the program's command line.
pub fn command_with(board: &Board, program: &Path, word: &str) -> Command {
    let mut command = command(board, program);
    let config = format!("enable=on,target=native,arg={word}");
    command.args(["-semihosting-config", &config]);
    command
}

/// Starts a command; if QEMU is absent, the error tells how to install it.
///
/// # Errors
/// It does not start.
pub fn spawn(mut command: Command) -> anyhow::Result<Child> {
    command.spawn().map_err(absent).with_context(|| QEMU)
}

/// A missing program, with advice.
pub fn absent(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::NotFound {
        anyhow!("not installed; on Debian: apt-get install qemu-system-arm")
    } else {
        error.into()
    }
}
