//! Says which kernel fits the processor. Whether it has the DSP extension the compiler tells no
//! crate on stable Rust.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(bellwether_dsp,bellwether_neon,bellwether_x86)");
    let target = env::var("TARGET").unwrap_or_default();
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let has = |wanted: &str| features.split(',').any(|feature| feature == wanted);
    let thumb = target.starts_with("thumbv7em-") || target.starts_with("thumbv8m.main-");
    let always = target.starts_with("thumbv7em-");
    if always || thumb && has("dsp") {
        println!("cargo:rustc-cfg=bellwether_dsp");
    }
    let endian = env::var("CARGO_CFG_TARGET_ENDIAN").unwrap_or_default();
    if architecture == "aarch64" && has("neon") && endian == "little" {
        println!("cargo:rustc-cfg=bellwether_neon");
    }
    // Not where the target keeps no floating point in registers.
    if architecture == "x86_64" && has("sse2") {
        println!("cargo:rustc-cfg=bellwether_x86");
    }
}
