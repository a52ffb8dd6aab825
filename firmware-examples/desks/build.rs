//! Build script of every board on a desk: shows the linker the board's `memory.x` and the sections of the
//! start-up code.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::copy("memory.x", out.join("memory.x")).expect("the board has a memory.x");
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    if env::var("CARGO_PKG_NAME").as_deref() == Ok("rp-pico") {
        // The boot loader's second stage, which comes with the hardware layer.
        println!("cargo:rustc-link-arg-bins=-Tlink-rp.x");
    }
}
