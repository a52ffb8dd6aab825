//! Racks of nodes: from a pattern of their names, or from a file.

use anyhow::{Context, ensure};
use std::collections::HashMap;
use std::path::Path;
use std::str::FromStr;
use wildmatch::WildMatch;

/// The place of the rack in a pattern.
const RACK: &str = "{rack}";

/// The pattern of a node's name: `{rack}` stands for the rack, `*` for any text, `?` for a character.
#[derive(Clone, Debug)]
pub struct Pattern {
    before: WildMatch,
    after: WildMatch,
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(RACK) {
            Some((before, after)) if !after.contains(RACK) => Ok(Self {
                before: WildMatch::new(before),
                after: WildMatch::new(after),
            }),
            _ => Err(format!("a pattern with one {RACK}, such as r{RACK}n*")),
        }
    }
}

impl Pattern {
    /// The rack of a node: the shortest text that fits.
    fn rack<'a>(&self, node: &'a str) -> Option<&'a str> {
        let ends = || node.char_indices().map(|(k, _)| k).chain([node.len()]);
        for begin in ends() {
            let (before, rest) = node.split_at(begin);
            if !self.before.matches(before) {
                continue;
            }
            for (length, character) in rest.char_indices() {
                let (rack, after) = rest.split_at(length + character.len_utf8());
                if self.after.matches(after) {
                    return Some(rack);
                }
            }
        }
        None
    }
}

/// Racks of nodes.
#[derive(Clone, Debug, Default)]
pub struct Racks {
    pattern: Option<Pattern>,
    named: HashMap<String, String>,
}

impl Racks {
    /// By a pattern, and by a file `node,rack`, which goes first.
    ///
    /// # Errors
    /// The file cannot be read; the line is named.
    pub fn new(pattern: Option<Pattern>, file: Option<&Path>) -> anyhow::Result<Self> {
        let mut named = HashMap::new();
        if let Some(path) = file {
            let name = || path.display().to_string();
            let mut reader = csv::Reader::from_path(path).with_context(name)?;
            let heading = reader.headers().with_context(name)?.clone();
            let column = |wanted: &str| {
                let place = heading.iter().position(|field| field.trim() == wanted);
                place.with_context(|| {
                    format!("{}: no column `{wanted}`; expected node,rack", name())
                })
            };
            let (node, rack) = (column("node")?, column("rack")?);
            for (k, record) in reader.records().enumerate() {
                let place = || format!("{}: line {}", name(), k + 2);
                let record = record.with_context(place)?;
                let field = |k| record.get(k).unwrap_or_default().trim().to_owned();
                ensure!(!field(node).is_empty(), "{}: no node", place());
                named.insert(field(node), field(rack));
            }
        }
        Ok(Self { pattern, named })
    }

    /// The rack of a node, if it is known.
    pub fn of<'a>(&'a self, node: &'a str) -> Option<&'a str> {
        let named = self.named.get(node).map(String::as_str);
        named.or_else(|| self.pattern.as_ref()?.rack(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_the_rack_out_of_a_name() {
        let rack = |pattern: &str, node: &'static str| {
            pattern
                .parse::<Pattern>()
                .unwrap()
                .rack(node)
                .map(str::to_owned)
        };
        assert_eq!(rack("r{rack}n*", "r12n07").as_deref(), Some("12"));
        assert_eq!(rack("{rack}-*", "a3-node-7").as_deref(), Some("a3"));
        assert_eq!(rack("*-{rack}-??", "x-r1-07").as_deref(), Some("r1"));
        assert_eq!(rack("r{rack}n*", "login1"), None);
        assert_eq!(rack("r{rack}n*", "rn1"), None, "an empty rack is none");
        assert_eq!(rack("é{rack}n*", "é1n2").as_deref(), Some("1"));
        assert!("r*n*".parse::<Pattern>().is_err());
    }

    #[test]
    fn a_file_goes_first_and_names_its_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("racks.csv");
        std::fs::write(&path, "rack,node\nA,r1n1\n").unwrap();
        let racks = Racks::new(Some("r{rack}n*".parse().unwrap()), Some(&path)).unwrap();
        assert_eq!((racks.of("r1n1"), racks.of("r1n2")), (Some("A"), Some("1")));
        std::fs::write(&path, "host,rack\nA,r1n1\n").unwrap();
        let error = Racks::new(None, Some(&path)).unwrap_err().to_string();
        assert!(error.contains("no column `node`"), "{error}");
    }
}
