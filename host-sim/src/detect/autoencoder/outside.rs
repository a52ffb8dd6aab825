//! Rows with values outside the range that a model was fitted on: clipped to the ends of its input grid.

use crate::text::number::{by_name, count, counted};
use bellwether::Model;
use bellwether::network::quantise;

/// Share of such rows above which a score says little.
const MANY: f64 = 0.05;

/// Counts of rows and values that were clipped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outside {
    rows: u64,
    clipped: u64,
    /// Clipped values of each variable.
    of: Vec<u64>,
}

impl Outside {
    /// Takes a row: a value for each of the model's variables, NaN where it is missing.
    pub fn take(&mut self, model: &Model<'_>, row: impl Iterator<Item = f32>) {
        self.of.resize(model.feature_count(), 0);
        let grid = model.input_grid();
        let mut is_clipped = false;
        for (k, (of, x)) in self.of.iter_mut().zip(row).enumerate() {
            let clipped = quantise(&grid, model.scale(k).apply(x)).1;
            *of += u64::from(clipped);
            is_clipped |= clipped;
        }
        self.rows += 1;
        self.clipped += u64::from(is_clipped);
    }

    /// The counts in words, with a warning and the way out where they are many; `None` without any.
    pub fn said(&self, names: &[impl AsRef<str>]) -> Option<String> {
        if self.clipped == 0 {
            return None;
        }
        let share = self.clipped as f64 / self.rows as f64;
        let mut said = format!(
            "outside the range of the model, clipped: {} of {} ({:.1} %): {}",
            count(self.clipped),
            counted(self.rows, "row"),
            100.0 * share,
            by_name(&self.of, names)
        );
        if share > MANY {
            said += "\nwarning: the model says little about rows like these: train it on a recording that has \
                     them, or with --values 16, which reaches further";
        }
        Some(said)
    }
}
