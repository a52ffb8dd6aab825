//! Faults put into the rows that calibrate, to see what a model catches.
//!
//! Every column has one fault of each kind, at a place of its own. A range is that between the smallest and
//! largest usual value of the rows that fit. A fault is caught if a row of it alarms that does not alarm
//! without it.

use super::Columns;
use crate::detect::autoencoder::ModelScorer;
use bellwether::Model;
use std::fmt;

/// Most columns that are tried, evenly spaced.
const COLUMNS: usize = 32;
/// Rows of a lasting fault.
const ROWS: usize = 20;
/// Share of faults caught below which a model is doubted.
const FEW: f64 = 0.5;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One row a range off.
    Spike,
    /// Half a range off.
    Step,
    /// Growing to a range off.
    Drift,
    /// The first value, repeated.
    Stuck,
}

impl Fault {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Spike, Self::Step, Self::Drift, Self::Stuck];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::Step => "step",
            Self::Drift => "drift",
            Self::Stuck => "stuck",
        }
    }

    /// It in words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Spike => "one row a range off",
            Self::Step => "20 rows half a range off",
            Self::Drift => "20 rows growing to a range off",
            Self::Stuck => "20 rows of one value",
        }
    }

    const fn rows(self) -> usize {
        match self {
            Self::Spike => 1,
            Self::Step | Self::Drift | Self::Stuck => ROWS,
        }
    }

    /// The value in a row of the fault, from 0; `range` is negative for a fault downwards.
    fn value(self, value: f32, first: f32, row: usize, range: f32) -> f32 {
        match self {
            Self::Spike => value + range,
            Self::Step => value + 0.5 * range,
            Self::Drift => value + range * (row + 1) as f32 / ROWS as f32,
            Self::Stuck => first,
        }
    }
}

/// The faults of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caught {
    /// The kind.
    pub fault: Fault,
    /// Number of faults caught.
    pub caught: usize,
    /// Number of faults.
    pub of: usize,
}

/// Faults caught, and rows that alarm without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfTest {
    /// By kind.
    pub kinds: Vec<Caught>,
    /// Rows without a fault that alarm.
    pub false_rows: usize,
    /// Rows without a fault.
    pub rows: usize,
}

impl SelfTest {
    /// Of a model over rows in time order, in the recording's units.
    ///
    /// # Errors
    /// The model is too large, or has no scores.
    pub fn run(model: Model<'_>, columns: &Columns, rows: &[Vec<f32>]) -> anyhow::Result<Self> {
        let clean = alarms(model, rows)?;
        let mut test = Self {
            kinds: Vec::new(),
            false_rows: clean.iter().filter(|alarm| **alarm).count(),
            rows: rows.len(),
        };
        let tried = columns.count().min(COLUMNS);
        for fault in Fault::ALL {
            let (mut caught, mut of) = (0, 0);
            for k in 0..tried {
                let column = k * columns.count() / tried;
                let Some(room) = rows.len().checked_sub(fault.rows()) else {
                    break;
                };
                let start = (2 * k + 1) * room / (2 * tried);
                let own = start..start + fault.rows();
                let first = rows[start][column];
                let there = rows[own.clone()]
                    .iter()
                    .filter(|row| row[column].is_finite());
                if !first.is_finite() || 2 * there.count() < fault.rows() {
                    continue;
                }
                let up = if k % 2 == 0 { 1.0 } else { -1.0 };
                let range = up * columns.scales[column].divisor;
                let mut faulty = rows[own.clone()].to_vec();
                for (at, row) in faulty.iter_mut().enumerate() {
                    if row[column].is_finite() {
                        row[column] = fault.value(row[column], first, at, range);
                    }
                }
                let pairs = alarms(model, &faulty)?.into_iter().zip(&clean[own]);
                of += 1;
                caught += usize::from(pairs.into_iter().any(|(with, without)| with && !without));
            }
            test.kinds.push(Caught { fault, caught, of });
        }
        Ok(test)
    }

    /// A doubt about a model that misses most steps; `None` of one that does not.
    pub fn doubt(&self) -> Option<String> {
        let steps = self.kinds.iter().find(|kind| kind.fault == Fault::Step)?;
        let share = steps.caught as f64 / steps.of.max(1) as f64;
        (steps.of > 0 && share < FEW).then(|| {
            "warning: most steps of half a column's range pass unseen: the columns may have no relations, or \
             the network copies them (fewer --layers), or healthy rows err as much"
                .to_owned()
        })
    }
}

fn alarms(model: Model<'_>, rows: &[Vec<f32>]) -> anyhow::Result<Vec<bool>> {
    let mut scorer = ModelScorer::new(model)?;
    let mut alarm = |row: &Vec<f32>| {
        let answer = scorer.observe(row);
        scorer.alarm(answer).is_anomalous()
    };
    Ok(rows.iter().map(&mut alarm).collect())
}

impl fmt::Display for SelfTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kinds,
            false_rows,
            rows,
        } = self;
        write!(f, "self-test: caught")?;
        for (k, Caught { fault, caught, of }) in kinds.iter().enumerate() {
            let comma = if k > 0 { "," } else { "" };
            write!(f, "{comma} {} {caught} of {of}", fault.name())?;
        }
        write!(f, "; false {false_rows} of {rows} rows")
    }
}
