//! `bellwether export`: wrong use is refused before anything is compiled. `cargo verify c` compiles.

use crate::common::bellwether;
use std::path::Path;

fn refused(arguments: &[&str], folder: &Path) -> String {
    let mut command = bellwether(&["export", "c"]);
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Broken by a refusal that does not name the option, or comes after the build.
#[test]
fn wrong_use_names_the_option() {
    let folder = tempfile::tempdir().unwrap();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let usual = ["--source", root, "-o", "out", "--target"];
    for (more, said) in [
        (&["cortex-m4f"][..], "--variables"),
        (&["avr", "--variables", "5"], "cortex-m4f"),
        (&["host", "--variables", "513"], "--variables"),
        (&["host", "--variables", "5", "--preset", "big"], "--preset"),
        (
            &["host", "--variables", "5", "--layout", "zephyr"],
            "--layout zephyr",
        ),
        (
            &["cortex-m4f", "--variables", "5", "--layout", "esp-idf"],
            "esp32c3",
        ),
        (&["host", "--model", "none.bwm"], "none.bwm"),
    ] {
        let arguments: Vec<&str> = usual.iter().chain(more).copied().collect();
        let error = refused(&arguments, folder.path());
        assert!(error.contains(said), "{said}: {error}");
    }
    assert!(!folder.path().join("out").exists());
}

/// Broken by a program that is installed, and does not say what it lacks.
#[test]
fn without_the_sources_it_says_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let usual = ["--target", "host", "--variables", "5", "-o", "out"];
    let error = refused(&usual, folder.path());
    assert!(
        error.contains("--source DIR") && error.contains("cargo"),
        "{error}"
    );
    let named: Vec<&str> = usual.iter().copied().chain(["--source", "."]).collect();
    let error = refused(&named, folder.path());
    assert!(error.contains("hal-adapters/c/Cargo.toml"), "{error}");
}
