//! The file `agent.toml` against the structures: every key is in it, with its default.

use super::*;
use std::collections::BTreeSet;
use toml::{Table, Value};

const FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/agent.toml"));

/// The file with everything that is off or an example turned on.
fn all_on() -> String {
    let on = FILE.lines().map(|line| match line.strip_prefix('#') {
        Some(off) if off.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => off,
        _ => line,
    });
    on.collect::<Vec<_>>().join("\n")
}

/// Paths of all keys of a document.
fn written(table: &Table, path: &str, into: &mut BTreeSet<String>) {
    for (name, value) in table {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        into.insert(path.clone());
        match value {
            Value::Table(table) => written(table, &path, into),
            Value::Array(items) => {
                items
                    .iter()
                    .filter_map(Value::as_table)
                    .for_each(|table| written(table, &path, into));
            }
            _ => {}
        }
    }
}

/// Broken by a key that nobody documented, or a documented one that is gone.
#[test]
fn every_key_is_in_the_file() {
    let (expected, mut found) = (keys::all(), BTreeSet::new());
    written(&all_on().parse().expect("TOML"), "", &mut found);
    let missing: Vec<_> = expected.difference(&found).collect();
    let gone: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not in agent.toml: {missing:?}; unknown: {gone:?}"
    );
}

/// Broken by a default that was changed without the file: as it is, the file is the defaults.
#[test]
fn the_file_is_the_defaults() {
    let config = Config::parse(FILE).expect("a good file");
    assert_eq!(format!("{config:#?}"), format!("{:#?}", Config::default()));
}

/// Broken by a documented default that is none: a key that is taken away changes nothing, unless it is needed.
#[test]
fn every_key_that_is_off_has_its_default() {
    let table: Table = all_on().parse().expect("TOML");
    let config: Config = table.clone().try_into().expect("a good file");
    let all = format!("{config:?}");
    let mut paths = BTreeSet::new();
    written(&table, "", &mut paths);
    for path in paths {
        let mut without = table.clone();
        let Some(removed) = remove(&mut without, &path) else {
            continue;
        };
        if let Ok(config) = without.try_into::<Config>() {
            // A marked example is not a default.
            let example = FILE.lines().any(|line| {
                let key = path.rsplit('.').next().unwrap_or_default();
                line.trim_start_matches('#')
                    .starts_with(&format!("{key} = "))
                    && line.contains("# example")
            });
            assert!(
                format!("{config:?}") == all || example,
                "{path} = {removed} is not the default"
            );
        }
    }
}

/// Takes a plain key out of a document; `None` for sections and what is inside of arrays.
fn remove(table: &mut Table, path: &str) -> Option<Value> {
    match path.split_once('.') {
        Some((name, rest)) => remove(table.get_mut(name)?.as_table_mut()?, rest),
        None if table.get(path)?.is_table() => None,
        None => {
            let tables = |items: &Vec<Value>| items.iter().any(Value::is_table);
            if table.get(path)?.as_array().is_some_and(tables) {
                return None;
            }
            table.remove(path)
        }
    }
}
