//! `bellwether demo`: what a stranger sees first.

use crate::common::run;

/// The lines of a demonstration.
fn demo(arguments: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let arguments = [&["demo", "-o", output], arguments].concat();
    let output = run(&arguments, "");
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

/// Each fault as injected, with the time of its onset, and the alarm or complaint about it.
const FAULTS: [(&str, &str, &str); 4] = [
    ("2026-01-06 10:00", "fan degradation", "fan_rpm"),
    ("2026-01-06 17:0", "sensor stuck", "core2_c"),
    ("2026-01-07 06:40", "spike", "package_c"),
    (
        "2026-01-07 15:00",
        "power-temperature decoupling",
        "power_w",
    ),
];

/// Broken by a fault without an event of its own, by one that names other variables, and by a first
/// screen with more than that.
#[test]
fn the_first_screen_lists_all_four_faults_as_found() {
    let lines = demo(&[]);
    assert!(lines.len() < 30, "{lines:#?}");
    assert!(
        lines[0].contains("sentinel with learn=1440"),
        "{}",
        lines[0]
    );
    let events = lines
        .iter()
        .position(|line| line.ends_with(" alarms"))
        .unwrap();
    let injected = lines
        .iter()
        .position(|line| line == "Injected faults:")
        .unwrap();
    for (time, fault, variable) in FAULTS {
        let mut of_events = lines[events..injected].iter();
        let event = of_events.find(|line| line.contains(time)).expect(fault);
        assert!(
            event.starts_with("  critical") || event.starts_with("  stuck"),
            "{event}"
        );
        assert!(event.contains(&format!(": {variable}")), "{event}");
        let mut outcomes = lines[injected..].iter();
        let outcome = outcomes.find(|line| line.contains(fault)).expect(fault);
        assert!(outcome.contains("  FOUND: "), "{outcome}");
    }
}

/// Broken if RoLA's vote is not shown any more, or another detector is taken for it.
#[test]
fn rola_is_a_word_away_and_others_are_refused() {
    let lines = demo(&["--detector", "rola"]);
    let about = lines.iter().find(|line| line.contains("fan degradation"));
    assert!(about.unwrap().contains("confirmed by the vote"));
    let refused = run(&["demo", "--detector", "sigma"], "");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("[possible values: sentinel, rola]"), "{said}");
}
