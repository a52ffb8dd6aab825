//! JSON as a table in memory: objects one per line or in a list, lists of lists, columns of values
//! (pandas), `sensors -j`, and range queries of Prometheus, InfluxDB and Graphite.
//!
//! A document is bounded to 32 MiB; there may be any number of them, one after another.

use super::Problem;
use super::columns::WIDEST;
use super::long::Gather;
use super::records::Memory;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Largest document in bytes.
const LARGEST: usize = 32 << 20;

/// The content of a text of JSON.
pub enum Json {
    /// Rows of named fields.
    Table(Memory),
    /// Single values of variables, with or without times.
    Values(Box<Gather>),
}

/// Reads to the budget of a document.
struct Budget<R> {
    inner: R,
    left: Arc<AtomicUsize>,
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::Error::other("a JSON document of more than 32 MiB"));
        }
        let count = buffer.len().min(left);
        let read = self
            .inner
            .read(buffer.get_mut(..count).unwrap_or_default())?;
        self.left.store(left - read, Ordering::Relaxed);
        Ok(read)
    }
}

/// Reads a text of JSON.
///
/// # Errors
/// It cannot be read, is no JSON, or holds no table.
pub fn read(input: Box<dyn BufRead + Send>) -> Result<Json, Problem> {
    let left = Arc::new(AtomicUsize::new(LARGEST));
    let budget = Budget {
        inner: input,
        left: Arc::clone(&left),
    };
    let documents =
        serde_json::Deserializer::from_reader(io::BufReader::new(budget)).into_iter::<Value>();
    let (mut table, mut values) = (Table::default(), None);
    let mut any = false;
    for document in documents {
        let document = match document {
            Ok(document) => document,
            // The last line of a log may be cut.
            Err(error) if error.is_eof() && any => break,
            Err(error) => return Err(Problem::Layout(format!("JSON: {error}"))),
        };
        any = true;
        left.store(LARGEST, Ordering::Relaxed);
        if !(series(&document, &mut values)? || table.list(&document)?) {
            table.object(&document)?;
        }
    }
    match values {
        Some(values) => Ok(Json::Values(values)),
        None => Ok(Json::Table(table.finish()?)),
    }
}

/// Takes the values of a query's answer; `false` if a document is none.
fn series(document: &Value, values: &mut Option<Box<Gather>>) -> Result<bool, Problem> {
    if let Some(results) = document.pointer("/data/result").and_then(Value::as_array) {
        // Prometheus: a list of series, each with its labels and `[seconds, "value"]`.
        let values = values.get_or_insert_with(|| Box::new(Gather::new(true)));
        for result in results {
            let name = labels(result.get("metric"));
            let points = result.get("values").and_then(Value::as_array);
            let points = points.into_iter().flatten().chain(result.get("value"));
            for point in points {
                if let (Some(time), Some(value)) = (point.get(0), point.get(1)) {
                    values.push(Some(&text(time)), name.clone(), &text(value))?;
                }
            }
        }
        return Ok(true);
    }
    if let Some(results) = document.get("results").and_then(Value::as_array) {
        // InfluxDB 1: series with columns and rows of values.
        let values = values.get_or_insert_with(|| Box::new(Gather::new(true)));
        let all = results
            .iter()
            .filter_map(|result| result.get("series")?.as_array());
        for one in all.flatten() {
            let columns = one.get("columns").and_then(Value::as_array);
            let columns: Vec<String> = columns.into_iter().flatten().map(text).collect();
            let time = columns.iter().position(|name| name == "time").unwrap_or(0);
            let tags = labels(one.get("tags"));
            let name = one.get("name").map(text).unwrap_or_default();
            let rows = one.get("values").and_then(Value::as_array);
            for row in rows.into_iter().flatten() {
                let at = row.get(time).map(text).unwrap_or_default();
                for (k, column) in columns.iter().enumerate().filter(|(k, _)| *k != time) {
                    if let Some(value) = row.get(k).filter(|value| !value.is_null()) {
                        let key = format!("{name}{PART}{tags}{PART}{column}");
                        values.push(Some(&at), key, &text(value))?;
                    }
                }
            }
        }
        return Ok(true);
    }
    let targets = document.as_array().filter(|all| !all.is_empty());
    let targets = targets.filter(|all| {
        all.iter()
            .all(|one| one.get("datapoints").is_some_and(Value::is_array))
    });
    if let Some(targets) = targets {
        // Graphite, and Grafana's JSON data source: `[value, time]`.
        let values = values.get_or_insert_with(|| Box::new(Gather::new(true)));
        for target in targets {
            let name = target.get("target").map(text).unwrap_or_default();
            for point in target
                .get("datapoints")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                if let (Some(value), Some(time)) = (point.get(0), point.get(1)) {
                    values.push(Some(&text(time)), name.clone(), &text(value))?;
                }
            }
        }
        return Ok(true);
    }
    Ok(false)
}

