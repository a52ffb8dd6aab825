//! PATE: precision and recall whose weights depend on when a detection comes, as an area under
//! their curve, averaged over buffers of zero and full length before and after events.
//!
//! A detected row in an event is one true positive. In the buffer after an event it is one by a
//! weight that falls to 0 at the buffer's end, and a false positive by the rest; so too before
//! an event, if the event is detected at all. A row missed in an event that is detected in part
//! weighs 1 if it comes soon after the onset, by the length of the first detected run, and less
//! later. Buffers end where the next event begins, and an early one begins after the late one
//! of the event before.
//!
//! Source: Ghorbani and others, "PATE: Proximity-Aware Time series anomaly Evaluation", KDD
//! 2024; equal to the package `pate` 0.1.1 with its defaults (`Big_Data`, 250 thresholds, one
//! split and zero). Not by its method, which sorts every run at every threshold: true positives
//! are sums of weights by the first threshold at which a row counts, and what is missed depends
//! on an event's own rows only. Time O(n log n + sum over events of rows · distinct levels).

use super::curve::steps;
use super::is_series;
use super::levels::{THRESHOLDS, accumulate, levels, reached};
use super::runs::{Run, runs};

/// PATE of a series with buffers of `early` and `late` rows (the protocol: both the median
/// length of the events, within 10 to 100; see [`super::window`]). 0 to 1; by chance about the
/// labelled share of the rows.
///
/// Hides how many events are missed: a long one that is found weighs as much as many short
/// ones. Its 250 thresholds are evenly spaced among the distinct scores, not among the rows. `None`
/// too if no row is labelled.
pub fn pate(scores: &[f64], labels: &[bool], early: usize, late: usize) -> Option<f64> {
    let events = runs(labels);
    if !is_series(scores, labels) || events.is_empty() {
        return None;
    }
    let levels = levels(scores, &thresholds(scores, labels));
    let all = reached(levels.iter().copied());
    let inside = |event: &Run| levels[event.first..=event.last].iter();
    let found = reached(events.iter().flat_map(inside).copied());
    let labelled: usize = events.iter().map(Run::rows).sum();
    let late_missed = late_missed(&events, &levels);
    let mut sum = 0.0;
    for early in [0, early] {
        for late in [0, late] {
            let around = around(&events, &levels, early, late);
            let mut curve = Curve::default();
            for k in 0..THRESHOLDS {
                let positive = found[k] as f64 + around[k];
                let missed = (labelled as u64 - found[k]) as f64 - late_missed[k];
                let recall = if positive > 0.0 {
                    positive / (positive + missed)
                } else {
                    0.0
                };
                curve.push(recall, positive / all[k] as f64);
            }
            sum += curve.area;
        }
    }
    Some(sum / 4.0)
}

/// An area under a curve in the making. Points whose recall falls are left out.
struct Curve {
    recall: f64,
    precision: f64,
    area: f64,
}

impl Default for Curve {
    fn default() -> Self {
        Self {
            recall: 0.0,
            precision: 1.0,
            area: 0.0,
        }
    }
}

impl Curve {
    fn push(&mut self, recall: f64, precision: f64) {
        if recall >= self.recall {
            self.area += (recall - self.recall) * (precision + self.precision) / 2.0;
            (self.recall, self.precision) = (recall, precision);
        }
    }
}

/// Evenly spaced percentiles, from the highest down, of the distinct scores; those between
/// two steps that find no labelled row are left out first.
fn thresholds(scores: &[f64], labels: &[bool]) -> Vec<f64> {
    let steps = steps(scores, labels);
    let corner = |k: usize| match (k.checked_sub(1).map(|k| &steps[k]), steps.get(k + 1)) {
        (Some(before), Some(after)) => {
            before.1.labelled != steps[k].1.labelled || steps[k].1.labelled != after.1.labelled
        }
        _ => true,
    };
    let mut kept: Vec<f64> = (0..steps.len())
        .filter(|k| corner(*k))
        .map(|k| steps[k].0)
        .collect();
    kept.reverse();
    let percent = |k: usize| match k {
        k if k == THRESHOLDS - 1 => 0.0,
        k => k as f64 * (-100.0 / (THRESHOLDS - 1) as f64) + 100.0,
    };
    (0..THRESHOLDS)
        .map(|k| quantile(&kept, percent(k) / 100.0))
        .collect()
}

