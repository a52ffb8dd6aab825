//! Two files of verdicts, and their first difference.
//!
//! Either JSON lines (`bellwether run`, `bellwether device run`) or points (`--points`), told
//! apart by their first byte. Numbers are written so that they read back to the same bits, so
//! equal text means equal bits.

use serde_json::Value;
use std::fmt;
use std::io::{self, BufRead};
use std::str::FromStr;

/// The first difference of two files.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Tick of the frame; if one file ends early, that of the last common one.
    pub tick: Option<u64>,
    /// The field, as `confirmed[0].score` or `C3Temperature.threshold`; `end of file` if one file
    /// is shorter.
    pub field: String,
    /// The values of both files.
    pub values: [String; 2],
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tick {
            Some(tick) => write!(f, "tick {tick}: ")?,
            None => f.write_str("before the first tick: ")?,
        }
        let [a, b] = &self.values;
        write!(f, "{}: {a} and {b}", self.field)
    }
}

/// A field of the first file that has another name in the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// In the first file.
    pub old: String,
    /// In the second.
    pub new: String,
}

impl FromStr for Rename {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok(Self {
                old: old.to_owned(),
                new: new.to_owned(),
            }),
            _ => Err("expected OLD=NEW".to_owned()),
        }
    }
}

/// The new name of a field.
fn renamed<'a>(field: &'a str, renames: &'a [Rename]) -> &'a str {
    let rename = renames.iter().find(|rename| rename.old == field);
    rename.map_or(field, |rename| &rename.new)
}

/// The same value with the new names of its fields, at every depth.
fn with_new_names(value: Value, renames: &[Rename]) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| {
                let key = renamed(&key, renames).to_owned();
                (key, with_new_names(value, renames))
            });
            Value::Object(fields.collect())
        }
        Value::Array(values) => {
            let values = values.into_iter();
            Value::Array(values.map(|v| with_new_names(v, renames)).collect())
        }
        value => value,
    }
}

/// Compares two files. `Ok(Ok(n))`: equal, `n` frames or points.
///
/// # Errors
/// One of them cannot be read or is no file of verdicts.
pub fn compare(
    mut a: impl BufRead,
    mut b: impl BufRead,
    renames: &[Rename],
) -> io::Result<Result<u64, Difference>> {
    let first = [
        a.fill_buf()?.first().copied(),
        b.fill_buf()?.first().copied(),
    ];
    if first.contains(&None) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "an empty file"));
    }
    let points = first.map(|byte| byte != Some(b'{'));
    if points[0] != points[1] {
        let message = "one file is JSON lines, the other is points";
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    if points[0] {
        compare_points(a, b, renames)
    } else {
        compare_lines(a, b, renames)
    }
}

const NEITHER: &str = "neither JSON lines nor points of `bellwether run` or `device run`";

fn ended(tick: Option<u64>, first: bool) -> Difference {
    let words = ["ends here", "goes on"].map(str::to_owned);
    let [a, b] = words;
    Difference {
        tick,
        field: "end of file".to_owned(),
        values: if first { [a, b] } else { [b, a] },
    }
}

fn compare_lines(
    a: impl BufRead,
    b: impl BufRead,
    renames: &[Rename],
) -> io::Result<Result<u64, Difference>> {
    let (mut a, mut b) = (a.lines(), b.lines());
    let (mut last, mut count) = (None, 0);
    loop {
        match (a.next().transpose()?, b.next().transpose()?) {
            (None, None) => return Ok(Ok(count)),
            (Some(x), Some(y)) => {
                let line: Value = serde_json::from_str(&x)?;
                last = line.get("tick").and_then(Value::as_u64);
                if last.is_none() {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, NEITHER));
                }
                if x != y {
                    let other: Value = serde_json::from_str(&y)?;
                    let line = with_new_names(line, renames);
                    if let Some(difference) = walk(&line, &other, String::new()) {
                        let (field, values) = difference;
                        return Ok(Err(Difference {
                            tick: last,
                            field,
                            values,
                        }));
                    }
                }
                count += 1;
            }
            (x, _) => return Ok(Err(ended(last, x.is_none()))),
        }
    }
}

