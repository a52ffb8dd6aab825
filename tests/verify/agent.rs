//! The node agent's program as it is left on nodes and their controllers: its builds, and stage `agent`, which
//! compares their verdicts and their sizes.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, folder, required};
use anyhow::{Context as _, ensure};
use bellwether_sim::board::firmware::{executables, toolchain};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Largest program with base features, in bytes.
const LARGEST: u64 = 6 << 20;
const NAME: &str = "bellwether-agent";

/// A processor other than that of this machine, with Linux.
pub struct Target {
    /// Its name for the compiler.
    pub name: &'static str,
    /// Its linker, of the C library that becomes part of the program.
    pub linker: &'static str,
    /// QEMU for one process of it.
    pub emulator: &'static str,
}

/// A management controller.
pub const ARMV7: Target = Target {
    name: "armv7-unknown-linux-gnueabihf",
    linker: "arm-linux-gnueabihf-gcc",
    emulator: "qemu-arm",
};
/// A node.
pub const AARCH64: Target = Target {
    name: "aarch64-unknown-linux-gnu",
    linker: "aarch64-linux-gnu-gcc",
    emulator: "qemu-aarch64",
};

impl Target {
    /// The program with base features, static.
    pub fn program(&self) -> anyhow::Result<PathBuf> {
        let toolchain = toolchain(&root().join("firmware-examples"), &[self.name])?;
        let key = self.name.replace('-', "_").to_uppercase();
        let mut build = cargo("--target")
            .args([self.name, "--target-dir", "target/agent"])
            .env(&format!("CARGO_TARGET_{key}_LINKER"), self.linker)
            .env(
                &format!("CARGO_TARGET_{key}_RUSTFLAGS"),
                "-Ctarget-feature=+crt-static",
            );
        if !toolchain.is_empty() {
            build = build.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        executable(build)
    }
}

/// The program for this machine, with base features or all.
fn here(features: &str) -> anyhow::Result<PathBuf> {
    // Both have the same name, so each has a folder.
    let folder = if features.is_empty() {
        "target/agent"
    } else {
        "target/agent-all"
    };
    executable(cargo(features).args(["--target-dir", folder]))
}

fn cargo(more: &str) -> Step {
    let build = "build --quiet --package bellwether-agent --bin bellwether-agent --profile agent";
    let build = Step::cargo(build).arg("--message-format=json-render-diagnostics");
    build.args(more.split_whitespace())
}

fn executable(build: Step) -> anyhow::Result<PathBuf> {
    let programs = executables(&build.output()?);
    let found = programs.into_iter().find(|(name, _)| name == NAME);
    Ok(found.context("cargo named no program")?.1)
}

/// The first of some programs that is not installed; an error if it has to be.
pub fn absent(programs: &[&str]) -> anyhow::Result<Option<String>> {
    for program in programs {
        let mut command = Command::new(program);
        command.arg("--version").stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        if command.status().is_err() {
            ensure!(!required(), "{program} is absent, and it is required");
            return Ok(Some(format!("no {program}")));
        }
    }
    Ok(None)
}

/// The same recording on x86-64, ARMv7 and AArch64, and the sizes.
///
/// The program with all features has no limit and takes as long to build as all others: only `--bless` tells its size.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let folder = folder("agent")?;
    let base = here("")?;
    size("this machine, base features", &base, true)?;
    if context.bless {
        size(
            "this machine, all features",
            &here("--all-features")?,
            false,
        )?;
    }
    fs::write(folder.join("agent.toml"), crate::agent_bmc::CONFIG)?;
    let recording = crate::agent_bmc::plant::recording();
    fs::write(folder.join("recording.csv"), recording)?;
    let wanted = replayed(Command::new(&base), &folder)?;
    println!("{} lines about the recording", wanted.lines().count());
    ensure!(
        wanted.contains("\"start\"") && wanted.contains("memory"),
        "the fault is not found:\n{wanted}"
    );
    for target in [ARMV7, AARCH64] {
        if let Some(why) = absent(&[target.linker, target.emulator])? {
            return Ok(Outcome::Skipped(why));
        }
        let program = target.program()?;
        size(target.name, &program, true)?;
        let mut emulated = Command::new(target.emulator);
        emulated.arg(&program);
        let found = replayed(emulated, &folder)?;
        for (found, wanted) in found.lines().zip(wanted.lines()) {
            ensure!(
                found == wanted,
                "{}: {found}\nthis machine: {wanted}",
                target.name
            );
        }
        ensure!(found == wanted, "{}: another number of lines", target.name);
        println!("{}: the same bytes", target.name);
    }
    Ok(Outcome::Done)
}

/// The events of a recording, a line of JSON each; such a program ends with 1.
fn replayed(mut program: Command, folder: &Path) -> anyhow::Result<String> {
    program.args(["replay", "--format", "json", "--config"]);
    program.arg(folder.join("agent.toml"));
    program.arg(folder.join("recording.csv"));
    let output = program.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.code() == Some(1),
        "{:?}: {}\n{said}{}",
        program,
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(said)
}

fn size(what: &str, program: &Path, limited: bool) -> anyhow::Result<()> {
    let bytes = fs::metadata(program)?.len();
    println!("{what}: {bytes} bytes");
    ensure!(
        !limited || bytes <= LARGEST,
        "{what}: {bytes} bytes, at most {LARGEST} are promised"
    );
    Ok(())
}
