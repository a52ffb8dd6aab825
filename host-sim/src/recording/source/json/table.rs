//! Rows of named fields, with names as they come.

use super::super::Problem;
use super::super::columns::WIDEST;
use super::super::records::Memory;
use super::text;
use crate::recording::time::clock::is_date;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Most values of a list within a row.
const LONGEST: usize = 64;

/// A table that grows by rows.
#[derive(Default)]
pub struct Table {
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

    /// Adds a row.
    ///
    /// # Errors
    /// There is no room.
    pub fn row(&mut self, fields: Vec<(String, String)>) -> Result<(), Problem> {
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
    ///
    /// # Errors
    /// There is no room, or an item is no row.
    pub fn list(&mut self, document: &Value) -> Result<bool, Problem> {
        match document {
            Value::Array(rows) => self.rows(rows)?,
            Value::Object(columns) if columns.len() > 1 => return self.columns(columns),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn rows(&mut self, rows: &[Value]) -> Result<(), Problem> {
        let texts = |row: &Value| {
            let row = row.as_array()?;
            row.iter()
                .map(|field| field.as_str().map(str::to_owned))
                .collect::<Option<Vec<String>>>()
        };
        // A first row of texts alone over others is a header.
        let header = rows.first().and_then(texts);
        let header = header.filter(|_| rows.get(1).is_some_and(|row| texts(row).is_none()));
        let mut last = Map::new();
        for (k, row) in rows.iter().enumerate().skip(usize::from(header.is_some())) {
            match row {
                Value::Object(_) => self.object(row)?,
                // Lists of the states of entities, whose names only the first of each states.
                Value::Array(items) if items.first().is_some_and(Value::is_object) => {
                    last.clear();
                    for item in items.iter().filter_map(Value::as_object) {
                        last.extend(item.clone());
                        self.object(&Value::Object(last.clone()))?;
                    }
                }
                Value::Array(fields) => {
                    let name = |k: usize| match header.as_ref().and_then(|names| names.get(k)) {
                        Some(name) => name.clone(),
                        None => format!("column{}", k + 1),
                    };
                    let named = fields.iter().enumerate();
                    self.row(named.map(|(k, field)| (name(k), text(field))).collect())?;
                }
                _ => {
                    let row = k + 1;
                    return Err(Problem::Layout(format!(
                        "JSON: item {row} is neither an object nor a list"
                    )));
                }
            }
        }
        Ok(())
    }

    fn columns(&mut self, columns: &Map<String, Value>) -> Result<bool, Problem> {
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
        let index = |key: &String| ("index".to_owned(), key.clone());
        let is_index = |key: &String| key.parse::<f64>().is_ok() || is_date(key);
        if columns.keys().all(is_index) && !first.keys().all(is_index) {
            // pandas' `index`: for each row, its values by their column.
            for (key, row) in columns {
                let fields = row.as_object().into_iter().flatten();
                let fields = fields.map(|(name, value)| (name.clone(), text(value)));
                self.row([index(key)].into_iter().chain(fields).collect())?;
            }
            return Ok(true);
        }
        // pandas' `columns`: for each column, its values by their index.
        for key in first.keys() {
            let field = |(name, column): (&String, &Value)| {
                (name.clone(), column.get(key).map(text).unwrap_or_default())
            };
            let fields = columns.iter().map(field);
            self.row([index(key)].into_iter().chain(fields).collect())?;
        }
        Ok(true)
    }

    /// Takes an object as a row: its leaves, or those that are inputs of `sensors -j`.
    ///
    /// # Errors
    /// There is no room, or a list within it is long.
    pub fn object(&mut self, document: &Value) -> Result<(), Problem> {
        if !document.is_object() {
            return Err(Problem::Layout(
                "JSON that is neither an object nor a list".to_owned(),
            ));
        }
        let mut leaves = Vec::new();
        flat(document, &mut Vec::new(), &mut leaves)?;
        let is_input = |path: &[String]| {
            let last = path.last().map_or("", String::as_str);
            path.len() >= 3 && (last.ends_with("_input") || last.ends_with("_average"))
        };
        let is_chip = leaves.iter().any(|(path, _)| is_input(path));
        if is_chip {
            // Limits, alarms and adapters are no readings; the chip and the feature name one.
            leaves.retain(|(path, _)| is_input(path) || path.len() == 1);
            for (path, _) in leaves.iter_mut().filter(|(path, _)| path.len() > 1) {
                path.pop();
            }
        }
        let named = leaves
            .into_iter()
            .map(|(path, value)| (path.join("."), value));
        self.row(named.collect())
    }

    /// The whole table.
    ///
    /// # Errors
    /// It has no column.
    pub fn finish(self) -> Result<Memory, Problem> {
        if self.memory.names.is_empty() {
            return Err(Problem::NoVariables);
        }
        Ok(self.memory)
    }
}

/// The name of an item among others, such as a sensor of a list.
fn own_name(item: &Value) -> Option<&str> {
    ["Name", "name", "label", "Id", "MemberId"]
        .into_iter()
        .find_map(|key| item.get(key)?.as_str())
}

/// Whether the items of a list have names, each another: they are parts of a row, and no rows.
pub fn are_named(items: &[Value]) -> bool {
    let names: Option<std::collections::HashSet<&str>> = items.iter().map(own_name).collect();
    names.is_some_and(|names| names.len() == items.len() && !names.is_empty())
}

/// The leaves of a document, and their paths.
fn flat(
    value: &Value,
    path: &mut Vec<String>,
    leaves: &mut Vec<(Vec<String>, String)>,
) -> Result<(), Problem> {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                // MongoDB's `{"$date": ...}` is a value.
                let typed = name.starts_with('$') && fields.len() == 1;
                if !typed {
                    path.push(name.clone());
                }
                flat(field, path, leaves)?;
                if !typed {
                    path.pop();
                }
            }
        }
        Value::Array(items) => {
            if items.len() > LONGEST {
                let (path, count) = (path.join("."), items.len());
                return Err(Problem::Layout(format!(
                    "JSON: `{path}` is a list of {count} items within a row; jq or a script can write rows as \
                     objects, one a line"
                )));
            }
            let named = are_named(items);
            for (k, item) in items.iter().enumerate() {
                let name = own_name(item).filter(|_| named);
                path.push(name.map_or_else(|| k.to_string(), str::to_owned));
                flat(item, path, leaves)?;
                path.pop();
            }
        }
        leaf => leaves.push((path.clone(), text(leaf))),
    }
    Ok(())
}
