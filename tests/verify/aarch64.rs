//! Stage `aarch64`: the library's kernel for AArch64, by QEMU's emulation of a Linux process.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, required};
use anyhow::ensure;
use bellwether_sim::board::firmware::toolchain;
use std::process::{Command, Stdio};

const TARGET: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const QEMU: &str = "qemu-aarch64";

/// Every kernel against the equations, compiled for AArch64.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    for program in [LINKER, QEMU] {
        if !starts(program) {
            ensure!(!required(), "{program} is absent, and it is required");
            return Ok(Outcome::Skipped(format!("no {program}")));
        }
    }
    let toolchain = toolchain(&root().join("firmware-examples"), &[TARGET])?;
    let mut test = Step::cargo("test --quiet --package bellwether --lib kernel --target")
        .args([TARGET, "--target-dir", "target/aarch64"])
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER)
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
            format!("{QEMU} -L /usr/aarch64-linux-gnu"),
        );
    if !toolchain.is_empty() {
        test = test.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    test.run()?;
    Ok(Outcome::Done)
}

fn starts(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null());
    command.stderr(Stdio::null()).status().is_ok()
}
