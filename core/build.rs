//! Selects the kernel for the target. Stable Rust does not expose the DSP extension to crates, so it
//! is inferred from the target (Cortex-M4 and M7 have it), or said by the feature `cortex-m-dsp` for
//! Armv8-M cores that have it. So is Helium, by the feature `cortex-m-helium`.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!(
        "cargo:rustc-check-cfg=cfg(bellwether_dsp,bellwether_dsp_said,bellwether_helium,bellwether_neon,bellwether_thumb,bellwether_x86)"
    );
    let target = env::var("TARGET").unwrap_or_default();
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let has = |wanted: &str| features.split(',').any(|feature| feature == wanted);
    let said = env::var_os("CARGO_FEATURE_CORTEX_M_DSP").is_some();
    let armv8 = target.starts_with("thumbv8m.main-");
    // Vectors share the registers of floating point, which start-up code enables on these targets only.
    let vectors = env::var_os("CARGO_FEATURE_CORTEX_M_HELIUM").is_some();
    let helium = vectors && target == "thumbv8m.main-none-eabihf";
    if helium {
        println!("cargo:rustc-cfg=bellwether_helium");
    }
    let dsp = !helium && (target.starts_with("thumbv7em-") || armv8 && (said || has("dsp")));
    if dsp {
        println!("cargo:rustc-cfg=bellwether_dsp");
    }
    if !helium && !dsp && (armv8 || target.starts_with("thumbv7m-")) {
        println!("cargo:rustc-cfg=bellwether_thumb");
    }
    if !helium && armv8 && said {
        println!("cargo:rustc-cfg=bellwether_dsp_said");
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
