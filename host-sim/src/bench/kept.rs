//! A detector's own alarms over the series of a set, and over sets: events found, and the promise kept.

use super::alarms::AlarmRun;
use crate::metrics::median;

/// Realised rates up to this multiple of the promise keep it.
const WITHIN: f64 = 3.0;

/// Figures of a set, or means over sets. NaN where a figure is not defined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kept {
    /// False episodes per 10,000 normal rows that are meant to be kept.
    pub promise: f64,
    /// Number of runs: series, times seeds.
    pub runs: usize,
    /// Number of events.
    pub events: u64,
    /// Share of events found.
    pub recall: f64,
    /// Share of events in which an episode begins.
    pub fresh: f64,
    /// False episodes per 10,000 normal rows: mean over series.
    pub mean: f64,
    /// The same, median over series.
    pub median: f64,
    /// The same, of all rows together.
    pub pooled: f64,
    /// Share of series with at most three times the promise.
    pub kept: f64,
    /// Median rows from the start of a found event to its first alarm row.
    pub delay: f64,
    /// Median rows from the end of a found event to the end of its alarm.
    pub clear: f64,
    /// Share of normal rows in alarm.
    pub busy: f64,
    /// NAB's standard score of the alarms' first rows: best 100, 0 without an alarm.
    pub nab: f64,
}

impl Kept {
    /// Over runs of one set; `None` if none has alarms of its own.
    pub fn of(runs: &[&AlarmRun]) -> Option<Self> {
        let own: Vec<&&AlarmRun> = runs.iter().filter(|run| run.promise.is_some()).collect();
        let promise = own.first()?.promise?;
        let sum = |of: fn(&AlarmRun) -> Option<u64>| -> f64 {
            own.iter().map(|run| of(run).unwrap_or(0) as f64).sum()
        };
        let events = sum(|run| Some(run.events));
        let normal = sum(|run| Some(run.normal_rows));
        let false_episodes = |run: &AlarmRun| run.false_episodes.unwrap_or(0) as f64;
        let rates = own.iter().filter(|run| run.normal_rows > 0);
        let rates = rates.map(|run| 1e4 * false_episodes(run) / run.normal_rows as f64);
        let rates: Vec<f64> = rates.collect();
        let series = rates.len() as f64;
        let kept = rates.iter().filter(|rate| **rate <= WITHIN * promise);
        let rows = |of: fn(&AlarmRun) -> &str| {
            let all = own.iter().flat_map(|run| of(run).split_whitespace());
            median(all.filter_map(|rows| rows.parse().ok())).unwrap_or(f64::NAN)
        };
        Some(Self {
            promise,
            runs: own.len(),
            events: events as u64,
            recall: sum(|run| run.found) / events,
            fresh: sum(|run| run.fresh) / events,
            mean: rates.iter().sum::<f64>() / series,
            median: median(rates.iter().copied()).unwrap_or(f64::NAN),
            pooled: 1e4 * sum(|run| run.false_episodes) / normal,
            kept: kept.count() as f64 / series,
            delay: rows(|run| &run.delays),
            clear: rows(|run| &run.clears),
            busy: sum(|run| run.busy_rows) / normal,
            nab: 50.0 * (own.iter().filter_map(|run| run.nab).sum::<f64>() / events + 1.0),
        })
    }

    /// Means over sets, each over the sets that define the figure; `None` of no set.
    pub fn over(sets: &[Self]) -> Option<Self> {
        let mean = |of: fn(&Self) -> f64| {
            let figures = sets.iter().map(of).filter(|figure| figure.is_finite());
            let (sum, count) = figures.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
            sum / count
        };
        Some(Self {
            promise: sets.first()?.promise,
            runs: sets.iter().map(|set| set.runs).sum(),
            events: sets.iter().map(|set| set.events).sum(),
            recall: mean(|set| set.recall),
            fresh: mean(|set| set.fresh),
            mean: mean(|set| set.mean),
            median: mean(|set| set.median),
            pooled: mean(|set| set.pooled),
            kept: mean(|set| set.kept),
            delay: mean(|set| set.delay),
            clear: mean(|set| set.clear),
            busy: mean(|set| set.busy),
            nab: mean(|set| set.nab),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::alarms::tests::run;
    use super::*;

    /// By hand: 1 false episode in 2,000 rows and 1 in 8,000 are 5 and 1.25 per 10,000, and pooled 2.
    #[test]
    fn rates_are_pooled_and_by_series() {
        let a = AlarmRun {
            found: Some(1),
            delays: "4".to_owned(),
            clears: "9".to_owned(),
            busy_rows: Some(100),
            ..run("x", "1", 2, 2_000, 1)
        };
        let b = AlarmRun {
            found: Some(2),
            fresh: Some(1),
            delays: "6 20".to_owned(),
            clears: "0 1".to_owned(),
            ..run("x", "2", 2, 8_000, 1)
        };
        let set = Kept::of(&[&a, &b]).unwrap();
        assert_eq!((set.runs, set.events), (2, 4));
        assert_eq!((set.recall, set.fresh), (0.75, 0.25));
        assert_eq!((set.mean, set.median, set.pooled), (3.125, 3.125, 2.0));
        assert_eq!((set.kept, set.delay, set.clear), (0.5, 6.0, 1.0));
        assert_eq!(set.busy, 0.01);
        // Nothing but misses, and by hand two of four windows at the best row.
        assert_eq!(set.nab, 0.0);
        let half = [&a, &b].map(|run| AlarmRun {
            nab: Some(0.0),
            ..run.clone()
        });
        assert_eq!(Kept::of(&half.each_ref()).unwrap().nab, 50.0);
        // With a promise of 2, both are within 3 times of it.
        let double = [&a, &b].map(|run| AlarmRun {
            promise: Some(2.0),
            ..run.clone()
        });
        assert_eq!(Kept::of(&double.each_ref()).unwrap().kept, 1.0);
        // A set without events has no recall, and does not change that of the others.
        let quiet = Kept::of(&[&run("y", "1", 0, 10_000, 0)]).unwrap();
        assert!(quiet.recall.is_nan() && quiet.delay.is_nan());
        let both = Kept::over(&[set, quiet]).unwrap();
        assert_eq!((both.recall, both.pooled, both.events), (0.75, 1.0, 4));
        let none = AlarmRun { promise: None, ..a };
        assert_eq!(Kept::of(&[&none]), None);
    }
}
