//! Rows around the first one of an event, each as it was, whatever the width of bins.

use super::bins::Cell;
use std::collections::{BTreeMap, VecDeque};

/// Rows before the first one of an event, and from it on.
pub const AROUND: (u64, u64) = (64, 64);
/// Most events with such rows: certain ones, and others.
const MOST: (usize, usize) = (400, 200);

/// The rows of one variable around the first row of an event.
#[derive(Clone, Debug)]
pub struct Strip {
    /// The first of them.
    pub from: u64,
    /// A cell per row.
    pub cells: Vec<Cell>,
}

/// The last rows, and what was kept of earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Reel {
    rows: VecDeque<Vec<Cell>>,
    /// Rows so far.
    next: u64,
    /// First rows of events that are not over yet, in order.
    open: VecDeque<u64>,
    opened: (usize, usize),
    strips: BTreeMap<(u64, usize), Strip>,
}

impl Reel {
    /// Takes the next row: a cell per variable.
    pub fn push(&mut self, cells: Vec<Cell>) {
        if self.rows.len() as u64 == AROUND.0 + AROUND.1 {
            self.rows.pop_front();
        }
        self.rows.push_back(cells);
        self.next += 1;
    }

    /// An event, certain or not, began in the last row.
    pub fn open(&mut self, is_sure: bool) {
        let onset = self.next.saturating_sub(1);
        let (count, most) = match is_sure {
            true => (&mut self.opened.0, MOST.0),
            false => (&mut self.opened.1, MOST.1),
        };
        if *count < most && self.open.back() != Some(&onset) {
            *count += 1;
            self.open.push_back(onset);
        }
    }

    /// The first row of an event that is to be kept now.
    pub fn due(&mut self) -> Option<u64> {
        let next = self.next;
        let is_due = |onset: &u64| next >= onset + AROUND.1;
        self.open.front().filter(|onset| is_due(onset))?;
        self.open.pop_front()
    }

    /// Keeps some variables of an event.
    pub fn keep(&mut self, onset: u64, variables: &[usize]) {
        for variable in variables {
            if let Some(strip) = self.cut(*variable) {
                self.strips.insert((onset, *variable), strip);
            }
        }
    }

    fn cut(&self, variable: usize) -> Option<Strip> {
        let cells = self.rows.iter().map(|row| row.get(variable).copied());
        Some(Strip {
            from: self.next - self.rows.len() as u64,
            cells: cells.collect::<Option<_>>()?,
        })
    }

    /// The rows of a variable around an event; `None` where they were not kept.
    pub fn strip(&self, onset: u64, variable: usize) -> Option<Strip> {
        match self.strips.get(&(onset, variable)) {
            Some(strip) => Some(strip.clone()),
            None if self.open.contains(&onset) => self.cut(variable),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by rows that are off by one, by an event at the end that is lost, or by one that is kept for ever.
    #[test]
    fn rows_around_an_event_are_kept() {
        let mut reel = Reel::default();
        let mut done = Vec::new();
        for row in 0..300_u16 {
            reel.push(vec![Cell::value(row.into()), Cell::EMPTY]);
            if row == 100 || row == 290 {
                reel.open(true);
            }
            while let Some(onset) = reel.due() {
                done.push((onset, row));
                reel.keep(onset, &[0]);
            }
        }
        assert_eq!(done, [(100, 163)]);
        let strip = reel.strip(100, 0).unwrap();
        assert_eq!((strip.from, strip.cells.len()), (36, 128));
        assert_eq!(strip.cells[64].low, 100.0);
        assert!(reel.strip(100, 1).is_none());
        let late = reel.strip(290, 0).unwrap();
        assert_eq!((late.from, late.cells[127].low), (172, 299.0));
        assert!(reel.strip(290, 2).is_none());
    }
}