/// First field that differs, with both values.
fn walk(a: &Value, b: &Value, field: String) -> Option<(String, [String; 2])> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys = x.keys().chain(y.keys().filter(|key| !x.contains_key(*key)));
            let mut found = keys.filter_map(|key| {
                let name = if field.is_empty() {
                    key.clone()
                } else {
                    format!("{field}.{key}")
                };
                let value = |side: &serde_json::Map<String, Value>| {
                    side.get(key).cloned().unwrap_or(Value::Null)
                };
                walk(&value(x), &value(y), name)
            });
            found.next()
        }
        (Value::Array(x), Value::Array(y)) => {
            let length = x.len().max(y.len());
            let at = |side: &[Value], k: usize| side.get(k).cloned().unwrap_or(Value::Null);
            (0..length).find_map(|k| walk(&at(x, k), &at(y, k), format!("{field}[{k}]")))
        }
        // As text: zero is equal to minus zero, and their bits are not.
        _ => {
            let [x, y] = [a, b].map(Value::to_string);
            (x != y).then(|| (field, [shown(&x), shown(&y)]))
        }
    }
}

/// A value, with its bits if it is a number with a fraction.
fn shown(text: &str) -> String {
    match text.parse::<f32>() {
        Ok(number) if text.parse::<i64>().is_err() => {
            format!("{text} ({:#010x})", number.to_bits())
        }
        _ if text.is_empty() => "nothing".to_owned(),
        _ => text.to_owned(),
    }
}

