//! Alarms as episodes: the events they find, the false ones among them, their delay and their end.
//!
//! An episode is a run of alarm rows, merged with the next one over a gap of fewer than [`MERGED`]
//! rows. With an event in the rows `start..end`:
//!
//! | fact | rule |
//! |---|---|
//! | found | an episode overlaps `start - 10 .. end + 10` |
//! | fresh | an episode begins there |
//! | false | an episode touches no event's `start - 10 .. end + 100` |
//! | normal row | a row outside all of the latter |
//! | delay | rows from `start` to the first alarm row of `start - 10 .. end + 10`, 0 if it is early |
//! | clear | rows from `end` to the end of the last episode that found the event |
//! | busy | normal rows in alarm |

use super::runs::{Run, overlapping, runs};

/// Runs of alarm rows with fewer rows between them are one episode.
pub const MERGED: usize = 30;
/// Rows before and behind an event in which an episode finds it.
const NEAR: usize = 10;
/// Rows behind an event in which an episode is not false.
const AFTER: usize = 100;

/// Counts of one series' alarms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Episodes {
    /// Events found.
    pub found: u64,
    /// Events in which an episode begins.
    pub fresh: u64,
    /// False episodes.
    pub false_episodes: u64,
    /// Normal rows in alarm.
    pub busy: u64,
    /// Rows from an event's start to its first alarm row, for each found event with one.
    pub delays: Vec<u64>,
    /// Rows from an event's end to the end of its last episode, for the same events.
    pub clears: Vec<u64>,
}

/// A series' labels, prepared for alarms of any threshold.
#[derive(Clone, Debug)]
pub struct Events {
    rows: usize,
    events: Vec<Run>,
    /// The rows in which each event is found.
    near: Vec<Run>,
    /// The rows in which an episode is not false, event by event.
    zones: Vec<Run>,
    is_normal: Vec<bool>,
}

impl Events {
    /// The events of labels.
    pub fn of(labels: &[bool]) -> Self {
        let widened = |event: &Run, after| Run {
            first: event.first.saturating_sub(NEAR),
            last: event.last + after,
        };
        let events = runs(labels);
        let zones: Vec<Run> = events.iter().map(|event| widened(event, AFTER)).collect();
        let mut is_normal = vec![true; labels.len()];
        let mut from = 0;
        for zone in &zones {
            let to = (zone.last + 1).min(labels.len());
            is_normal[zone.first.max(from).min(to)..to].fill(false);
            from = to;
        }
        Self {
            rows: labels.len(),
            near: events.iter().map(|event| widened(event, NEAR)).collect(),
            events,
            zones,
            is_normal,
        }
    }

    /// Number of events.
    pub fn count(&self) -> u64 {
        self.events.len() as u64
    }

    /// Number of normal rows.
    pub fn normal_rows(&self) -> u64 {
        self.is_normal.iter().filter(|normal| **normal).count() as u64
    }

    /// Judges alarms, one flag per row. `None` if there are not as many as labels. Time O(n).
    ///
    /// Hides the length of alarms: one that never ends finds every event and is at most one false
    /// episode. `fresh` and `busy` show it.
    pub fn judge(&self, alarms: &[bool]) -> Option<Episodes> {
        if alarms.len() != self.rows {
            return None;
        }
        let normal = alarms.iter().zip(&self.is_normal);
        let mut judged = Episodes {
            busy: normal.filter(|(alarm, normal)| **alarm && **normal).count() as u64,
            ..Episodes::default()
        };
        let alarms = runs(alarms);
        let episodes = merged(&alarms);
        let mut from = 0;
        for episode in &episodes {
            let touched = overlapping(&self.zones, *episode, from);
            from = touched.start;
            judged.false_episodes += u64::from(touched.is_empty());
        }
        let (mut episode_from, mut alarm_from) = (0, 0);
        for (event, near) in self.events.iter().zip(&self.near) {
            let finding = overlapping(&episodes, *near, episode_from);
            episode_from = finding.start;
            let Some(last) = episodes[finding].last() else {
                continue;
            };
            judged.found += 1;
            judged.fresh += u64::from(last.first >= near.first);
            let inside = overlapping(&alarms, *near, alarm_from);
            alarm_from = inside.start;
            // An episode may reach over the event with a gap: then no row of it tells a delay.
            if let Some(first) = alarms[inside].first() {
                let first = first.first.max(near.first);
                judged.delays.push(first.saturating_sub(event.first) as u64);
                judged
                    .clears
                    .push(last.last.saturating_sub(event.last) as u64);
            }
        }
        Some(judged)
    }
}

