//! Groups of the variables of a wide recording: by the prefixes of their names where names share some, else by
//! correlation.

use super::bins::Cell;
use std::collections::BTreeMap;

/// Ends of a prefix; all names are cut by the first of these that groups them.
const ENDS: [char; 5] = ['.', '/', ':', '_', '-'];
/// Fewest and most groups by prefixes.
const COUNT: (usize, usize) = (2, 64);
/// Smallest correlation with the first variable of a group.
const CLOSE: f64 = 0.7;
/// Most bins that a correlation is told from.
const TOLD: usize = 256;

/// Variables that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its variables, ascending.
    pub variables: Vec<usize>,
}

/// All groups, and the rule behind them in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// The groups, each variable in one.
    pub list: Vec<Group>,
    /// The rule.
    pub rule: String,
}

impl Groups {
    /// Groups of variables with these names and bins of something, in words.
    pub fn of(names: &[String], cells: &[Vec<Cell>], what: &str) -> Self {
        let by_prefix = ENDS.iter().find_map(|end| by_prefix(names, *end));
        by_prefix.unwrap_or_else(|| by_correlation(names, cells, what))
    }
}

/// Groups of names with the same part before a character, if most names share theirs with others.
fn by_prefix(names: &[String], end: char) -> Option<Groups> {
    let mut parts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (k, name) in names.iter().enumerate() {
        let prefix = name.split_once(end).map_or("", |(prefix, _)| prefix);
        parts.entry(prefix).or_default().push(k);
    }
    let (shared, alone): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|(prefix, all)| !prefix.is_empty() && all.len() > 1);
    let mut others: Vec<usize> = alone.into_iter().flat_map(|(_, all)| all).collect();
    others.sort_unstable();
    let is_told = (COUNT.0..=COUNT.1).contains(&shared.len()) && 5 * others.len() <= names.len();
    let list = shared.into_iter().map(|(prefix, variables)| Group {
        name: prefix.to_owned(),
        variables,
    });
    let others = (!others.is_empty()).then(|| Group {
        name: "others".to_owned(),
        variables: others,
    });
    is_told.then(|| Groups {
        list: list.chain(others).collect(),
        rule: format!("A group is the variables with one name before the first “{end}”."),
    })
}

/// Groups of variables that correlate with the first of them.
fn by_correlation(names: &[String], cells: &[Vec<Cell>], what: &str) -> Groups {
    let series: Vec<Vec<f64>> = cells.iter().map(|of| standard(of)).collect();
    let mut list: Vec<Group> = Vec::new();
    let mut alone = Vec::new();
    let mut free: Vec<usize> = (0..names.len()).collect();
    while let Some(&first) = free.first() {
        let close = |k: &usize| *k == first || correlation(&series, first, *k).abs() >= CLOSE;
        let (variables, rest): (Vec<usize>, Vec<usize>) = free.into_iter().partition(close);
        free = rest;
        match variables.len() {
            1 => alone.extend(variables),
            more => list.push(Group {
                name: format!("{} + {}", names[first], more - 1),
                variables,
            }),
        }
    }
    list.sort_by_key(|group| std::cmp::Reverse(group.variables.len()));
    for rest in list.split_off(list.len().min(COUNT.1)) {
        alone.extend(rest.variables);
    }
    if !alone.is_empty() {
        alone.sort_unstable();
        list.push(Group {
            name: "others".to_owned(),
            variables: alone,
        });
    }
    let rule = format!(
        "Names share no prefix: a group is a variable and all free ones whose correlation with it, of the {what} of \
         up to {TOLD} columns, is {CLOSE} or more, without its sign; others have no such partner."
    );
    Groups { list, rule }
}

/// Values of some bins with a mean of 0 and a sum of squares of 1; 0 where there is none.
fn standard(cells: &[Cell]) -> Vec<f64> {
    let every = cells.len().div_ceil(TOLD).max(1);
    let values: Vec<f64> = cells
        .iter()
        .step_by(every)
        .map(|of| of.low.into())
        .collect();
    let there = values.iter().filter(|x| x.is_finite());
    let mean = there.clone().sum::<f64>() / there.count().max(1) as f64;
    let apart = values.iter().map(|x| x - mean);
    let apart: Vec<f64> = apart.map(|x| if x.is_finite() { x } else { 0.0 }).collect();
    let size = apart.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = |x: f64| if size > 0.0 { x / size } else { 0.0 };
    apart.into_iter().map(scale).collect()
}

fn correlation(series: &[Vec<f64>], a: usize, b: usize) -> f64 {
    match (series.get(a), series.get(b)) {
        (Some(a), Some(b)) => a.iter().zip(b).map(|(a, b)| a * b).sum(),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|name| (*name).to_owned()).collect()
    }

    fn groups(of: &Groups) -> Vec<(&str, &[usize])> {
        let list = of.list.iter();
        list.map(|group| (group.name.as_str(), group.variables.as_slice()))
            .collect()
    }

    #[test]
    fn names_group_by_the_first_end_that_most_share() {
        let all = names(&["n1.a_x", "n1.b_x", "n2.a_x", "n2.b_x", "room", "n1.c_y"]);
        let found = Groups::of(&all, &[], "values");
        let wanted: [(&str, &[usize]); 3] = [("n1", &[0, 1, 5]), ("n2", &[2, 3]), ("others", &[4])];
        assert_eq!(groups(&found), wanted);
        assert!(found.rule.contains("“.”"));
    }

    /// Broken by a correlation that minds the sign, or by a variable that is lost.
    #[test]
    fn names_without_a_prefix_group_by_correlation() {
        let all = names(&["a", "b", "c", "d"]);
        let wave = |k: f32, by: f32| -> Vec<Cell> {
            (0..60)
                .map(|t| Cell::value(by * (t as f32 * k).sin()))
                .collect()
        };
        let cells = [
            wave(0.3, 1.0),
            wave(0.7, 2.0),
            wave(0.3, -4.0),
            vec![Cell::EMPTY; 60],
        ];
        let found = Groups::of(&all, &cells, "values");
        let wanted: [(&str, &[usize]); 2] = [("a + 1", &[0, 2]), ("others", &[1, 3])];
        assert_eq!(groups(&found), wanted);
    }
}
