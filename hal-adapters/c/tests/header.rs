//! The committed headers are those of the source, and pass strict compilers of C99 and C++.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// In the order of the header.
const SOURCES: [&str; 8] = [
    "code", "config", "verdict", "detector", "snapshot", "model", "name", "sizes",
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a file with its wanted text, or writes it if BELLWETHER_BLESS is set.
fn check(path: &Path, wanted: &str) {
    if env::var_os("BELLWETHER_BLESS").is_some() {
        fs::write(path, wanted).unwrap();
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    let differing = found
        .lines()
        .zip(wanted.lines())
        .find(|(found, wanted)| found != wanted);
    assert!(
        found == wanted,
        "{}: not that of the source, first at {differing:?}; BELLWETHER_BLESS=1 cargo test -p bellwether-c writes it",
        path.display()
    );
}

/// Broken by a change of a function, a member or a code without its header.
#[test]
fn the_header_is_that_of_the_source() {
    let config = cbindgen::Config::from_file(folder().join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for name in SOURCES {
        builder = builder.with_src(folder().join(format!("src/{name}.rs")));
    }
    let mut text = Vec::new();
    builder.generate().unwrap().write(&mut text);
    let text = String::from_utf8(text).unwrap();
    check(&folder().join("include/bellwether.h"), &text);
}

/// Broken by a size that changed on this machine. The archive of these tests has the default capacities.
#[test]
fn the_sizes_are_those_of_an_archive_with_the_defaults() {
    if !cfg!(target_arch = "x86_64") {
        println!("skipped: the committed sizes are those of x86-64");
        return;
    }
    let mut text = fs::read_to_string(folder().join("include/bellwether_sizes.h.in")).unwrap();
    for (name, value) in [
        ("variables", bellwether_c::bw_variables() as usize),
        ("state_bytes", bellwether_c::bw_state_bytes()),
        ("state_align", bellwether_c::bw_state_align()),
        ("snapshot_max", bellwether_c::bw_snapshot_max()),
        ("model_variables", bellwether_c::MODEL_VARIABLES),
        ("model_window", bellwether_c::MODEL_WINDOW),
        ("model_arena", bellwether_c::MODEL_ARENA),
        ("model_bytes", bellwether_c::bw_model_bytes()),
    ] {
        text = text.replace(&format!("@{name}@"), &value.to_string());
    }
    assert!(!text.contains('@'), "{text}");
    check(&folder().join("include/bellwether_sizes.h"), &text);
}

/// Broken by a header that needs another include before it, an extension of a compiler, or a word of C++.
#[test]
fn strict_compilers_take_the_header() {
    let strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"];
    let output = tempfile::tempdir().unwrap();
    for (compiler, standard, file) in [
        ("gcc", "-std=c99", "a.c"),
        ("g++", "-std=c++11", "a.cpp"),
        ("g++", "-std=c++20", "b.cpp"),
    ] {
        let source = output.path().join(file);
        fs::write(&source, PROGRAM).unwrap();
        let run = Command::new(compiler)
            .arg(standard)
            .args(strict)
            .arg("-I")
            .arg(folder().join("include"))
            .arg(&source)
            .output();
        let run = match run {
            Ok(run) => run,
            Err(error) if env::var_os("BELLWETHER_REQUIRE_DATA").is_none() => {
                println!("skipped: {compiler}: {error}");
                continue;
            }
            Err(error) => panic!("{compiler}: {error}"),
        };
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{compiler} {standard}:\n{said}");
    }
}

/// A program of every type and most functions.
const PROGRAM: &str = r#"
#include "bellwether.h"

static bw_detector detector;
static bw_model model;
static uint8_t snapshot[BW_SNAPSHOT_MAX];

int main(void) {
  bw_config config;
  bw_verdict verdict;
  bw_complaint complaint;
  size_t used = 0;
  float frame[BW_VARIABLES] = {0};
  int32_t code = bw_config_default(&config);
  config.learn_rows = 100;
  verdict.size = sizeof verdict;
  code |= bw_init(&detector, sizeof detector, &config, NULL, 0);
  code |= bw_learn(&detector, frame, BW_VARIABLES);
  code |= bw_observe(&detector, frame, BW_VARIABLES, &verdict);
  code |= bw_complaint_of(&detector, 0, &complaint);
  code |= bw_save(&detector, snapshot, sizeof snapshot, &used);
  code |= bw_restore(&detector, snapshot, used);
  code |= bw_model_init(&model, sizeof model, snapshot, used);
  code |= bw_model_observe(&model, frame, BW_MODEL_VARIABLES, &verdict);
  return code == BW_OK && bw_abi_version() == BW_ABI_VERSION && bw_state_name(verdict.state) != NULL ? 0 : 1;
}
"#;
