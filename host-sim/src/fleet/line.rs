//! Lines of a node's result: its begin, the verdicts of `bellwether run` with the node in front, its end.

use super::counts::Counts;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The first line of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// The detector.
    pub detector: String,
    /// Its settings, as they were applied.
    pub settings: Vec<(String, String)>,
    /// Number of variables.
    pub variables: usize,
}

/// The last line of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Counters of all frames.
    #[serde(flatten)]
    pub counts: Counts,
    /// Number of verdict lines.
    pub lines: u64,
    /// SHA-256 of the verdict lines with their line breaks, in hexadecimal digits.
    pub sha256: String,
}

/// The recording behind a result, by which a rerun knows it again; not merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its file.
    pub file: String,
    /// Its size.
    pub bytes: u64,
}

/// A piece of a result that a worker published: frames from the first to before the last one; not merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// First frame.
    pub from: u64,
    /// The frame behind the last.
    pub to: u64,
    /// Whether the result ends with it.
    pub last: bool,
}

/// The parts of a line that merging looks at.
#[derive(Clone, Debug, Deserialize)]
pub struct Line<'a> {
    /// The node.
    #[serde(borrow)]
    pub node: Cow<'a, str>,
    /// Number of the frame, of a verdict.
    pub tick: Option<u64>,
    /// Of the first line.
    pub begin: Option<Begin>,
    /// Of the last line.
    pub end: Option<End>,
    /// Of a result in a folder.
    pub recording: Option<Origin>,
    /// Of a result in a stream.
    pub part: Option<Part>,
}

#[derive(Serialize)]
struct Tagged<'a, T> {
    node: &'a str,
    #[serde(flatten)]
    body: T,
}

/// A line about a node, without line break: `name` is begin, end, recording or part.
///
/// # Errors
/// None in practice: it is plain text and numbers.
pub fn about(node: &str, name: &str, body: &impl Serialize) -> serde_json::Result<String> {
    let body = std::iter::once((name, body)).collect::<std::collections::BTreeMap<_, _>>();
    serde_json::to_string(&Tagged { node, body })
}

/// A line of `bellwether run` with the node in front.
///
/// # Errors
/// None in practice: a name is text.
pub fn of_node(node: &str, line: &str) -> serde_json::Result<String> {
    let name = serde_json::to_string(node)?;
    let fields = line.strip_prefix('{').unwrap_or(line);
    Ok(format!("{{\"node\":{name},{fields}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by other spellings, which readers of merged results rely on.
    #[test]
    fn lines_begin_with_their_node() {
        let line = of_node("a\"1", r#"{"tick":3,"score":1.5}"#).unwrap();
        assert_eq!(line, r#"{"node":"a\"1","tick":3,"score":1.5}"#);
        let read: Line<'_> = serde_json::from_str(&line).unwrap();
        assert_eq!((&*read.node, read.tick), ("a\"1", Some(3)));
        let part = Part {
            from: 0,
            to: 7,
            last: false,
        };
        let line = about("a", "part", &part).unwrap();
        assert_eq!(
            line,
            r#"{"node":"a","part":{"from":0,"to":7,"last":false}}"#
        );
        let read: Line<'_> = serde_json::from_str(&line).unwrap();
        assert_eq!(read.part, Some(part));
    }
}
