//! Rows of a fit without gaps, and the scale of each variable.

use bellwether::quartet::{byte, capped, deviations, floored};

/// Rows in which every gap is the value before it; before the first one that one, and 0 where a variable
/// has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    pub rows: Vec<Vec<f32>>,
    /// Whether each variable had no value.
    pub empty: Vec<bool>,
}

impl Filled {
    pub fn of(rows: &[Vec<f32>]) -> Self {
        let variables = rows.first().map_or(0, Vec::len);
        let first = |j: usize| rows.iter().map(|row| row[j]).find(|x| x.is_finite());
        let firsts: Vec<Option<f32>> = (0..variables).map(first).collect();
        let mut last: Vec<f32> = firsts.iter().map(|x| x.unwrap_or(0.0)).collect();
        let rows = rows.iter().map(|row| {
            for (last, x) in last.iter_mut().zip(row) {
                if x.is_finite() {
                    *last = *x;
                }
            }
            last.clone()
        });
        Self {
            rows: rows.collect(),
            empty: firsts.iter().map(Option::is_none).collect(),
        }
    }
}

/// Numbers of each variable, as a device has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub mean: Vec<f32>,
    pub inv_deviation: Vec<f32>,
    pub inv_difference: Vec<f32>,
}

impl Scale {
    pub fn of(filled: &Filled) -> Self {
        let mut scale = Self {
            mean: Vec::new(),
            inv_deviation: Vec::new(),
            inv_difference: Vec::new(),
        };
        for (j, empty) in filled.empty.iter().enumerate() {
            let column: Vec<f64> = filled.rows.iter().map(|row| f64::from(row[j])).collect();
            let (mean, deviation) = moments(&column);
            let steps = column.windows(2).map(|pair| pair[1] - pair[0]);
            let (_, difference) = moments(&std::iter::once(0.0).chain(steps).collect::<Vec<_>>());
            let (deviation, difference) = floored(mean, deviation, difference);
            let inverse = |x: f64| if *empty { 0.0 } else { (1.0 / x) as f32 };
            scale.mean.push(mean as f32);
            scale.inv_deviation.push(inverse(deviation));
            scale.inv_difference.push(inverse(difference));
        }
        scale
    }

    /// A row in deviations, at most 50 either way.
    pub fn deviations(&self, row: &[f32]) -> Vec<f32> {
        self.z(row).map(capped).collect()
    }

    /// A row as bytes.
    pub fn bytes(&self, row: &[f32]) -> Vec<i8> {
        self.z(row).map(byte).collect()
    }

    fn z(&self, row: &[f32]) -> impl Iterator<Item = f32> {
        let scales = self.mean.iter().zip(&self.inv_deviation);
        let values = row.iter().zip(scales);
        values.map(|(x, (mean, inv_deviation))| deviations(*x, *mean, *inv_deviation))
    }
}

/// Mean and population deviation, in two passes.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, (squares / n).sqrt())
}
