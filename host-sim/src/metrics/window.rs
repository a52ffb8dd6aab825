//! The window around an event in PATE and VUS.

use super::alarms::median;
use super::runs::{Run, runs};

/// The protocol's window: the median length of the events, in rows, at least 10 and at most
/// 100; half rows are dropped. 10 if no row is labelled.
pub fn window(labels: &[bool]) -> usize {
    let rows = runs(labels);
    let median = median(rows.iter().map(|run: &Run| run.rows() as f64));
    median.map_or(10, |rows| rows.clamp(10.0, 100.0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_within_ten_and_a_hundred() {
        let series = |lengths: &[usize]| -> Vec<bool> {
            let event = |rows: &usize| [vec![false], vec![true; *rows]].concat();
            lengths.iter().flat_map(event).collect()
        };
        assert_eq!(window(&series(&[])), 10);
        assert_eq!(window(&series(&[3, 4, 50])), 10);
        assert_eq!(window(&series(&[20, 31])), 25);
        assert_eq!(window(&series(&[7, 40, 900])), 40);
        assert_eq!(window(&series(&[7, 140, 900])), 100);
    }
}
