//! Volume under the surface: areas under curves whose labels fade out around each event, over
//! all widths of the fading.
//!
//! A row at distance d from the nearest event counts `sqrt(1 - d/w)` if d <= w/2, for each
//! width w from 0 to the window; rows that two events reach count 1. Recall is multiplied by
//! the share of events that are touched at all (events whose fading overlaps are one).
//!
//! Source: Paparrizos and others, "Volume Under the Surface", VLDB 2022; equal to the package
//! `vus` 0.0.6, version `opt`. Not by its method, which passes over all rows for each width and
//! threshold: a row contributes by its threshold and by its distances to the two nearest
//! events, so one pass counts rows by these and the rest is sums over counts. Time
//! O(n log n + events * window + 250 * window²).

use super::is_series;
use super::levels::{THRESHOLDS, accumulate, levels, reached};
use super::runs::{Run, runs};

/// Two volumes, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vus {
    /// Under receiver operating characteristics; about 0.5 by chance.
    pub roc: f64,
    /// Under curves of precision and recall; by chance about the labelled share of the rows.
    pub pr: f64,
}

/// Volumes under the surface of a series, fading over at most `window` rows (the protocol: the
/// median length of the events, within 10 to 100; see [`super::window`]).
///
/// Hides which events are missed, and when within an event a detection comes. Of 250
/// thresholds, by rank: a few high scores among a million rows share the first one. `None` too
/// if all rows are labelled, or none.
pub fn vus(scores: &[f64], labels: &[bool], window: usize) -> Option<Vus> {
    let events = runs(labels);
    let labelled: usize = events.iter().map(Run::rows).sum();
    if !is_series(scores, labels) || labelled == 0 || labelled == scores.len() {
        return None;
    }
    let levels = levels(scores, &thresholds(scores));
    let all = reached(levels.iter().copied());
    let inside = reached(
        events
            .iter()
            .flat_map(|e| levels[e.first..=e.last].iter().copied()),
    );
    let mut faded = Faded::new(&events, &levels, window / 2);
    let mut touched = Touched::new(&events, &levels);
    let (mut share, mut sum) = (touched.shares(), Vus { roc: 0.0, pr: 0.0 });
    for width in 0..=window {
        if width > 0 && width % 2 == 0 {
            faded.widen();
            touched.widen();
            share = touched.shares();
        }
        let around = faded.weights(width);
        let mut curve = Curve::default();
        for (((all, inside), around), share) in all.iter().zip(&inside).zip(&around).zip(&share) {
            let (all, found) = (*all as f64, *inside as f64 + around);
            let positive = labelled as f64 + around / 2.0;
            let negative = scores.len() as f64 - positive;
            let recall = (found / positive).min(1.0) * share;
            curve.push(recall, (all - found) / negative, found / all);
        }
        let areas = curve.finish();
        sum.roc += areas.roc;
        sum.pr += areas.pr;
    }
    let widths = (window + 1) as f64;
    Some(Vus {
        roc: sum.roc / widths,
        pr: sum.pr / widths,
    })
}

/// Scores at evenly spaced ranks, from the highest to the lowest.
fn thresholds(scores: &[f64]) -> Vec<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let last = sorted.len() - 1;
    let step = last as f64 / (THRESHOLDS - 1) as f64;
    let rank = |k: usize| match k {
        // The product may round to just below the last rank.
        k if k == THRESHOLDS - 1 => last,
        k => (k as f64 * step) as usize,
    };
    (0..THRESHOLDS).map(|k| sorted[rank(k)]).collect()
}

/// An area under a curve in the making, from the highest threshold down.
#[derive(Default)]
struct Curve {
    recall: f64,
    false_rate: f64,
    roc: f64,
    pr: f64,
}

impl Curve {
    fn push(&mut self, recall: f64, false_rate: f64, precision: f64) {
        self.roc += (false_rate - self.false_rate) * (recall + self.recall) / 2.0;
        self.pr += (recall - self.recall) * precision;
        (self.recall, self.false_rate) = (recall, false_rate);
    }

    /// Closes the characteristic at (1, 1).
    fn finish(mut self) -> Vus {
        let pr = self.pr;
        self.push(1.0, 1.0, 0.0);
        Vus { roc: self.roc, pr }
    }
}