/// The quantile `share` of rising values by linear interpolation, to the bit as NumPy does it:
/// a threshold that is a score must be that score.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = last as f64 * share;
    if place >= last as f64 {
        return sorted[last];
    }
    let below = place.floor();
    let (a, b) = (sorted[below as usize], sorted[below as usize + 1]);
    let t = place - below;
    if t >= 0.5 {
        b - (b - a) * (1.0 - t)
    } else {
        a + (b - a) * t
    }
}

/// At each threshold: what missed rows weigh less than 1 because they lie late in an event that
/// is detected in part. Exactly 0 where there are none: recall 1 must be 1.
fn late_missed(events: &[Run], levels: &[u32]) -> Vec<f64> {
    let mut sum = vec![0.0; THRESHOLDS];
    let mut by_length: Vec<&Run> = events.iter().collect();
    by_length.sort_by_key(|event| event.rows());
    // Events of one length share a divisor, so their sum stays an integer.
    for group in by_length.chunk_by(|a, b| a.rows() == b.rows()) {
        let rows = group[0].rows() as i128;
        if rows < 3 {
            continue;
        }
        let mut change = vec![0i128; THRESHOLDS];
        for event in group {
            let levels = &levels[event.first..=event.last];
            let mut present = levels.to_vec();
            present.sort_unstable();
            present.dedup();
            let mut before = 0;
            for level in present {
                let distance = late_distance(levels, level);
                if let Some(change) = change.get_mut(level as usize) {
                    *change += distance - before;
                }
                before = distance;
            }
        }
        let (mut distance, farthest) = (0, rows * (rows - 1) / 2);
        for (sum, change) in sum.iter_mut().zip(change) {
            distance += change;
            *sum += distance as f64 / farthest as f64;
        }
    }
    sum
}

/// Distances of missed rows from the onset of their event, summed: for each row later than the
/// first detected run is long, its distances to the rows before that limit.
fn late_distance(levels: &[u32], level: u32) -> i128 {
    let missed = |l: &u32| *l > level;
    let first = levels.iter().take_while(|l| missed(l)).count();
    let run = levels[first..].iter().take_while(|l| !missed(l)).count();
    let (mut count, mut sum) = (0i128, 0i128);
    for (row, level) in levels.iter().enumerate().skip(run + 1) {
        if missed(level) {
            count += 1;
            sum += row as i128;
        }
    }
    let run = run as i128;
    (run + 1) * sum - count * (run * (run + 1) / 2)
}

/// At each threshold: weight of the detected rows in buffers.
fn around(events: &[Run], levels: &[u32], early: usize, late: usize) -> Vec<f64> {
    let mut sum = vec![0.0; THRESHOLDS];
    let mut add = |level: u32, weight: f64| {
        if let Some(sum) = sum.get_mut(level as usize) {
            *sum += weight;
        }
    };
    let mut free = 0;
    for (k, event) in events.iter().enumerate() {
        let inside = &levels[event.first..=event.last];
        let detected = inside.iter().copied().min().unwrap_or(u32::MAX);
        // Twice the mean distance of a row to those of the event.
        let ends = event.first + event.last;
        let begin = event.first.saturating_sub(early).max(free);
        for (row, level) in (begin..).zip(&levels[begin..event.first]) {
            let weight = 1.0 - (ends - 2 * row) as f64 / (ends - 2 * begin) as f64;
            add(detected.max(*level), weight);
        }
        let next = events.get(k + 1).map_or(levels.len(), |next| next.first);
        let end = (event.last + late).min(next - 1);
        for (row, level) in (event.last + 1..).zip(&levels[event.last + 1..=end]) {
            let weight = 1.0 - (2 * row - ends) as f64 / (2 * end - ends) as f64;
            add(*level, weight);
        }
        free = end + 1;
    }
    accumulate(&mut sum);
    sum
}
