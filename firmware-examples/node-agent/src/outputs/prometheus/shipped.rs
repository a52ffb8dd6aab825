//! The shipped rules and dashboard, held against the metrics that are written.

use crate::outputs::testing;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const RULES: &str = include_str!("../../../dist/prometheus/bellwether.rules.yml");
const DASHBOARD: &str = include_str!("../../../dist/grafana/bellwether.json");

/// Metrics of node_exporter that are joined with.
const JOINED: [&str; 1] = ["node_hwmon_temp_celsius"];

/// The names of all metrics that a state can have.
fn written() -> BTreeSet<String> {
    let mut page = Vec::new();
    super::write(&testing::status(), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    let name = |line: &str| line.split(['{', ' ']).next().unwrap_or_default().to_owned();
    samples.map(name).collect()
}

/// Names of metrics in an expression, those of recording rules with their colons.
fn named(expression: &str) -> BTreeSet<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let words = expression.split(|c| !plain(c));
    let ours = |word: &&str| word.contains("bellwether_") || word.starts_with("node_");
    words.filter(ours).map(str::to_owned).collect()
}

fn recorded() -> BTreeSet<String> {
    let records = RULES
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record: "));
    records.map(str::to_owned).collect()
}

fn check(expression: &str) {
    let (written, recorded) = (written(), recorded());
    for name in named(expression) {
        let known = written.contains(&name) || recorded.contains(&name);
        assert!(known || JOINED.contains(&&*name), "{name} in {expression}");
    }
}

/// Everything with the name `expr` in a tree.
fn expressions<'a>(tree: &'a Value, into: &mut Vec<&'a str>) {
    match tree {
        Value::Array(items) => items.iter().for_each(|item| expressions(item, into)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "expr" => into.push(text),
                    value => expressions(value, into),
                }
            }
        }
        _ => {}
    }
}

/// Runs promtool in a folder; nothing where it is missing.
fn promtool(arguments: &[&str], folder: &Path) {
    let Some(mut promtool) = testing::program("promtool") else {
        return;
    };
    let done = promtool
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let (out, error) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    assert!(done.status.success(), "{arguments:?}: {out}{error}");
}

fn shipped() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/prometheus")
}

/// Broken if a rule names a metric that nobody writes, is no PromQL, or does not fire as its tests say.
#[test]
fn the_rules_fire_as_they_should() {
    // Comments have no metrics, and a record is named by itself.
    for line in RULES.lines().filter(|line| !line.trim().starts_with('#')) {
        check(line);
    }
    promtool(&["check", "rules", "bellwether.rules.yml"], &shipped());
    promtool(&["test", "rules", "bellwether.rules.test.yml"], &shipped());
}

/// Broken if an alert has no test, no severity or nothing to do for the one who sees it, or pages somebody.
#[test]
fn every_alert_is_tested_and_explained() {
    let tests = std::fs::read_to_string(shipped().join("bellwether.rules.test.yml")).unwrap();
    let mut alerts = 0;
    for part in RULES.split("- alert: ").skip(1) {
        let name = part.lines().next().unwrap();
        let fires = tests.split("alertname: ").skip(1).any(|test| {
            test.lines().next() == Some(name)
                && test
                    .lines()
                    .nth(1)
                    .is_some_and(|line| line.trim() == "exp_alerts:")
        });
        assert!(fires, "{name}: no test in which it fires");
        for key in ["expr: ", "summary: ", "description: ", "runbook: "] {
            assert!(part.contains(key), "{name}: {key}");
        }
        let severity = part
            .split("severity: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        assert!(
            matches!(severity, Some("warning" | "info")),
            "{name}: {severity:?}"
        );
        alerts += 1;
    }
    assert!(alerts >= 8, "{alerts}");
}

/// Broken if Grafana could not load the dashboard: this is the part of its schema that it needs.
#[test]
fn the_dashboard_has_what_grafana_needs() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let uid = dashboard["uid"].as_str().unwrap();
    assert!(
        !uid.is_empty() && uid.len() <= 40 && !uid.contains('/'),
        "{uid}"
    );
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 36);
    assert!(!dashboard["title"].as_str().unwrap().is_empty());
    assert!(dashboard["time"]["from"].is_string() && dashboard["time"]["to"].is_string());
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let source = variables
        .iter()
        .find(|variable| variable["type"] == "datasource")
        .unwrap();
    assert_eq!(
        (&source["name"], &source["query"]),
        (&"datasource".into(), &"prometheus".into())
    );
    let mut identities = BTreeSet::new();
    let mut taken = BTreeSet::new();
    let panels = dashboard["panels"].as_array().unwrap();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(
            identities.insert(panel["id"].as_u64().unwrap()),
            "{title}: id"
        );
        let place = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        let (x, y, w, h) = (place("x"), place("y"), place("w"), place("h"));
        assert!(w > 0 && h > 0 && x + w <= 24, "{title}");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(
                taken.insert(cell),
                "{title}: over another panel at {cell:?}"
            );
        }
        let kind = panel["type"].as_str().unwrap();
        assert!(
            ["row", "stat", "timeseries", "table"].contains(&kind),
            "{title}: {kind}"
        );
        if kind == "row" {
            continue;
        }
        assert!(panel["fieldConfig"]["defaults"].is_object() && panel["options"].is_object());
        assert!(!panel["description"].as_str().unwrap().is_empty());
        let mut letters = BTreeSet::new();
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{title}");
        for of in targets.iter().chain([panel]) {
            assert_eq!(of["datasource"]["uid"], "${datasource}", "{title}");
            assert_eq!(of["datasource"]["type"], "prometheus", "{title}");
        }
        for target in targets {
            assert!(letters.insert(target["refId"].as_str().unwrap()), "{title}");
            assert!(!target["expr"].as_str().unwrap().is_empty(), "{title}");
        }
    }
    assert!(panels.len() > 10);
}

/// Broken if a panel names a metric that nobody writes, a variable that there is not, or is no PromQL.
#[test]
fn the_dashboard_asks_for_metrics_that_are_written() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut all = Vec::new();
    expressions(&dashboard, &mut all);
    assert!(all.len() > 20);
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    for variable in variables {
        if let Some(query) = variable["definition"].as_str() {
            check(query);
        }
    }
    let mut rules = "groups:\n- name: dashboard\n  rules:\n".to_owned();
    for (number, expression) in all.into_iter().enumerate() {
        check(expression);
        let mut plain = expression.to_owned();
        for variable in variables {
            plain = plain.replace(&format!("${}", variable["name"].as_str().unwrap()), ".+");
        }
        assert!(!plain.contains('$'), "{plain}");
        rules += &format!("  - record: panel:{number}\n    expr: '{plain}'\n");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dashboard.yml"), rules).unwrap();
    promtool(&["check", "rules", "dashboard.yml"], folder.path());
    // The page of what there is and the shipped files know each other both ways.
    for metric in [
        "bellwether_upper_bound",
        "bellwether_lower_bound",
        "bellwether_events_total",
    ] {
        assert!(DASHBOARD.contains(metric), "{metric}");
    }
}