/// The mark between the parts of a variable's full name, of which common ones are dropped.
pub const PART: char = '\u{1f}';

/// Labels as parts of a name, `__name__` first.
fn labels(labels: Option<&Value>) -> String {
    let Some(labels) = labels.and_then(Value::as_object) else {
        return String::new();
    };
    let name = labels.get("__name__").map(text);
    let others = labels.iter().filter(|(key, _)| *key != "__name__");
    let others = others.map(|(key, value)| format!("{key}={}", text(value)));
    name.into_iter()
        .chain(others)
        .collect::<Vec<_>>()
        .join(&PART.to_string())
}

/// A value as a field.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Rows of named fields, with names as they come.
#[derive(Default)]
struct Table {
    places: HashMap<String, usize>,
    memory: Memory,
}

impl Table {
    fn place(&mut self, name: &str) -> Result<usize, Problem> {
        if let Some(place) = self.places.get(name) {
            return Ok(*place);
        }
        let place = self.memory.names.len();
        if place >= WIDEST {
            return Err(Problem::TooManyColumns { found: place + 1 });
        }
        self.places.insert(name.to_owned(), place);
        self.memory.names.push(name.to_owned());
        Ok(place)
    }

    fn row(&mut self, fields: Vec<(String, String)>) -> Result<(), Problem> {
        let mut row = Vec::new();
        for (name, value) in fields {
            let place = self.place(&name)?;
            if row.len() <= place {
                row.resize(place + 1, String::new());
            }
            if let Some(field) = row.get_mut(place) {
                *field = value;
            }
        }
        self.memory.push(row)
    }

    /// Takes a list of objects or of lists, or columns of values; `false` if a document is none.
    fn list(&mut self, document: &Value) -> Result<bool, Problem> {
        if let Some(rows) = document.as_array() {
            for (k, row) in rows.iter().enumerate() {
                match row {
                    Value::Object(_) => self.object(row)?,
                    Value::Array(fields) => {
                        let named = fields.iter().enumerate();
                        let named =
                            named.map(|(k, field)| (format!("column{}", k + 1), text(field)));
                        self.row(named.collect())?;
                    }
                    _ => {
                        let row = k + 1;
                        return Err(Problem::Layout(format!(
                            "JSON: item {row} is neither an object nor a list"
                        )));
                    }
                }
            }
            return Ok(true);
        }
        // pandas' `split`: columns, index and data.
        let part = |name: &str| document.get(name).and_then(Value::as_array);
        if let (Some(columns), Some(data)) = (part("columns"), part("data")) {
            let names: Vec<String> = columns.iter().map(text).collect();
            for (k, row) in data.iter().enumerate() {
                let index = part("index")
                    .and_then(|index| index.get(k))
                    .map(|index| ("index".to_owned(), text(index)));
                let fields = names
                    .iter()
                    .cloned()
                    .zip(row.as_array().into_iter().flatten().map(text));
                self.row(index.into_iter().chain(fields).collect())?;
            }
            return Ok(true);
        }
        let Some(columns) = document.as_object().filter(|columns| columns.len() > 1) else {
            return Ok(false);
        };
        // Lists of the same length, one per column.
        let lengths = || {
            columns
                .values()
                .map(|column| column.as_array().map(Vec::len))
        };
        if let Some(Some(length)) = lengths().next()
            && length > 1
            && lengths().all(|other| other == Some(length))
        {
            for k in 0..length {
                let field = |(name, column): (&String, &Value)| {
                    (name.clone(), column.get(k).map(text).unwrap_or_default())
                };
                self.row(columns.iter().map(field).collect())?;
            }
            return Ok(true);
        }
        // pandas' `columns`: for each column, its values by their index.
        let inner: Option<Vec<&Map<String, Value>>> =
            columns.values().map(Value::as_object).collect();
        let Some(first) = inner
            .as_ref()
            .and_then(|inner| inner.first())
            .filter(|first| first.len() > 1)
        else {
            return Ok(false);
        };
        let scalar = |column: &&Map<String, Value>| {
            column
                .values()
                .all(|value| !value.is_object() && !value.is_array())
        };
        let alike = |column: &&Map<String, Value>| {
            column.len() == first.len() && column.keys().eq(first.keys())
        };
        if !inner
            .iter()
            .flatten()
            .all(|column| scalar(column) && alike(column))
        {
            return Ok(false);
        }
        for key in first.keys() {
            let field = |(name, column): (&String, &Value)| {
                (name.clone(), column.get(key).map(text).unwrap_or_default())
            };
            let index = [("index".to_owned(), key.clone())];
            self.row(index.into_iter().chain(columns.iter().map(field)).collect())?;
        }
        Ok(true)
    }

