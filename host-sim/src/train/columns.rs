//! The columns that a network learns, their scales, and what is odd about the others.

use super::Split;
use super::usual::{FAR, usual};
use crate::model::NamedFeature;
use crate::recording::Table;
use crate::text::number::counted;
use anyhow::ensure;
use bellwether::model::Scale;

/// Share of the rows that fit in which a column must be present, unless another is given.
pub const PRESENT: f64 = 0.95;
/// Columns and values that are named before the rest is counted.
const NAMED: usize = 12;

/// Columns that are present and vary, and the scale of each: smallest and largest usual value of the rows
/// that fit become 0 and 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Their indices in a recording's row.
    pub places: Vec<usize>,
    /// Their names.
    pub features: Vec<NamedFeature>,
    /// One scale each.
    pub scales: Vec<Scale>,
    /// Columns that are left out: name and reason.
    pub left_out: Vec<(String, Reason)>,
    /// Values far from all others of their column.
    pub far: Vec<Far>,
}

/// The reason why a column is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// It is present in this share of the rows only.
    Missing(f64),
    /// It always has this value.
    Constant(f32),
}

/// Far values of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Far {
    /// The column.
    pub name: String,
    /// Their number.
    pub count: usize,
    /// The first of them, its recording and its row, from 0.
    pub first: (f32, usize, usize),
}

impl Columns {
    /// From the rows that fit, of one recording or several with the same columns: those present in a
    /// share of the rows.
    ///
    /// # Errors
    /// No column is left.
    pub fn of(parts: &[(&Table, &Split)], present: f64) -> anyhow::Result<Self> {
        let names = parts.first().map(|(table, _)| table.names.clone());
        let rows: usize = parts.iter().map(|(_, split)| split.fit.len()).sum();
        let mut columns = Self::default();
        for (place, name) in names.unwrap_or_default().into_iter().enumerate() {
            let all = parts.iter().enumerate().flat_map(|(part, (table, split))| {
                let of = |row: &usize| (part, *row, table.row(*row)[place]);
                split.fit.iter().map(of).collect::<Vec<_>>()
            });
            let there: Vec<(usize, usize, f32)> = all.filter(|(.., x)| x.is_finite()).collect();
            let values: Vec<f64> = there.iter().map(|(.., x)| f64::from(*x)).collect();
            if (there.len() as f64) < present * rows as f64 || there.is_empty() {
                let share = there.len() as f64 / rows.max(1) as f64;
                columns.left_out.push((name, Reason::Missing(share)));
                continue;
            }
            let (low, high) = usual(&values).unwrap_or_default();
            let is_usual = |x: f64| (low..=high).contains(&x);
            let later = parts.iter().enumerate().flat_map(|(part, (table, split))| {
                let of = |row: &usize| (part, *row, table.row(*row)[place]);
                split.calibration.iter().map(of).collect::<Vec<_>>()
            });
            let later = later.filter(|(.., x)| is_beyond((f64::from(*x) - low) / (high - low)));
            let far = there.iter().copied();
            let far = far.filter(|(.., x)| !is_usual(f64::from(*x)));
            let mut far = far.chain(later);
            if let Some((part, row, value)) = far.next() {
                columns.far.push(Far {
                    name: name.clone(),
                    count: 1 + far.count(),
                    first: (value, part, row),
                });
            }
            let divisor = (high - low) as f32;
            if !divisor.is_normal() {
                columns.left_out.push((name, Reason::Constant(low as f32)));
                continue;
            }
            let kept: Vec<f64> = values.into_iter().filter(|x| is_usual(*x)).collect();
            columns.places.push(place);
            columns.features.push(NamedFeature {
                name,
                unit: String::new(),
            });
            columns.scales.push(Scale {
                offset: low as f32,
                divisor,
                mean: (kept.iter().sum::<f64>() / kept.len() as f64) as f32,
            });
        }
        ensure!(
            !columns.places.is_empty(),
            "no column is there in {present} of the {rows} rows that fit, and varies{}",
            columns.excuse()
        );
        Ok(columns)
    }

    /// Number of columns.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// The values of a row, in the recording's units.
    pub fn raw(&self, table: &Table, row: usize) -> Vec<f32> {
        let values = table.row(row);
        self.places.iter().map(|place| values[*place]).collect()
    }

