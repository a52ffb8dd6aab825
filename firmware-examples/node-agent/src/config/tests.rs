use super::*;
use std::os::unix::fs::PermissionsExt as _;

/// The lines about a configuration that is wrong.
fn wrong(text: &str) -> Vec<String> {
    Config::parse(text).expect_err("wrong").0
}

/// Broken if one error hid the others, or its line or key were those of another.
#[test]
fn all_errors_come_at_once_with_line_and_key() {
    let text = "[agent]\nperiod_ms = \"often\"\nnoed = \"a\"\nnice = 4.5\n\n[agnet]\nnode = \"b\"\n\n[judge]\nlearn = -3\n";
    let lines = wrong(text);
    for (line, key) in [
        (2, "agent.period_ms"),
        (3, "agent.noed"),
        (4, "agent.nice"),
        (6, "agnet"),
        (10, "judge.learn"),
    ] {
        let start = format!("line {line}: {key}: ");
        assert_eq!(
            lines.iter().filter(|line| line.starts_with(&start)).count(),
            1,
            "{start}{lines:#?}"
        );
    }
    assert_eq!(lines.len(), 5, "{lines:#?}");
}

/// Broken if a value out of its range were taken, or its line were missing.
#[test]
fn ranges_have_a_line_and_what_is_allowed() {
    let text = "[agent]\nperiod_ms = 5\nnice = -1\n\nwait_ms = 4000000000\ncpus = [1,\n 5000]\nstate = \"here\"\nnode = \"a/b\"";
    let lines = wrong(text);
    let expected = [
        "line 2: agent.period_ms = 5: 10 to 60000",
        "line 5: agent.wait_ms = 4000000000: 1 to 5",
        "line 3: agent.nice = -1: 0 to 19",
        "line 6: agent.cpus = 5000: 0 to 1023",
        "line 9: agent.node = \"a/b\": at most 253 bytes without spaces and /+#",
        "line 8: agent.state = \"here\": a path from /",
    ];
    for line in expected {
        assert!(
            lines.iter().any(|found| found.starts_with(line)),
            "{line}: {lines:#?}"
        );
    }
}

/// Broken if a hostile value were taken, made a long line, or took the program down.
#[test]
fn hostile_values_get_one_short_line() {
    let huge = "x".repeat(500_000);
    let values = [
        "-1",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "1e308",
        "nan",
        "inf",
        "-inf",
        "\"\"",
        "[]",
        "{}",
        "{ a = 1 }",
        "true",
        "1979-05-27",
        "\"\\u0000\"",
        "[[[[[[1]]]]]]",
    ];
    for key in [
        "period_ms",
        "wait_ms",
        "save_ms",
        "nice",
        "job_file_of_anyone",
        "scheduler",
        "cpus",
    ] {
        for value in values.into_iter().chain([format!("\"{huge}\"").as_str()]) {
            let good = matches!(
                (key, value),
                ("job_file_of_anyone", "true") | ("cpus", "[]")
            );
            let text = format!("[agent]\n{key} = {value}\n");
            match Config::parse(&text) {
                Ok(_) => assert!(good, "{key} = {value:.40}"),
                Err(errors) => {
                    let line = &errors.0[0];
                    assert!(
                        line.starts_with("line 2: ") && line.len() < 1000,
                        "{line:.200}"
                    );
                    assert!(!line.contains(char::is_control), "{line:?}");
                }
            }
        }
    }
    for text in [
        format!("[{huge}]"),
        format!("{huge} = 1"),
        "[agent".to_owned(),
        "\u{0}".to_owned(),
        "=".repeat(9000),
    ] {
        let lines = wrong(&text);
        assert!(
            lines.iter().all(|line| line.len() < 1000),
            "{:.80}",
            lines[0]
        );
    }
    let deep = format!("a = {}", "[".repeat(100_000));
    assert!(!wrong(&deep).is_empty());
}

/// Broken if a file that is no text, is huge, is missing or is others' were taken or told without its name.
#[test]
fn files_are_refused_with_their_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("agent.toml");
    let said = |content: &[u8]| {
        std::fs::write(&path, content).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("allowed");
        read(&path).map(|_| ()).map_err(|errors| errors.to_string())
    };
    let name = path.display();
    assert_eq!(said(b"[agent]\nnice = 3\n"), Ok(()));
    assert_eq!(
        said(b"[agent]\nnode = \"\xff\"\n"),
        Err(format!("{name}: line 2: not UTF-8"))
    );
    assert_eq!(
        said(&vec![b'#'; 2 << 20]),
        Err(format!("{name}: more than 1048576 bytes"))
    );
    let two = said(b"[agent]\nnice = 30\nperiod_ms = 1\n").expect_err("wrong");
    assert_eq!(
        two.lines()
            .filter(|line| line.starts_with(&format!("{name}: line ")))
            .count(),
        two.lines().count()
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).expect("allowed");
    let line = read(&path).expect_err("refused").to_string();
    assert!(
        line.contains("chmod go-w") && line.starts_with(&name.to_string()),
        "{line}"
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("allowed");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o770))
        .expect("allowed");
    assert!(
        read(&path)
            .expect_err("refused")
            .to_string()
            .contains("chmod go-w"),
        "its folder"
    );
    std::fs::remove_file(&path).expect("there");
    assert!(
        read(&path)
            .expect_err("not there")
            .to_string()
            .contains("No such file")
    );
}

mod documented;
mod keys;
