//! Frames for a network: raw little-endian f32, or the columns of a CSV file by name.

use crate::recording::{Recording, decompress};
use anyhow::{Context, anyhow, bail, ensure};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Frames of as many values as there are variables, one after another. NaN is missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frames {
    values: Vec<f32>,
    features: usize,
    labels: Vec<bool>,
}

impl Frames {
    /// Reads a file: CSV (plain, gzip or zstd) if its name says so, else raw.
    ///
    /// # Errors
    /// It cannot be read, or does not hold whole frames of these variables.
    pub fn read(path: &Path, names: &[&str]) -> anyhow::Result<Self> {
        let name = path.to_string_lossy().to_ascii_lowercase();
        let bare = [".gz", ".zst"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        let read = || {
            let mut bytes = Vec::new();
            let mut input = decompress(&name, File::open(path)?).map_err(|e| anyhow!("{e}"))?;
            input.read_to_end(&mut bytes)?;
            if bare.unwrap_or(&name).ends_with(".csv") {
                Self::from_csv(&bytes, names)
            } else {
                Self::from_raw(&bytes, names.len())
            }
        };
        read().with_context(|| path.display().to_string())
    }

    /// Little-endian f32, nothing between frames.
    ///
    /// # Errors
    /// The bytes are not a whole number of frames.
    pub fn from_raw(bytes: &[u8], features: usize) -> anyhow::Result<Self> {
        ensure!(
            bytes.len().is_multiple_of(4 * features),
            "{} bytes are no whole number of frames of {features} f32",
            bytes.len()
        );
        let values = bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b));
        Ok(Self {
            values: values.collect(),
            features,
            labels: Vec::new(),
        })
    }

    /// A header with names, then a frame a row. Variables are found by name; of further columns
    /// only `label` is read (0 or 1). An empty field is missing.
    ///
    /// # Errors
    /// A variable has no column, or a field is not a number; the line is named.
    pub fn from_csv(bytes: &[u8], names: &[&str]) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers()?.clone();
        let column = |name: &str| {
            let found = header.iter().position(|column| column == name);
            found.with_context(|| format!("the variable `{name}` has no column"))
        };
        let columns = names.iter().map(|name| column(name));
        let columns = columns.collect::<anyhow::Result<Vec<usize>>>()?;
        let label = header.iter().position(|column| column == "label");
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for row in reader.records() {
            let row = row?;
            let line = row.position().map_or(0, csv::Position::line);
            for &column in &columns {
                let field = row.get(column).unwrap_or_default();
                values.push(match field {
                    "" => f32::NAN,
                    text => text.trim().parse().with_context(|| {
                        let name = header.get(column).unwrap_or_default();
                        format!("line {line}, `{name}`: `{text}` is not a number")
                    })?,
                });
            }
            if let Some(column) = label {
                labels.push(match row.get(column).unwrap_or_default().trim() {
                    "0" | "0.0" => false,
                    "1" | "1.0" => true,
                    text => bail!("line {line}, `label`: `{text}` is neither 0 nor 1"),
                });
            }
        }
        Ok(Self {
            values,
            features: columns.len(),
            labels,
        })
    }

    /// The rows of a recording; variables are found by name.
    ///
    /// # Errors
    /// A variable has no column, or a row cannot be read.
    pub fn from_recording(mut recording: Recording, names: &[&str]) -> anyhow::Result<Self> {
        let column = |name: &&str| {
            let found = recording.names().iter().position(|column| column == name);
            found.with_context(|| format!("the variable `{name}` has no column"))
        };
        let columns = names.iter().map(column);
        let columns = columns.collect::<anyhow::Result<Vec<usize>>>()?;
        let mut frames = Self {
            features: columns.len(),
            ..Self::default()
        };
        while let Some(row) = recording.next_row()? {
            let reading = |place: &usize| row.readings.get(*place).and_then(|r| r.usable().ok());
            let values = columns
                .iter()
                .map(|place| reading(place).unwrap_or(f32::NAN));
            frames.values.extend(values);
            frames.labels.extend(row.label);
        }
        Ok(frames)
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.values.len() / self.features.max(1)
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// One label per frame, or none at all: whether it is anomalous.
    pub fn labels(&self) -> &[bool] {
        &self.labels
    }

    /// Every run of `window` frames, oldest frame first; each begins one frame later.
    pub fn windows(&self, window: usize) -> impl Iterator<Item = &[f32]> {
        let count = (self.len() + 1).saturating_sub(window);
        let (step, size) = (self.features, self.features * window);
        (0..count).filter_map(move |k| self.values.get(k * step..k * step + size))
    }
}
