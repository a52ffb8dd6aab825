//! The rows within a single document: a list of objects, or of lists with their names beside it,
//! however deep in an answer's envelope.

use super::super::Problem;
use super::table::Table;
use super::text;
use serde_json::{Map, Value};

/// Deepest list that is looked for.
const DEEPEST: usize = 6;

/// Takes the rows within a document; `false` if it has no list of them.
///
/// # Errors
/// There is no room, or several lists of rows.
pub fn take(document: &Value, table: &mut Table) -> Result<bool, Problem> {
    let mut found = Vec::new();
    find(document, "", &mut found);
    let Some(most) = found.iter().map(|list| list.rows.len()).max() else {
        return Ok(false);
    };
    let mut longest = found.iter().filter(|list| list.rows.len() == most);
    let Some(list) = longest.next().filter(|_| most > 1) else {
        return Ok(false);
    };
    for (k, row) in list.rows.iter().enumerate() {
        match (row, &list.names) {
            (Value::Array(fields), Some(names)) => {
                let fields = names.iter().cloned().zip(fields.iter().map(text));
                let index = list.times.get(k).cloned();
                table.row(index.into_iter().chain(fields).collect())?;
            }
            // An answer of Elasticsearch.
            (row, _) => table.object(row.get("_source").unwrap_or(row))?,
        }
    }
    Ok(true)
}

/// A list of rows.
struct List<'a> {
    rows: &'a [Value],
    /// The names of the fields of rows that are lists.
    names: Option<Vec<String>>,
    /// Their times or index, where these stand apart.
    times: Vec<(String, String)>,
}

fn find<'a>(value: &'a Value, path: &str, found: &mut Vec<List<'a>>) {
    if path.matches('.').count() > DEEPEST {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_array() {
                    Some(rows) if rows.iter().all(Value::is_array) && !rows.is_empty() => {
                        found.extend(framed(fields, rows));
                    }
                    _ => find(field, &format!("{path}.{name}"), found),
                }
            }
        }
        // Lists of one item, such as hosts, hold the rows of it.
        Value::Array(items) => match items.as_slice() {
            [one] => find(one, &format!("{path}.0"), found),
            rows if rows.iter().all(Value::is_object) && !super::table::are_named(rows) => {
                found.push(List {
                    rows,
                    names: None,
                    times: Vec::new(),
                });
            }
            _ => {}
        },
        _ => {}
    }
}

/// Rows that are lists, with their names in a list beside them.
fn framed<'a>(fields: &Map<String, Value>, rows: &'a [Value]) -> Option<List<'a>> {
    let width = rows.first()?.as_array()?.len();
    let scalars = |row: &Value| {
        let row = row.as_array().filter(|row| row.len() == width);
        row.is_some_and(|row| {
            !row.iter()
                .any(|field| field.is_array() || field.is_object())
        })
    };
    if !rows.iter().all(scalars) {
        return None;
    }
    let meta = fields.get("meta").and_then(Value::as_object);
    let beside = fields
        .values()
        .chain(meta.into_iter().flat_map(Map::values));
    let names = |list: &Vec<Value>| {
        let name = |item: &Value| match item {
            Value::String(name) => Some(name.clone()),
            Value::Object(field) => field.get("name").map(text),
            _ => None,
        };
        let names: Option<Vec<String>> = list.iter().map(name).collect();
        names.filter(|names| names.len() == width)
    };
    let names = beside.filter_map(Value::as_array).find_map(names)?;
    // rrdtool xport: the times are the begin and the step.
    let number = |name: &str| meta?.get(name)?.as_f64();
    let times = match (number("start"), number("step")) {
        (Some(start), Some(step)) => (0..rows.len())
            .map(|k| ("time".to_owned(), (start + step * k as f64).to_string()))
            .collect(),
        _ => {
            let index = fields.get("index").and_then(Value::as_array);
            let index = index.filter(|index| index.len() == rows.len());
            let index = index.into_iter().flatten().map(text);
            index.map(|text| ("index".to_owned(), text)).collect()
        }
    };
    Some(List {
        rows,
        names: Some(names),
        times,
    })
}
