//! Names of columns: variables chosen by name or pattern, and the limits of a table.

use super::Problem;
use std::collections::{HashMap, HashSet};
use wildmatch::WildMatch;

/// Largest number of variables of a recording. An ensemble has a smaller limit of its own.
pub const MOST: usize = 4_096;

/// Largest number of columns of a table, of which variables can be chosen.
pub const WIDEST: usize = 65_536;

/// Checks the number of variables.
///
/// # Errors
/// There are none, or too many.
pub fn within(names: Vec<String>) -> Result<Vec<String>, Problem> {
    match names.len() {
        0 => Err(Problem::NoVariables),
        1..=MOST => Ok(names),
        found => Err(Problem::TooManyVariables { found }),
    }
}

/// The places of variables among names.
///
/// # Errors
/// There is no such name.
pub fn places<N: AsRef<str>>(
    names: &[String],
    wanted: impl IntoIterator<Item = N>,
) -> Result<Vec<usize>, Problem> {
    let place = |name: N| {
        let found = names.iter().position(|known| known == name.as_ref());
        found.ok_or_else(|| unknown(names, name.as_ref()))
    };
    wanted.into_iter().map(place).collect()
}

fn unknown(names: &[String], name: &str) -> Problem {
    Problem::NoColumn {
        name: name.to_owned(),
        there: names.to_vec(),
    }
}

/// The place of a column; its name may be spelled in other cases.
///
/// # Errors
/// There is no such name.
pub fn place(names: &[String], wanted: &str) -> Result<usize, Problem> {
    let exact = names.iter().position(|name| name == wanted);
    let alike = || {
        names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(wanted))
    };
    exact.or_else(alike).ok_or_else(|| unknown(names, wanted))
}

/// The places of all names that a list of names and patterns matches, in the order of the list; an
/// exact name is no pattern.
///
/// # Errors
/// One of the list matches no name.
pub fn matching(names: &[String], wanted: &[String]) -> Result<Vec<usize>, Problem> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for text in wanted {
        let exact = names.iter().position(|name| name == text);
        let pattern = WildMatch::new(text);
        let places: Vec<usize> = match exact {
            Some(place) => vec![place],
            None => {
                let all = names.iter().enumerate();
                all.filter(|(_, name)| pattern.matches(name))
                    .map(|(k, _)| k)
                    .collect()
            }
        };
        if places.is_empty() {
            return Err(unknown(names, text));
        }
        found.extend(places.into_iter().filter(|place| seen.insert(*place)));
    }
    Ok(found)
}

/// Checks that columns have distinct names.
///
/// # Errors
/// A name is empty, or used twice.
pub fn distinct(names: &[String]) -> Result<(), Problem> {
    if let Some(k) = names.iter().position(String::is_empty) {
        return Err(Problem::NoName { column: k + 1 });
    }
    let mut seen = HashSet::new();
    match names.iter().position(|name| !seen.insert(name)) {
        Some(k) => Err(Problem::Duplicate {
            column: k + 1,
            name: names.get(k).cloned().unwrap_or_default(),
        }),
        None => Ok(()),
    }
}

/// Names of which each is another, and the ones that had to be changed: the second `a` becomes `a.2`.
pub fn renamed(names: &mut [String]) -> Vec<(String, String)> {
    let mut seen: HashSet<String> = names.iter().cloned().collect();
    let mut met: HashMap<String, usize> = HashMap::new();
    let mut changed = Vec::new();
    for name in names.iter_mut().filter(|name| !name.is_empty()) {
        let Some(count) = met.get_mut(name.as_str()) else {
            met.insert(name.clone(), 1);
            continue;
        };
        let new = loop {
            *count += 1;
            let new = format!("{name}.{count}");
            if !seen.contains(&new) {
                break new;
            }
        };
        seen.insert(new.clone());
        changed.push((std::mem::replace(name, new.clone()), new));
    }
    changed
}

/// Whether a field is a finite number.
pub fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn patterns_choose_columns_in_their_order() {
        let names = texts(&["cpu0", "cpu1", "fan", "a*"]);
        let chosen = |list: &[&str]| matching(&names, &texts(list));
        assert_eq!(chosen(&["fan", "cpu?", "cpu0"]).unwrap(), [2, 0, 1]);
        assert_eq!(chosen(&["a*"]).unwrap(), [3], "an exact name");
        let error = chosen(&["gpu*"]).unwrap_err().to_string();
        assert!(
            error.contains("gpu*") && error.contains("cpu0, cpu1"),
            "{error}"
        );
    }

    #[test]
    fn a_name_used_twice_is_numbered() {
        let mut names = texts(&["a", "b", "a", "a.2", "a"]);
        let changed = renamed(&mut names);
        assert_eq!(names, texts(&["a", "b", "a.3", "a.2", "a.4"]));
        assert_eq!(changed.len(), 2);
    }
}
