//! Stage `portable`: the program and the libraries pass the compiler for macOS and Windows.
//!
//! It is `cargo check`: types, names and the `std` of each system. It links nothing and runs
//! nothing, because a stand-in replaces a C compiler with those systems' headers. So it cannot show
//! that the C code of zstd compiles there, that a linker finds every symbol, or that paths,
//! terminals and clocks behave. Tests are not checked, nor is code that starts other programs:
//! QEMU, and `setup.sh`, which needs Debian or rustup.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome};
use bellwether_sim::board::firmware::toolchain;

const TARGETS: [&str; 2] = ["aarch64-apple-darwin", "x86_64-pc-windows-msvc"];
const STAND_IN: &str = "tests/verify/portable/cc";

/// Checks all packages for each target.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    let toolchain = toolchain(&root().join("firmware-examples"), &TARGETS)?;
    let mut check = Step::cargo("check --quiet --package bellwether-sim")
        .args(["--target-dir", "target/portable"])
        .args(TARGETS.map(|target| format!("--target={target}")));
    for target in TARGETS {
        for tool in ["CC", "AR"] {
            let name = format!("{tool}_{}", target.replace('-', "_"));
            check = check.env(&name, root().join(STAND_IN));
        }
    }
    if !toolchain.is_empty() {
        check = check.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    check.run()?;
    println!("{}: checked, not linked", TARGETS.join(", "));
    Ok(Outcome::Done)
}