fn compare_points(
    a: impl BufRead,
    b: impl BufRead,
    renames: &[Rename],
) -> io::Result<Result<u64, Difference>> {
    let reader = |input| {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(input)
            .into_records()
    };
    let (mut a, mut b) = (reader(Box::new(a) as Box<dyn BufRead>), reader(Box::new(b)));
    let mut header = csv::StringRecord::new();
    let (mut last, mut count) = (None, 0);
    loop {
        let (mut x, y) = match (a.next().transpose()?, b.next().transpose()?) {
            (None, None) => return Ok(Ok(count)),
            (Some(x), Some(y)) => (x, y),
            (x, _) => return Ok(Err(ended(last, x.is_none()))),
        };
        let is_header = header.is_empty();
        if is_header {
            if x.iter().take(2).ne(["tick", "timestamp"]) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, NEITHER));
            }
            x = x.iter().map(|field| renamed(field, renames)).collect();
            header = x.clone();
        } else {
            count += 1;
            last = x.get(0).and_then(|tick| tick.parse().ok());
        }
        if x == y {
            continue;
        }
        let length = x.len().max(y.len());
        if let Some(k) = (0..length).find(|k| x.get(*k) != y.get(*k)) {
            let column = header.get(k).unwrap_or("column beyond the header");
            let place = header.iter().position(|name| name == "variable");
            let variable = place.and_then(|k| x.get(k)).unwrap_or_default();
            return Ok(Err(Difference {
                tick: last,
                field: if is_header {
                    format!("header, column {}", k + 1)
                } else {
                    format!("{variable}.{column}")
                },
                values: [x.get(k), y.get(k)]
                    .map(|f| f.map_or_else(|| "no field".to_owned(), shown)),
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(a: &str, b: &str) -> String {
        difference_but(a, b, &[])
    }

    fn difference_but(a: &str, b: &str, renames: &[&str]) -> String {
        let renames: Vec<Rename> = renames.iter().map(|text| text.parse().unwrap()).collect();
        match compare(a.as_bytes(), b.as_bytes(), &renames).unwrap() {
            Ok(count) => format!("equal, {count}"),
            Err(difference) => difference.to_string(),
        }
    }

    const LINE: &str =
        r#"{"tick":7,"timestamp":60,"flagged":[{"variable":"a","score":0.1}],"correlations":[]}"#;

    #[test]
    fn the_first_different_field_of_a_line_is_named_with_both_bit_patterns() {
        assert_eq!(difference(LINE, LINE), "equal, 1");
        let near = LINE.replace("0.1", "0.10000001");
        assert_eq!(
            difference(LINE, &near),
            "tick 7: flagged[0].score: 0.1 (0x3dcccccd) and 0.10000001 (0x3dccccce)"
        );
        let more = LINE.replace(
            r#""correlations":[]"#,
            r#""correlations":[{"a":"a","b":"b","r":-0.99}]"#,
        );
        assert!(difference(LINE, &more).starts_with("tick 7: correlations[0]: null and {"));
        let two = format!("{LINE}\n{}", LINE.replace("\"tick\":7", "\"tick\":9"));
        assert_eq!(
            difference(&two, LINE),
            "tick 7: end of file: goes on and ends here"
        );
    }

    const POINTS: &str =
        "tick,timestamp,variable,score,state\n0,t,a,0.1,normal\n1,u,a,,blind:stuck\n";

    /// Broken if numbers are compared as numbers, or fields only as far as both rows go.
    #[test]
    fn equal_numbers_of_different_bits_and_extra_fields_are_differences() {
        let zero = LINE.replace("0.1", "0.0");
        assert_eq!(
            difference(&zero, &LINE.replace("0.1", "-0.0")),
            "tick 7: flagged[0].score: 0.0 (0x00000000) and -0.0 (0x80000000)"
        );
        assert_eq!(
            difference(POINTS, &POINTS.replace("normal\n", "normal,\n")),
            "tick 0: a.column beyond the header: no field and nothing"
        );
    }

    #[test]
    fn the_first_different_point_is_named() {
        assert_eq!(difference(POINTS, POINTS), "equal, 2");
        assert_eq!(
            difference(POINTS, &POINTS.replace("blind:stuck", "normal")),
            "tick 1: a.state: blind:stuck and normal"
        );
        assert_eq!(
            difference(POINTS, &POINTS.replace("u,a,,", "u,a,2.5,")),
            "tick 1: a.score: nothing and 2.5 (0x40200000)"
        );
        assert_eq!(
            difference(POINTS, &POINTS.replace("score", "points")),
            "before the first tick: header, column 4: score and points"
        );
        assert_eq!(
            difference(POINTS, &POINTS.replace("1,u,a,,blind:stuck\n", "")),
            "tick 0: end of file: goes on and ends here"
        );
    }

    /// Broken if a renamed field is not looked at any more, or another one passes for it.
    #[test]
    fn fields_that_were_renamed_are_compared_by_their_new_names() {
        let newer = LINE.replace("\"score\"", "\"error\"");
        assert_eq!(difference_but(LINE, &newer, &["score=error"]), "equal, 1");
        assert!(difference(LINE, &newer).starts_with("tick 7: flagged[0].score: 0.1"));
        let other = newer.replace("0.1", "0.2");
        let found = difference_but(LINE, &other, &["score=error"]);
        assert!(
            found.starts_with("tick 7: flagged[0].error: 0.1"),
            "{found}"
        );
        let newer = POINTS.replace("score", "error");
        assert_eq!(difference_but(POINTS, &newer, &["score=error"]), "equal, 2");
        let found = difference_but(POINTS, &newer, &["state=error"]);
        assert!(
            found.contains("header, column 4: score and error"),
            "{found}"
        );
        assert!("score".parse::<Rename>().is_err() && "=x".parse::<Rename>().is_err());
    }

    /// Points of a detector without lanes have the variable in another column.
    #[test]
    fn points_of_scores_are_compared_too() {
        let scores = "tick,timestamp,state,variable,value\n0,t,normal,a,1\n";
        assert_eq!(difference(scores, scores), "equal, 1");
        assert_eq!(
            difference(scores, &scores.replace("a,1", "a,2")),
            "tick 0: a.value: 1 and 2"
        );
    }

    #[test]
    fn what_is_no_file_of_verdicts_is_an_error() {
        assert!(compare(LINE.as_bytes(), POINTS.as_bytes(), &[]).is_err());
        assert!(compare(&b"{\"tick\""[..], &b"{\"tick\""[..], &[]).is_err());
        assert!(compare(&b""[..], LINE.as_bytes(), &[]).is_err());
        assert!(compare(&b"a,b\n1,2\n"[..], &b"a,b\n1,2\n"[..], &[]).is_err());
    }
}
