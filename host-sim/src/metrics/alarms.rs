//! An operator's view: the number of false alarms, and the delay of the true ones.
//!
//! An alarm is a maximal run of detected rows. It is false if none of its rows lies within
//! [`MARGIN`] rows of an event: the event rule of [`crate::metrics::events`], by run and not by row.

use super::events::MARGIN;
use super::runs::{Run, overlapping, runs};

const K: usize = MARGIN as usize;

/// Number of false alarms. Divide by the days that the rows span for false alarms per day.
///
/// Hides their length: one alarm that never ends is one. `None` if lengths differ. Time O(n).
pub fn false_alarms(detected: &[bool], labels: &[bool]) -> Option<u64> {
    if detected.len() != labels.len() {
        return None;
    }
    let events: Vec<Run> = runs(labels).into_iter().map(widened).collect();
    let (mut count, mut from) = (0, 0);
    for alarm in runs(detected) {
        let touching = overlapping(&events, alarm, from);
        from = touching.start;
        count += u64::from(touching.is_empty());
    }
    Some(count)
}

/// For each event, in order: rows from its start to its first detection within [`MARGIN`] rows
/// of it, negative if early; `None` if there is no such detection. An alarm that is on already
/// counts from [`MARGIN`] rows before the event.
///
/// Hides missed events if only the delays of the others are averaged: state both. `None` if
/// lengths differ. Time O(n).
pub fn delays(detected: &[bool], labels: &[bool]) -> Option<Vec<Option<i64>>> {
    if detected.len() != labels.len() {
        return None;
    }
    let (alarms, mut from) = (runs(detected), 0);
    let delay = |event: Run| {
        let wide = widened(event);
        let touching = overlapping(&alarms, wide, from);
        from = touching.start;
        let alarm = alarms.get(touching)?.first()?;
        Some(alarm.first.max(wide.first) as i64 - event.first as i64)
    };
    Some(runs(labels).into_iter().map(delay).collect())
}

/// The rows in which a detection still hits an event.
fn widened(event: Run) -> Run {
    Run {
        first: event.first.saturating_sub(K),
        last: event.last + K,
    }
}

/// The median, of an even number the mean of the two in the middle; `None` of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    match half
        .checked_sub(1)
        .filter(|_| sorted.len().is_multiple_of(2))
    {
        Some(lower) => Some((sorted[lower] + upper) / 2.0),
        None => Some(upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize, spans: &[(usize, usize)]) -> Vec<bool> {
        let set = |row| spans.iter().any(|(a, b)| (*a..=*b).contains(&row));
        (0..count).map(set).collect()
    }

    #[test]
    fn alarms_count_once_and_the_margin_is_the_event_rules() {
        let labels = rows(100, &[(40, 50)]);
        let detected = rows(
            100,
            &[(0, 20), (30, 32), (33, 33), (57, 57), (58, 58), (70, 99)],
        );
        // 30..=33 reaches row 33 = 40 - 7, and 57..=58 begins at 50 + 7.
        assert_eq!(false_alarms(&detected, &labels), Some(2));
        assert_eq!(delays(&detected, &labels), Some(vec![Some(-7)]));
    }

    #[test]
    fn a_delay_is_from_the_begin_of_the_event() {
        let labels = rows(100, &[(3, 3), (40, 50), (60, 70), (90, 91)]);
        let detected = rows(100, &[(2, 2), (45, 46), (62, 63)]);
        let expected = vec![Some(-1), Some(5), Some(2), None];
        assert_eq!(delays(&detected, &labels), Some(expected));
        // An alarm from before the margin is on when the margin begins.
        let on = rows(100, &[(0, 99)]);
        let expected = vec![Some(-3), Some(-7), Some(-7), Some(-7)];
        assert_eq!(delays(&on, &labels), Some(expected));
    }

    #[test]
    fn an_even_median_is_a_mean() {
        assert_eq!(median([].into_iter()), None);
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
    }
}
