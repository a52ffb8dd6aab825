//! Frames for a model: raw little-endian f32, or the columns of a CSV file by name.

use anyhow::{Context, ensure};
use bellwether::Model;
use std::path::Path;

/// Frames of as many values as the model has features, one after another. NaN is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Frames {
    values: Vec<f32>,
    features: usize,
}

impl Frames {
    /// Reads a file: CSV if its name ends in `.csv`, else raw.
    ///
    /// # Errors
    /// It cannot be read, or does not hold whole frames of this model.
    pub fn read(path: &Path, model: &Model<'_>) -> anyhow::Result<Self> {
        let csv = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        let read = || {
            let bytes = std::fs::read(path)?;
            if csv {
                Self::from_csv(&bytes, model)
            } else {
                Self::from_raw(&bytes, model)
            }
        };
        read().with_context(|| path.display().to_string())
    }

    /// Little-endian f32, nothing between frames.
    ///
    /// # Errors
    /// The bytes are not a whole number of frames.
    pub fn from_raw(bytes: &[u8], model: &Model<'_>) -> anyhow::Result<Self> {
        let features = model.feature_count();
        ensure!(
            bytes.len().is_multiple_of(4 * features),
            "{} bytes are no whole number of frames of {features} f32",
            bytes.len()
        );
        let values = bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b));
        Ok(Self {
            values: values.collect(),
            features,
        })
    }

    /// A header with names, then a frame a row. The model's features are found by name;
    /// further columns are ignored. An empty field is missing.
    ///
    /// # Errors
    /// A feature has no column, or a field is not a number; the line is named.
    pub fn from_csv(bytes: &[u8], model: &Model<'_>) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers()?.clone();
        let column = |name: &str| {
            let found = header.iter().position(|column| column == name);
            found.with_context(|| format!("the model's variable `{name}` has no column"))
        };
        let columns = model.features().map(|feature| column(feature.name));
        let columns = columns.collect::<anyhow::Result<Vec<usize>>>()?;
        let mut values = Vec::new();
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
        }
        Ok(Self {
            values,
            features: columns.len(),
        })
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.values.len() / self.features.max(1)
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Every run of `window` frames, oldest frame first; each begins one frame later.
    pub fn windows(&self, window: usize) -> impl Iterator<Item = &[f32]> {
        let count = (self.len() + 1).saturating_sub(window);
        let (step, size) = (self.features, self.features * window);
        (0..count).filter_map(move |k| self.values.get(k * step..k * step + size))
    }
}
