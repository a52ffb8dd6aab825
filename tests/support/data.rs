//! Recordings and golden files, which are not part of the repository.

use std::path::PathBuf;

/// A file of the data folder: `BELLWETHER_DATA`, else `../shared/data` beside the repository. If it
/// is absent: `None` with a printed line, or a failure if data is required
/// (`BELLWETHER_REQUIRE_DATA`).
///
/// # Panics
/// If data is required and the file is absent.
pub fn file(name: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let root = std::env::var_os("BELLWETHER_DATA").map_or_else(|| beside.into(), PathBuf::from);
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("BELLWETHER_REQUIRE_DATA").is_some();
    assert!(
        !required,
        "{} is absent, and data is required",
        path.display()
    );
    println!("skipped: no data ({name})");
    None
}

/// A table of text fields with a header.
pub struct Table {
    /// Column names.
    pub names: Vec<String>,
    /// Rows of fields.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a CSV file without quotes, or says that it is absent.
    ///
    /// # Panics
    /// If the file cannot be read.
    pub fn read(name: &str) -> Option<Self> {
        let text = std::fs::read_to_string(file(name)?).expect("readable");
        let mut lines = text
            .lines()
            .map(|l| l.split(',').map(str::to_owned).collect());
        let names = lines.next().expect("a header");
        Some(Self {
            names,
            rows: lines.collect(),
        })
    }

    /// Index of a column.
    ///
    /// # Panics
    /// No column has this name.
    pub fn column(&self, name: &str) -> usize {
        self.names
            .iter()
            .position(|n| n == name)
            .expect("column exists")
    }

    /// The values between the time stamp and the label, row by row.
    ///
    /// # Panics
    /// If a field is not a number.
    pub fn values(&self) -> Vec<Vec<f32>> {
        let last = self.names.len() - 1;
        let number = |field: &String| field.parse().expect("a number");
        self.rows
            .iter()
            .map(|row| row[1..last].iter().map(number).collect())
            .collect()
    }
}
