//! QEMU, with the board's standard streams as the program's own.

use crate::board::Board;
use anyhow::anyhow;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Name of the program for Arm's processors, and of Debian's package with it.
pub const QEMU: &str = "qemu-system-arm";
/// Name of the program for RISC-V.
const RISCV: &str = "qemu-system-riscv32";

/// A command that runs an ELF on a board. Its exit code is the firmware's.
pub fn command(board: &Board, program: &Path) -> Command {
    let riscv = board.target.starts_with("riscv32");
    let mut command = Command::new(if riscv { RISCV } else { QEMU });
    command.args(["-machine", board.machine]);
    if riscv {
        // Else QEMU starts a program of its own first.
        command.args(["-bios", "none"]);
    }
    command
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
    let child = command.spawn();
    child.map_err(|error| not_started(&command, error))
}

/// The error of a command that did not start, with advice if its program is missing.
pub fn not_started(command: &Command, error: io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy();
    if error.kind() == io::ErrorKind::NotFound {
        let package = if program == RISCV {
            "qemu-system-misc"
        } else {
            QEMU
        };
        anyhow!("{program}: not installed; on Debian: apt-get install {package}")
    } else {
        anyhow::Error::new(error).context(program.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::every;

    /// Broken by a board that the program of another architecture is started for.
    #[test]
    fn the_architecture_chooses_the_program_and_the_advice() {
        for board in every() {
            let command = command(&board, Path::new("bits"));
            let (program, package) = if board.target.starts_with("thumb") {
                ("qemu-system-arm", "qemu-system-arm")
            } else {
                ("qemu-system-riscv32", "qemu-system-misc")
            };
            assert_eq!(command.get_program(), program, "{}", board.name);
            let error = not_started(&command, io::ErrorKind::NotFound.into()).to_string();
            assert!(error.starts_with(program) && error.ends_with(package));
        }
    }
}