/// Runs joined over short gaps.
fn merged(runs: &[Run]) -> Vec<Run> {
    let mut episodes: Vec<Run> = Vec::new();
    for run in runs {
        match episodes.last_mut() {
            Some(episode) if run.first - episode.last <= MERGED => episode.last = run.last,
            _ => episodes.push(*run),
        }
    }
    episodes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows `first..end` of each span.
    fn rows(count: usize, spans: &[(usize, usize)]) -> Vec<bool> {
        let set = |row| spans.iter().any(|(a, b)| (*a..*b).contains(&row));
        (0..count).map(set).collect()
    }

    fn judge(alarms: &[(usize, usize)], events: &[(usize, usize)]) -> Episodes {
        let events = Events::of(&rows(1_000, events));
        events.judge(&rows(1_000, alarms)).unwrap()
    }

    /// By hand. Broken by a gap of 30 that is joined, or one of 29 that is not.
    #[test]
    fn alarms_less_than_thirty_rows_apart_are_one_episode() {
        let episodes = |second| judge(&[(100, 110), (second, second + 5)], &[]).false_episodes;
        assert_eq!((episodes(139), episodes(140)), (1, 2));
    }

    /// By hand, with an event in the rows 500 to 519. Broken by a margin that is a row off.
    #[test]
    fn an_event_is_found_within_ten_rows() {
        let event = [(500, 520)];
        let found = |alarm| {
            let judged = judge(&[alarm], &event);
            (judged.found, judged.fresh, judged.false_episodes)
        };
        assert_eq!(found((480, 490)), (0, 0, 1));
        assert_eq!(found((480, 491)), (1, 0, 0));
        assert_eq!(found((490, 491)), (1, 1, 0));
        assert_eq!(found((529, 540)), (1, 1, 0));
        assert_eq!(found((530, 540)), (0, 0, 0));
        assert_eq!(found((619, 640)), (0, 0, 0));
        assert_eq!(found((620, 640)), (0, 0, 1));
    }

    /// By hand. Broken by a delay from the margin, or a clear that ends with the first episode.
    #[test]
    fn delay_and_clear_are_counted_from_the_event() {
        let event = [(500, 520)];
        let late = judge(&[(505, 507), (519, 526)], &event);
        assert_eq!((late.delays, late.clears), (vec![5], vec![6]));
        let early = judge(&[(493, 498)], &event);
        assert_eq!((early.delays, early.clears), (vec![0], vec![0]));
        // Joined over the event: found, with no row near it.
        let around = judge(&[(470, 480), (509, 512)], &[(495, 496)]);
        assert_eq!((around.found, around.delays.len()), (1, 0));
    }

    /// By hand; two events share their margins. Broken by rows that are counted twice.
    #[test]
    fn one_alarm_without_end_is_found_busy_and_not_fresh() {
        let events = [(200, 210), (215, 220), (950, 960)];
        let rules = Events::of(&rows(1_000, &events));
        // 190..320 and 940..1000 are not normal.
        assert_eq!((rules.count(), rules.normal_rows()), (3, 810));
        let judged = rules.judge(&[true; 1_000]).unwrap();
        assert_eq!((judged.found, judged.fresh), (3, 0));
        assert_eq!((judged.false_episodes, judged.busy), (0, 810));
        assert_eq!(judged.delays, [0, 0, 0]);
        assert_eq!(judged.clears, [790, 780, 40]);
    }

    #[test]
    fn one_episode_may_find_two_events_and_another_length_is_refused() {
        let judged = judge(&[(305, 345)], &[(300, 310), (340, 350)]);
        assert_eq!((judged.found, judged.fresh), (2, 1));
        assert_eq!(judged.delays, [5, 0]);
        assert_eq!(judged.clears, [35, 0]);
        assert_eq!(Events::of(&[true]).judge(&[]), None);
        let none = Events::of(&[]).judge(&[]);
        assert_eq!(none, Some(Episodes::default()));
    }
}
