//! Rows that belong together: maximal runs of set flags. Labelled runs are events, detected
//! runs are alarms.

/// Rows `first..=last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First row.
    pub first: usize,
    /// Last row.
    pub last: usize,
}

impl Run {
    /// Number of rows, at least 1.
    pub fn rows(&self) -> usize {
        self.last - self.first + 1
    }
}

/// The maximal runs of set flags, in order.
///
/// ```
/// use bellwether_sim::metrics::{Run, runs};
/// let found = runs(&[true, false, true, true]);
/// assert_eq!(found, [Run { first: 0, last: 0 }, Run { first: 2, last: 3 }]);
/// ```
pub fn runs(flags: &[bool]) -> Vec<Run> {
    let mut first = 0;
    let mut found = Vec::new();
    for run in flags.chunk_by(|a, b| a == b) {
        let next = first + run.len();
        if run.first() == Some(&true) {
            let last = next - 1;
            found.push(Run { first, last });
        }
        first = next;
    }
    found
}

/// Events that a run of detections overlaps, for events and runs in order: the indices
/// `from..to` into `events`. Calls with rising runs take linear time together if `from` of the
/// last answer is passed on.
pub(super) fn overlapping(events: &[Run], run: Run, mut from: usize) -> std::ops::Range<usize> {
    while events.get(from).is_some_and(|event| event.last < run.first) {
        from += 1;
    }
    let mut to = from;
    while events.get(to).is_some_and(|event| event.first <= run.last) {
        to += 1;
    }
    from..to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_the_series_end_runs() {
        assert_eq!(runs(&[]), []);
        assert_eq!(runs(&[false; 3]), []);
        assert_eq!(runs(&[true; 3]), [Run { first: 0, last: 2 }]);
    }

    #[test]
    fn touching_in_one_row_is_overlapping() {
        let events = [(2, 3), (5, 9), (11, 12)].map(|(first, last)| Run { first, last });
        let run = |first, last| Run { first, last };
        assert_eq!(overlapping(&events, run(3, 5), 0), 0..2);
        assert_eq!(overlapping(&events, run(4, 4), 0), 1..1);
        assert_eq!(overlapping(&events, run(9, 20), 1), 1..3);
        assert_eq!(overlapping(&events, run(13, 13), 0), 3..3);
    }
}
