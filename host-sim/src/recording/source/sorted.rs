//! Rows in order of time, read as a whole first.

use super::{Current, Problem, Rows};
use crate::recording::time::clock::Clock;
use crate::text::number::counted;

/// Most readings that are kept.
const ROOM: usize = 1 << 27;

/// The rows of a source, sorted. A row that repeats the one before it in full is left out.
pub struct Sorted<R> {
    inner: R,
    rows: Option<std::vec::IntoIter<Current>>,
    repeated: u64,
}

impl<R: Rows> Sorted<R> {
    /// Nothing is read yet.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            rows: None,
            repeated: 0,
        }
    }

    fn read(&mut self) -> Result<std::vec::IntoIter<Current>, Problem> {
        let (mut clock, mut rows, mut size) = (Clock::default(), Vec::new(), 0);
        let mut row = Current::default();
        // A row without a time stays behind the one before it.
        let mut last = f64::NEG_INFINITY;
        while self.inner.next(&mut row)? {
            last = clock.read(&row.timestamp).unwrap_or(last);
            size += row.readings.len() + 8;
            if size > ROOM {
                return Err(Problem::TooLarge(
                    "a recording of more than 134,217,728 readings to sort",
                ));
            }
            rows.push((last, row.clone()));
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let before = rows.len();
        rows.dedup_by(|later, row| later.1 == row.1);
        self.repeated = (before - rows.len()) as u64;
        Ok(rows
            .into_iter()
            .map(|(_, row)| row)
            .collect::<Vec<_>>()
            .into_iter())
    }
}

impl<R: Rows> Rows for Sorted<R> {
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem> {
        let mut rows = match self.rows.take() {
            Some(rows) => rows,
            None => self.read()?,
        };
        let next = rows.next();
        self.rows = Some(rows);
        Ok(match next {
            Some(next) => {
                *row = next;
                true
            }
            None => false,
        })
    }

    fn select(&mut self, places: &[usize]) {
        self.inner.select(places);
    }

    fn line(&self) -> Option<u64> {
        self.rows.is_none().then(|| self.inner.line()).flatten()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.inner.remarks();
        if self.repeated > 0 {
            remarks.push(format!(
                "{} left out",
                counted(self.repeated, "repeated row")
            ));
        }
        remarks
    }
}
