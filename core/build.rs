//! Says whether the processor is known to have the DSP extension: the compiler tells no crate on
//! stable Rust.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(bellwether_dsp)");
    let target = env::var("TARGET").unwrap_or_default();
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let thumb = target.starts_with("thumbv7em-") || target.starts_with("thumbv8m.main-");
    let always = target.starts_with("thumbv7em-");
    if always || thumb && features.split(',').any(|feature| feature == "dsp") {
        println!("cargo:rustc-cfg=bellwether_dsp");
    }
}
