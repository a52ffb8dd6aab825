//! Instructions per row: of one generated series, for every detector alike.

use super::{Detector, Entrant, Series};
use crate::cost::total::{Total, mark};
use crate::random::Random;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

/// Variables of the series.
pub const VARIABLES: usize = 8;
/// Rows that fit.
const FIT: usize = 1_000;
/// Rows that are counted.
const COUNTED: usize = 2_000;

/// Instructions per row by the detector's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instructions(pub BTreeMap<String, u64>);

#[derive(Serialize, Deserialize)]
struct Line {
    detector: String,
    variables: usize,
    instructions_per_row: u64,
}

impl Instructions {
    /// Reads `instructions.csv`.
    ///
    /// # Errors
    /// A line is not understood; it is named.
    pub fn read(name: &str, input: impl Read) -> anyhow::Result<Self> {
        let mut all = BTreeMap::new();
        for (k, line) in csv::Reader::from_reader(input).deserialize().enumerate() {
            let line: Line = line.with_context(|| format!("{name}: line {}", k + 2))?;
            all.insert(line.detector, line.instructions_per_row);
        }
        Ok(Self(all))
    }

    /// Writes it.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&self, output: impl Write) -> anyhow::Result<()> {
        let mut writer = csv::Writer::from_writer(output);
        for (detector, count) in &self.0 {
            writer.serialize(Line {
                detector: detector.clone(),
                variables: VARIABLES,
                instructions_per_row: *count,
            })?;
        }
        writer.flush()?;
        Ok(())
    }

    /// Counts a detector: `program` is this one, which is told to call [`stream`].
    ///
    /// # Errors
    /// It cannot be run and counted.
    pub fn count(&mut self, total: &Total, program: &Path, name: &str) -> anyhow::Result<()> {
        let count = total.between(program, &["stream", name])?;
        self.0.insert(name.to_owned(), count / COUNTED as u64);
        Ok(())
    }
}

/// Scores the series with a detector, and marks where rows begin and end.
///
/// # Errors
/// There is no such detector, or the marks cannot be written.
pub fn stream(name: &str) -> anyhow::Result<()> {
    let detector = Detector::named(name).with_context(|| format!("no detector `{name}`"))?;
    // The length of training has no influence on the cost of a row.
    let settings = match Entrant::of(detector, vec!["epochs=1".to_owned()]) {
        Ok(_) => vec!["epochs=1".to_owned()],
        Err(_) => Vec::new(),
    };
    let series = series();
    let sum = detector.run(&series, &settings, 1, |scorer| {
        for row in &series.rows[..FIT] {
            scorer.score(row);
        }
        mark()?;
        let sum: f64 = series.rows[FIT..].iter().map(|row| scorer.score(row)).sum();
        mark().map(|()| sum)
    })??;
    anyhow::ensure!(!sum.is_nan(), "{name}: a score that is no number");
    Ok(())
}

/// Waves with noise, a step in one variable and spikes in three.
fn series() -> Series {
    let mut random = Random::new(20_080);
    let mut row = |t: usize| {
        let value = |k: usize, random: &mut Random| {
            let wave = (t as f64 / (20.0 + 7.0 * k as f64)).sin() + 0.1 * random.noise();
            let step = if k == 4 && t > 2_200 { 2.0 } else { 0.0 };
            let spike = if k < 3 && t % 400 == 399 { 6.0 } else { 0.0 };
            (wave + step + spike) as f32
        };
        (0..VARIABLES).map(|k| value(k, &mut random)).collect()
    };
    let rows: Vec<Vec<f32>> = (0..FIT + COUNTED).map(&mut row).collect();
    Series {
        set: "generated".to_owned(),
        name: "waves".to_owned(),
        variables: (0..VARIABLES).map(|k| format!("x{k}")).collect(),
        all_labels: vec![false; rows.len()],
        rows,
        fit: FIT,
        begin: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let counts = BTreeMap::from([("a".to_owned(), 7), ("b".to_owned(), 9_000)]);
        let counts = Instructions(counts);
        let mut bytes = Vec::new();
        counts.write(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text,
            "detector,variables,instructions_per_row\na,8,7\nb,8,9000\n"
        );
        assert_eq!(
            Instructions::read("i.csv", text.as_bytes()).unwrap(),
            counts
        );
        let error = Instructions::read("i.csv", "detector,variables\na,8\n".as_bytes());
        assert!(error.unwrap_err().to_string().starts_with("i.csv: line 2"));
    }
}