    /// The values of a row, scaled, the mean where one is missing; and whether each was there.
    pub fn scaled(&self, table: &Table, row: usize) -> (Vec<f32>, Vec<bool>) {
        let values = self.raw(table, row);
        let there = values.iter().map(|x| x.is_finite()).collect();
        let scaled = values
            .iter()
            .zip(&self.scales)
            .map(|(x, scale)| scale.apply(if x.is_finite() { *x } else { scale.mean }));
        (scaled.collect(), there)
    }

    /// Whether fewer than half of a row's columns are there.
    pub fn is_blind(&self, table: &Table, row: usize) -> bool {
        let values = table.row(row);
        let there = self.places.iter().filter(|p| values[**p].is_finite());
        2 * there.count() < self.count()
    }

    /// The rows that fit and are not blind, as [`scaled`](Self::scaled); far values are clipped, as a
    /// device clips them.
    pub fn fitting(&self, table: &Table, split: &Split) -> Vec<(Vec<f32>, Vec<bool>)> {
        let far = FAR as f32;
        let rows = split.fit.iter().filter(|row| !self.is_blind(table, **row));
        let clipped = |row: &usize| {
            let (mut scaled, there) = self.scaled(table, *row);
            scaled
                .iter_mut()
                .for_each(|x| *x = x.clamp(-far, 1.0 + far));
            (scaled, there)
        };
        rows.map(clipped).collect()
    }

    /// Whether a row has a value far outside the range of its column.
    pub fn is_far(&self, table: &Table, row: usize) -> bool {
        let values = self.raw(table, row);
        let mut pairs = values.iter().zip(&self.scales);
        pairs.any(|(x, scale)| is_beyond(scale.apply(*x).into()))
    }

    /// Lines about columns left out, and about far values; a row of several recordings is named with its
    /// recording's number.
    pub fn said(&self, present: f64, recordings: usize) -> Vec<String> {
        let constant = |of: &&(String, Reason)| matches!(of.1, Reason::Constant(_));
        let (constant, missing): (Vec<_>, Vec<_>) = self.left_out.iter().partition(constant);
        let mut lines = Vec::new();
        if !missing.is_empty() {
            lines.push(format!(
                "left out, present in less than {present} of the rows that fit (--present SHARE): {}",
                listed(missing.iter().copied())
            ));
        }
        if !constant.is_empty() {
            lines.push(format!(
                "left out, constant in the rows that fit, so that no change of theirs will be seen: {}",
                listed(constant.iter().copied())
            ));
        }
        let far = self.far.iter().take(NAMED).map(|far| {
            let (value, part, row) = far.first;
            let of = if recordings > 1 {
                format!(" of recording {}", part + 1)
            } else {
                String::new()
            };
            let more = match far.count {
                1 => String::new(),
                count => format!(" and {} more", counted(count as u64 - 1, "value")),
            };
            format!("{} is {value} in row {row}{of}{more}", far.name)
        });
        let named: Vec<String> = far.collect();
        if !named.is_empty() {
            lines.push(format!(
                "warning: far from all other values of their columns, as faults and stand-ins for missing \
                 readings are, without effect on the scales (--missing VALUE): {}{}",
                named.join(", "),
                rest(self.far.len())
            ));
        }
        lines
    }

    /// The reasons why no column is left, and the share that would take some.
    fn excuse(&self) -> String {
        let shares = self.left_out.iter().filter_map(|(_, reason)| match reason {
            Reason::Missing(share) if *share > 0.0 => Some(*share),
            _ => None,
        });
        let most = shares.fold(0.0, f64::max);
        let mut said = match self.left_out.len() {
            0 => String::new(),
            _ => format!(": {}", listed(self.left_out.iter())),
        };
        if most > 0.0 {
            said += &format!(
                "; --present {:.2} takes the fullest",
                (100.0 * most).floor() / 100.0
            );
        }
        said
    }
}

/// Whether a scaled value is far outside the range; what is not finite is not.
fn is_beyond(x: f64) -> bool {
    x.is_finite() && !(-FAR..=1.0 + FAR).contains(&x)
}

fn listed<'a>(columns: impl ExactSizeIterator<Item = &'a (String, Reason)>) -> String {
    let count = columns.len();
    let named = columns.take(NAMED).map(|(name, reason)| match reason {
        Reason::Missing(share) => format!("{name} present in {share:.3}"),
        Reason::Constant(value) => format!("{name} always {value}"),
    });
    named.collect::<Vec<_>>().join(", ") + &rest(count)
}

fn rest(count: usize) -> String {
    match count.checked_sub(NAMED) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    }
}
