//! `bellwether man` and `completions`: both know every subcommand.

use std::fs;
use std::process::{Command, Output};

fn bellwether(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Broken if a subcommand has no page, or a page says nothing of its options.
#[test]
fn the_manual_has_a_page_for_each_subcommand() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("man1");
    let output = bellwether(&["man", "-o", path.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let page = |name: &str| fs::read_to_string(path.join(name)).unwrap();
    for name in [
        "bellwether.1",
        "bellwether-run.1",
        "bellwether-model-train.1",
    ] {
        assert!(page(name).starts_with(".ie"), "{name}");
    }
    assert!(page("bellwether-run.1").contains("detector"));
    assert!(!path.join("bellwether-stream.1").exists(), "a hidden one");
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = bellwether(&["completions", shell]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && said.contains("device"),
            "{shell}"
        );
    }
    assert_eq!(bellwether(&["completions", "dos"]).status.code(), Some(2));
}