/// Weights of rows around events, by level, while the fading widens.
struct Faded {
    /// Largest distance at which an event reaches a row.
    reach: usize,
    /// By distance from 1: levels of rows whose nearest event is that far.
    entering: Vec<Vec<u32>>,
    /// By distance from 1: distance of the nearest event, and level, of rows whose second
    /// nearest event is that far.
    filling: Vec<Vec<(usize, u32)>>,
    /// By distance from 1 and level: rows that one event reaches.
    one: Vec<[u64; THRESHOLDS]>,
    /// By level: rows that two events reach.
    two: [u64; THRESHOLDS],
}

impl Faded {
    fn new(events: &[Run], levels: &[u32], most: usize) -> Self {
        let mut faded = Self {
            reach: 0,
            entering: vec![Vec::new(); most],
            filling: vec![Vec::new(); most],
            one: Vec::new(),
            two: [0; THRESHOLDS],
        };
        for gap in 0..=events.len() {
            let left = gap.checked_sub(1).map(|k| events[k]);
            let right = events.get(gap);
            let end = right.map_or(levels.len(), |event| event.first);
            let second_left = gap.checked_sub(2).map(|k| events[k]);
            let second_right = events.get(gap + 1);
            let begin = left.map_or(0, |event| event.last + 1);
            for (row, level) in (begin..).zip(&levels[begin..end]) {
                let mut nearest = usize::MAX;
                let mut second = usize::MAX;
                let before = [left, second_left];
                let before = before.iter().flatten().map(|event| row - event.last);
                let after = [right, second_right];
                let after = after.iter().flatten().map(|event| event.first - row);
                for distance in before.chain(after) {
                    if distance < nearest {
                        (nearest, second) = (distance, nearest);
                    } else {
                        second = second.min(distance);
                    }
                }
                if let Some(rows) = faded.entering.get_mut(nearest - 1) {
                    rows.push(*level);
                    if let Some(rows) = faded.filling.get_mut(second - 1) {
                        rows.push((nearest, *level));
                    }
                }
            }
        }
        faded
    }

    /// Lets events reach one row further.
    fn widen(&mut self) {
        let distance = self.reach;
        self.reach += 1;
        let mut entered = [0; THRESHOLDS];
        for level in &self.entering[distance] {
            entered[*level as usize] += 1;
        }
        self.one.push(entered);
        for (nearest, level) in &self.filling[distance] {
            self.one[nearest - 1][*level as usize] -= 1;
            self.two[*level as usize] += 1;
        }
    }

    /// Weight of the rows around events, at or above each threshold.
    fn weights(&self, width: usize) -> Vec<f64> {
        let mut sum: Vec<f64> = self.two.iter().map(|rows| *rows as f64).collect();
        for (k, rows) in self.one.iter().enumerate() {
            let weight = (1.0 - (k + 1) as f64 / width as f64).sqrt();
            for (sum, rows) in sum.iter_mut().zip(rows) {
                *sum += *rows as f64 * weight;
            }
        }
        accumulate(&mut sum);
        sum
    }
}

/// How many events are touched at each threshold, while the fading widens.
struct Touched<'a> {
    events: &'a [Run],
    levels: &'a [u32],
    reach: usize,
    /// By event: the best level within reach.
    best: Vec<u32>,
}

impl<'a> Touched<'a> {
    fn new(events: &'a [Run], levels: &'a [u32]) -> Self {
        let best = |e: &Run| levels[e.first..=e.last].iter().copied().min();
        let best = events.iter().filter_map(best).collect();
        Self {
            events,
            levels,
            reach: 0,
            best,
        }
    }

    fn widen(&mut self) {
        self.reach += 1;
        for (event, best) in self.events.iter().zip(&mut self.best) {
            let before = event.first.checked_sub(self.reach);
            let ends = [before, Some(event.last + self.reach)];
            let ends = ends
                .iter()
                .flatten()
                .filter_map(|row| self.levels.get(*row));
            *best = ends.fold(*best, |best, level| best.min(*level));
        }
    }

    /// Share of events that are touched at each threshold; those within reach of each other
    /// are one.
    fn shares(&self) -> Vec<f64> {
        let mut first = Vec::new();
        let mut best = u32::MAX;
        for (k, event) in self.events.iter().enumerate() {
            best = best.min(self.best[k]);
            let next = self.events.get(k + 1);
            if next.is_none_or(|next| next.first - event.last > 2 * self.reach) {
                first.push(best);
                best = u32::MAX;
            }
        }
        let events = first.len() as f64;
        let touched = reached(first.into_iter());
        touched.iter().map(|count| *count as f64 / events).collect()
    }
}
