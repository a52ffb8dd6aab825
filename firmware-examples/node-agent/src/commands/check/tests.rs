use super::*;
use crate::outputs::{check, testing};
use std::sync::Arc;

fn brief(change: impl FnOnce(&mut crate::status::Status)) -> Brief {
    let mut status = testing::status();
    change(&mut status);
    Brief::new(&status)
}

fn judged(brief: &Brief) -> (Answer, String) {
    judge(brief, brief.at_ms + 30_000, 180, Least::Warning)
}

/// Broken if a finding is not told, or no finding looks like one.
#[test]
fn findings_are_told_the_worst_first() {
    let one = judged(&brief(|_| {}));
    let line = "warning anomaly: hwmon: temp1:Tctl is 81.5 °C, usual is 47.25 °C";
    assert_eq!(one, (Answer::Finding, line.into()));
    let two = brief(|status| {
        let mut worse = testing::event();
        (worse.severity, worse.message) = (Severity::Critical, "fan1 stands still".into());
        status.active.push(worse);
    });
    let line = "+1 critical anomaly: fan1 stands still";
    assert_eq!(judged(&two), (Answer::Finding, line.into()));
    let none = brief(|status| status.active.clear());
    assert_eq!(
        judged(&none),
        (Answer::Fine, "ok, 4 channels, 25.0 % unusual".into())
    );
    let info = brief(|status| status.active[0].severity = Severity::Info);
    assert_eq!(judged(&info).0, Answer::Fine);
    assert_eq!(
        judge(&info, info.at_ms, 180, Least::Info).0,
        Answer::Finding
    );
    let silenced = brief(|status| status.silenced = true);
    assert_eq!(
        judged(&silenced),
        (Answer::Fine, "silenced, 1 findings".into())
    );
    let learning = brief(|status| {
        status.active.clear();
        status.groups[0].warming = 9;
    });
    assert_eq!(
        judged(&learning),
        (Answer::Fine, "ok, learning 4 channels".into())
    );
}

/// Broken if an agent that is gone looks healthy, or a clock that is wrong like a finding.
#[test]
fn an_old_state_is_unknown() {
    let brief = brief(|_| {});
    for now in [brief.at_ms + 181_000, brief.at_ms - 200_000, 0, u64::MAX] {
        let (answer, line) = judge(&brief, now, 180, Least::Warning);
        assert_eq!(answer, Answer::Unknown, "{line}");
        assert!(short(&line).len() <= LINE);
    }
}

/// Broken if the line is longer than its reader takes, has more lines, or is cut inside of a character.
#[test]
fn the_line_is_one_and_short() {
    for message in [
        "x".repeat(500),
        "é".repeat(500),
        "€".repeat(79),
        "a\nb\r\0c".into(),
    ] {
        let brief = brief(|status| status.active[0].message = message);
        let line = short(&judged(&brief).1);
        assert!(line.len() <= 80 && line.len() > 10, "{line}");
        assert!(!line.chars().any(char::is_control), "{line}");
    }
}

/// Broken if the program's exit code or line is another than node-problem-detector expects, whatever the file is.
#[test]
fn the_files_that_a_check_may_find() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("check.json");
    let arguments = |path: &Path| Arguments {
        config: ConfigArgument::default(),
        file: Some(path.into()),
        severity: Least::Warning,
        stale: 180,
    };
    let unknown = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        let error = read(&arguments(&path)).unwrap_err();
        assert!(!format!("{error:#}").is_empty());
    };
    let huge = [&b"{\"at_ms\":1,\"x\":\""[..], &vec![b'x'; 3 << 20], b"\"}"].concat();
    for content in [
        &b""[..],
        b"{",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"{\"at_ms\":-1}",
        &huge,
    ] {
        unknown(content);
    }
    assert!(read(&arguments(folder.path())).is_err());
    let missing = read(&arguments(&folder.path().join("missing"))).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("no state; is the agent running?")
    );
    let mut sink = check::open(&check::Settings { path: path.clone() }).unwrap();
    let status = Arc::new(testing::status());
    sink.show(&status).unwrap();
    assert_eq!(read(&arguments(&path)).unwrap(), Brief::new(&status));
}

/// Broken if the configuration that is shipped asks for another command, or keeps less of the line.
#[test]
fn the_shipped_plugin_runs_this_command() {
    let shipped = include_str!("../../../dist/npd/bellwether.json");
    let shipped: serde_json::Value = serde_json::from_str(shipped).unwrap();
    assert_eq!(shipped["plugin"], "custom");
    assert_eq!(shipped["pluginConfig"]["max_output_length"], LINE);
    let conditions = shipped["conditions"].as_array().unwrap();
    let rules = shipped["rules"].as_array().unwrap();
    for rule in rules {
        let known = conditions
            .iter()
            .any(|condition| condition["type"] == rule["condition"]);
        assert!(known || rule["type"] == "temporary", "{rule}");
        assert!(
            rule["path"]
                .as_str()
                .unwrap()
                .ends_with("/bellwether-agent")
        );
        let mut words = vec!["bellwether-agent"];
        words.extend(
            rule["args"]
                .as_array()
                .unwrap()
                .iter()
                .map(|word| word.as_str().unwrap()),
        );
        let parsed = <super::super::Line as clap::Parser>::try_parse_from(words).unwrap();
        assert!(matches!(parsed.command, super::super::Command::Check(_)));
    }
}