    /// Takes an object as a row: its leaves, or those that are inputs of `sensors -j`.
    fn object(&mut self, document: &Value) -> Result<(), Problem> {
        if !document.is_object() {
            return Err(Problem::Layout(
                "JSON that is neither an object nor a list".to_owned(),
            ));
        }
        let mut leaves = Vec::new();
        flat(document, &mut Vec::new(), &mut leaves);
        let is_input = |path: &[String]| {
            path.len() >= 3 && path.last().is_some_and(|name| name.ends_with("_input"))
        };
        if leaves.iter().any(|(path, _)| is_input(path)) {
            // Limits, alarms and adapters are no readings; the chip and the feature name one.
            leaves.retain(|(path, _)| is_input(path));
            for (path, _) in &mut leaves {
                path.pop();
            }
        }
        let named = leaves
            .into_iter()
            .map(|(path, value)| (path.join("."), value));
        self.row(named.collect())
    }

    fn finish(self) -> Result<Memory, Problem> {
        if self.memory.names.is_empty() {
            return Err(Problem::NoVariables);
        }
        Ok(self.memory)
    }
}

/// The leaves of a document, and their paths.
fn flat(value: &Value, path: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                path.push(name.clone());
                flat(field, path, leaves);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (k, item) in items.iter().enumerate() {
                path.push(k.to_string());
                flat(item, path, leaves);
                path.pop();
            }
        }
        leaf => leaves.push((path.clone(), text(leaf))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn table(json: &'static str) -> Memory {
        match read(Box::new(Cursor::new(json))).unwrap() {
            Json::Table(memory) => memory,
            Json::Values(values) => values.finish().unwrap().0,
        }
    }

    fn is(json: &'static str, names: &[&str], rows: &[&[&str]]) {
        let found = table(json);
        assert_eq!(found.names, names, "{json}");
        assert_eq!(found.rows, rows, "{json}");
    }

    #[test]
    fn objects_lists_and_columns_are_tables() {
        is(
            "{\"t\":1,\"a\":2.5}\n{\"t\":2,\"a\":null,\"b\":true}\n{\"t\":3,",
            &["a", "t", "b"],
            &[&["2.5", "1"], &["", "2", "true"]],
        );
        is(
            "[[1,2],[3,4]]",
            &["column1", "column2"],
            &[&["1", "2"], &["3", "4"]],
        );
        is(
            r#"{"t":[1,2],"a":[3,4]}"#,
            &["a", "t"],
            &[&["3", "1"], &["4", "2"]],
        );
        is(
            r#"{"columns":["a"],"index":[5,6],"data":[[1],[2]]}"#,
            &["index", "a"],
            &[&["5", "1"], &["6", "2"]],
        );
        is(
            r#"{"a":{"0":1,"1":2},"b":{"0":3,"1":4}}"#,
            &["index", "a", "b"],
            &[&["0", "1", "3"], &["1", "2", "4"]],
        );
        is(r#"{"cpu":{"load":0.5}}"#, &["cpu.load"], &[&["0.5"]]);
    }

    #[test]
    fn tools_dump_readings_and_series() {
        let sensors = r#"{"k10":{"Adapter":"PCI","Tctl":{"temp1_input":51.0,"temp1_max":85.0}}}"#;
        is(sensors, &["k10.Tctl"], &[&["51.0"]]);
        let range = r#"{"data":{"result":[
            {"metric":{"__name__":"up","instance":"n1"},"values":[[60,"1"],[120,"2"]]},
            {"metric":{"__name__":"load","instance":"n1"},"values":[[120,"4"]]}]}}"#;
        is(
            range,
            &["timestamp", "up", "load"],
            &[&["60", "1"], &["120", "2", "4"]],
        );
        let graphite = r#"[{"target":"a","datapoints":[[1.5,60]]}]"#;
        is(graphite, &["timestamp", "a"], &[&["60", "1.5"]]);
    }

    #[test]
    fn no_json_and_no_table_are_refused() {
        for json in ["{", "[1,2]", "3", "{}", "[]", "{\"a\": x}"] {
            assert!(read(Box::new(Cursor::new(json))).is_err(), "{json}");
        }
    }
}
