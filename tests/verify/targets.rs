//! Stage `targets`: the library builds for 32-bit pointers and for another alignment of 64-bit
//! integers, on processors that no board here has. Nothing of it is run.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome};
use bellwether_sim::board::firmware::toolchain;

/// A browser, a 32-bit PC, RISC-V without floating point, Cortex-M33.
const TARGETS: [&str; 4] = [
    "wasm32-unknown-unknown",
    "i686-unknown-linux-gnu",
    "riscv32imac-unknown-none-elf",
    "thumbv8m.main-none-eabihf",
];

/// Builds it for each, with every feature.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    let toolchain = toolchain(&root().join("firmware-examples"), &TARGETS)?;
    let mut build = Step::cargo("build --quiet --package bellwether --all-features")
        .args(["--target-dir", "target/bare-metal"])
        .args(TARGETS.map(|target| format!("--target={target}")));
    if !toolchain.is_empty() {
        build = build.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    build.run()?;
    println!("{}", TARGETS.join(", "));
    Ok(Outcome::Done)
}
