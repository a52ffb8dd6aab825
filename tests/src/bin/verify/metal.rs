//! The firmware: its boards, the toolchain it needs, and how its programs are built.

use crate::shell::{Step, executables, root};
use anyhow::Context;
use std::path::PathBuf;

/// A board that QEMU emulates.
#[derive(Clone, Copy)]
pub struct Board {
    /// Name, also of its package.
    pub name: &'static str,
    /// Rust's name of its processor.
    pub target: &'static str,
    /// Window of errors of its preset.
    pub window: u16,
    /// Frames of a correlation of its preset.
    pub history: u16,
}

/// Every board that must pass.
pub const BOARDS: [Board; 3] = [
    Board {
        name: "qemu-mps2-an386",
        target: "thumbv7em-none-eabihf",
        window: 1440,
        history: 1440,
    },
    Board {
        name: "qemu-lm3s6965",
        target: "thumbv7m-none-eabi",
        window: 720,
        history: 720,
    },
    Board {
        name: "qemu-microbit",
        target: "thumbv6m-none-eabi",
        window: 128,
        history: 128,
    },
];

/// A toolchain that can build for the boards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// Its name for rustup; empty where there is no rustup.
    name: String,
}

impl Toolchain {
    /// Installs what is missing and says which toolchain to use.
    ///
    /// # Errors
    /// The set-up script failed or did not name a toolchain in its last line.
    pub fn set_up() -> anyhow::Result<Self> {
        let script = root().join("firmware-examples/setup.sh");
        let targets = BOARDS.map(|board| board.target);
        let said = clean(Step::new("bash").arg(script).args(targets)).output()?;
        let last = said.lines().last().unwrap_or_default();
        let name = last
            .strip_prefix("TOOLCHAIN=")
            .with_context(|| format!("setup.sh ended with {last:?}, not with TOOLCHAIN=..."))?;
        println!(
            "toolchain: {}",
            if name.is_empty() {
                "the system's"
            } else {
                name
            }
        );
        Ok(Self {
            name: name.to_owned(),
        })
    }

    /// `cargo` of this toolchain, with arguments.
    pub fn cargo(&self, arguments: &str) -> Step {
        let step = clean(Step::cargo(arguments));
        if self.name.is_empty() {
            step
        } else {
            step.env("RUSTUP_TOOLCHAIN", &self.name)
        }
    }

    /// Version of the compiler.
    ///
    /// # Errors
    /// It does not start.
    pub fn version(&self) -> anyhow::Result<String> {
        let step = clean(Step::new("rustc").arg("--version"));
        let step = if self.name.is_empty() {
            step
        } else {
            step.env("RUSTUP_TOOLCHAIN", &self.name)
        };
        Ok(step.output()?.trim().to_owned())
    }

    /// Builds programs of a board and returns their ELF files by name. `what` selects them, as
    /// arguments of cargo.
    ///
    /// # Errors
    /// The build failed.
    pub fn firmware(&self, board: &Board, what: &str) -> anyhow::Result<Vec<(String, PathBuf)>> {
        let line = format!(
            "build --quiet --release --message-format=json-render-diagnostics --package {} --target {} {what}",
            board.name, board.target
        );
        let messages = self
            .cargo(&line)
            .within(root().join("firmware-examples"))
            .output()?;
        Ok(executables(&messages))
    }
}

/// Removes what the running cargo says about itself and what is meant for the host's programs.
fn clean(step: Step) -> Step {
    const OURS: [&str; 8] = [
        "RUSTUP_TOOLCHAIN",
        "CARGO",
        "RUSTC",
        "RUSTDOC",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "LD_LIBRARY_PATH",
    ];
    OURS.into_iter().fold(step, Step::without)
}
