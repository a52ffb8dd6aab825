//! The fuzzer: `BELLWETHER_FUZZ` names the target; arguments are libFuzzer's.

#![no_main]

use bellwether_fuzz::{TARGETS, Target};
use std::sync::OnceLock;

static TARGET: OnceLock<&Target> = OnceLock::new();

fn chosen() -> &'static Target {
    let name = std::env::var("BELLWETHER_FUZZ").unwrap_or_default();
    let found = TARGETS.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!(
            "BELLWETHER_FUZZ=`{name}`: expected one of {}",
            names.join(", ")
        );
        std::process::exit(2)
    })
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| (TARGET.get_or_init(chosen).run)(data));
