//! Models over rows that lack an input: few more false alarms than with all of them.

use crate::command_train_faults::{Stream, alarms, trained};
use bellwether_sim::recording::Table;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The promise: false alarms with an input missing, of those with none.
fn allowed(none: usize) -> usize {
    2 * none + 3
}

/// Broken by the training mean in the place of a missing input: 9 of 10 healthy rows alarm.
#[test]
fn an_input_missing_throughout_alarms_little() {
    let folder = tempfile::tempdir().unwrap();
    let text = Stream::new(1200, 1).csv(|_, _| false);
    let (_, model) = trained(folder.path(), "clean", &text, &[]);
    let healthy = Stream::new(800, 2);
    let none = alarms(&model, &healthy.csv(|_, _| false)).len();
    assert!(none <= 8, "{none}");
    for lost in 0..4 {
        let count = alarms(&model, &healthy.csv(|_, k| k == lost)).len();
        assert!(count <= allowed(none), "t{lost}: {count}, {none} with all");
        // The others are watched on.
        let other = (lost + 1) % 4;
        let faulty = Stream::new(800, 2).with(other, 300..320, 12.0);
        let rows = alarms(&model, &faulty.csv(|_, k| k == lost));
        let inside = rows.iter().filter(|row| (300..320).contains(*row)).count();
        assert_eq!(inside, 20, "t{lost}");
    }
}

fn node(name: &str) -> Option<PathBuf> {
    let data = std::env::var_os("BELLWETHER_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = data.join(format!("m100/{name}.csv.gz"));
    if path.exists() {
        return Some(path);
    }
    let required = ["CI", "BELLWETHER_REQUIRE_DATA"];
    let is_free = required.iter().all(|name| std::env::var_os(name).is_none());
    assert!(
        is_free,
        "{} is absent, and data is required",
        path.display()
    );
    eprintln!("skipped: no data (m100/{name}.csv.gz)");
    None
}

/// The same on a node of Marconi100, every twelfth column in turn.
#[test]
fn an_input_of_a_node_may_be_missing() {
    let Some(path) = node("node104") else { return };
    let table = Table::read(&path).unwrap();
    let healthy: Vec<usize> = (0..table.len())
        .filter(|row| !table.is_anomalous(*row))
        .collect();
    let (first, later) = healthy.split_at(1_000);
    let csv = |rows: &[usize], lost: Option<usize>| {
        let mut text = format!("timestamp,{}\n", table.names.join(","));
        for row in rows {
            let _ = write!(text, "{}", 900 * row);
            for (k, x) in table.row(*row).iter().enumerate() {
                let there = x.is_finite() && lost != Some(k);
                let field = if there { x.to_string() } else { String::new() };
                let _ = write!(text, ",{field}");
            }
            text.push('\n');
        }
        text
    };
    let folder = tempfile::tempdir().unwrap();
    let few = ["--epochs", "30"];
    let (_, model) = trained(folder.path(), "node", &csv(first, None), &few);
    let none = alarms(&model, &csv(later, None)).len();
    for lost in (0..table.names.len()).step_by(12) {
        let count = alarms(&model, &csv(later, Some(lost))).len();
        let name = &table.names[lost];
        assert!(count <= allowed(none), "{name}: {count}, {none} with all");
    }
}
