//! `bellwether compare` and `bellwether device` as a shell sees them; boards run in
//! `cargo verify qemu`.

use std::fs;
use std::process::{Command, Output};

fn bellwether(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Broken if a difference could pass for equality, or for wrong use.
#[test]
fn exit_codes_tell_equal_from_different_from_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let a = file("a", "{\"tick\":3,\"flagged\":[]}\n");
    let b = file("b", "{\"tick\":3,\"flagged\":[{\"variable\":\"x\"}]}\n");
    let points = file("c", "tick,timestamp,variable,value\n");
    let run = |x: &str, y: &str| {
        let output = bellwether(&["compare", x, y]);
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), said)
    };
    assert_eq!(run(&a, &a), (Some(0), "equal: 1 records\n".to_owned()));
    let (code, said) = run(&a, &b);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("tick 3: flagged[0]"), "{said}");
    assert_eq!(run(&a, &points).0, Some(2));
    assert_eq!(run(&a, "no-such-file").0, Some(2));
}

#[test]
fn boards_are_listed_and_unknown_ones_refused() {
    let listed = String::from_utf8(bellwether(&["device", "list"]).stdout).unwrap();
    assert!(
        listed.contains("qemu-microbit") && listed.contains("Cortex-M0"),
        "{listed}"
    );
    let refused = bellwether(&["device", "run", "-", "--board", "x"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("no such board; there are qemu-mps2-an386"),
        "{said}"
    );
}

#[test]
fn every_command_has_a_worked_example() {
    for command in [
        "run",
        "report",
        "demo",
        "compare",
        "score",
        "cost",
        "device",
        "device run",
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = String::from_utf8(bellwether(&words).stdout).unwrap();
        assert!(help.contains("Example: bellwether "), "{command}: {help}");
    }
}

/// Broken by a command whose default is another detector.
#[test]
fn the_sentinel_is_the_default_everywhere() {
    for command in ["run", "report", "demo", "device run"] {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = String::from_utf8(bellwether(&words).stdout).unwrap();
        assert!(help.contains("[default: sentinel]"), "{command}: {help}");
    }
}

/// Broken by a preset that reaches the build of the firmware and fails there.
#[test]
fn a_board_has_three_presets() {
    let board = ["device", "run", "x.csv", "--board", "qemu-mps2-an386"];
    let refused = bellwether(&[&board[..], &["--preset", "huge"]].concat());
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("default, small, tiny"), "{said}");
}
