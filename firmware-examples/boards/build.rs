//! Build script of every board: shows the linker the board's `memory.x` and the sections of the
//! start-up code.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::copy("memory.x", out.join("memory.x")).expect("the board has a memory.x");
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rustc-link-search={}", out.display());
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("riscv32") {
        // The script of riscv-rt does not include it.
        println!("cargo:rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    let files: &[&str] = match (
        env::var_os("CARGO_FEATURE_NETWORK"),
        env::var_os("CARGO_FEATURE_MODEL"),
    ) {
        (Some(_), _) => &["BELLWETHER_MODEL", "BELLWETHER_VECTORS"],
        (None, Some(_)) => &["BELLWETHER_MODEL"],
        (None, None) => &[],
    };
    for key in files {
        println!("cargo:rerun-if-env-changed={key}");
        let file = env::var(key).expect("the feature needs files: see its program");
        let file = fs::canonicalize(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        println!("cargo:rerun-if-changed={}", file.display());
        println!("cargo:rustc-env={key}={}", file.display());
    }
    if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
        println!("cargo:rustc-link-arg-bin=log=-Tdefmt.x");
    }
}
