//! Alarms as episodes beside labelled events.
//!
//! ```text
//! episode   alarmed rows, over gaps of fewer than 30 rows
//! found     an event that an episode overlaps, 10 rows in front of it to 10 behind
//! false     an episode that touches no event from 10 rows in front to 100 behind
//! normal    rows outside of all of the latter
//! delay     rows from the begin of an event to the first alarmed row, 0 if that is earlier
//! ```

/// Rows of a gap within an episode, fewer than these.
const GAP: usize = 30;
/// Rows in front of and behind an event in which it is found.
const NEAR: usize = 10;
/// Rows behind an event in which an episode is not false.
const AFTER: usize = 100;

/// Counts of a course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Episodes {
    /// Labelled events, and those found.
    pub events: usize,
    /// See `events`.
    pub found: usize,
    /// Episodes, and false ones.
    pub episodes: usize,
    /// See `episodes`.
    pub false_ones: usize,
    /// Rows outside of events, and those in alarm.
    pub normal: usize,
    /// See `normal`.
    pub busy: usize,
    /// Delay in rows of each event that was found.
    pub delays: Vec<usize>,
}

/// Runs of rows, first and one behind the last, joined over gaps of fewer than some rows.
fn runs(rows: &[bool], gap: usize) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (row, _) in rows.iter().enumerate().filter(|(_, on)| **on) {
        match runs.last_mut() {
            Some((_, end)) if row - *end < gap.max(1) => *end = row + 1,
            _ => runs.push((row, row + 1)),
        }
    }
    runs
}

fn overlap((a, b): (usize, usize), (c, d): (usize, usize)) -> bool {
    a < d && c < b
}

impl Episodes {
    /// Alarmed rows beside labels.
    pub fn of(labels: &[bool], alarmed: &[bool]) -> Self {
        let events = runs(labels, 0);
        let episodes = runs(alarmed, GAP);
        let near = |(first, end): (usize, usize)| (first.saturating_sub(NEAR), end + NEAR);
        let zone = |(first, end): (usize, usize)| (first.saturating_sub(NEAR), end + AFTER);
        let is_normal = |row: usize| {
            !events
                .iter()
                .any(|event| overlap(zone(*event), (row, row + 1)))
        };
        let normal: Vec<usize> = (0..labels.len()).filter(|row| is_normal(*row)).collect();
        let mut judged = Self {
            events: events.len(),
            episodes: episodes.len(),
            normal: normal.len(),
            busy: normal
                .iter()
                .filter(|row| alarmed.get(**row) == Some(&true))
                .count(),
            ..Self::default()
        };
        for event in &events {
            let found = episodes
                .iter()
                .any(|episode| overlap(*episode, near(*event)));
            judged.found += usize::from(found);
            let (from, to) = near(*event);
            let rows = alarmed.iter().enumerate().take(to).skip(from);
            let first = rows.filter(|(_, on)| **on).map(|(row, _)| row).next();
            if let Some(first) = first.filter(|_| found) {
                judged.delays.push(first.saturating_sub(event.0));
            }
        }
        let is_false = |episode: &&(usize, usize)| {
            !events.iter().any(|event| overlap(**episode, zone(*event)))
        };
        judged.false_ones = episodes.iter().filter(is_false).count();
        judged
    }

    /// Median delay in rows.
    pub fn delay(&self) -> Option<usize> {
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        delays.get(delays.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(length: usize, on: &[std::ops::Range<usize>]) -> Vec<bool> {
        (0..length)
            .map(|row| on.iter().any(|range| range.contains(&row)))
            .collect()
    }

    /// By hand. Broken by a gap that splits an episode, or an alarm far off that finds an event.
    #[test]
    fn episodes_find_events_near_them() {
        let labels = rows(1000, &[200..220, 600..610]);
        let alarmed = rows(1000, &[10..12, 35..40, 205..206, 640..641, 900..950]);
        let judged = Episodes::of(&labels, &alarmed);
        assert_eq!((judged.events, judged.found), (2, 1));
        assert_eq!((judged.episodes, judged.false_ones), (4, 2));
        assert_eq!(judged.normal, 1000 - 130 - 120);
        assert_eq!(judged.busy, 2 + 5 + 50);
        assert_eq!((judged.delays.clone(), judged.delay()), (vec![5], Some(5)));
    }
}
