//! NAB score: detections in wide windows, weighted by how early they come, with one threshold
//! for all files.
//!
//! With S(y) = 2 / (1 + exp(5y)) - 1, for rows after the probation: in a window `a..=b` of w
//! rows the first detection i counts S(-(b - i + 1) / w) / S(-1), and a window without one
//! costs the weight of a miss. Outside, every detected row costs the weight of a false
//! positive: all of it before the first window, else -S((i - b) / (w - 1)) of it for the window
//! passed last, all if that quotient is over 3. The result is scaled so that detecting nothing
//! is 0 and the best possible 100.
//!
//! Source: Lavin and Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms", ICMLA 2015,
//! and the scorer published with it. Differs from it: a window of one row has no w - 1, and the
//! rows behind it cost all.

use super::runs::Run;

/// Cost of a miss and of a false positive; a true positive at the start of its window gains 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Cost of a window without detection.
    pub miss: f64,
    /// Cost of a detected row far from any window.
    pub false_positive: f64,
}

impl Profile {
    /// NAB's `standard`.
    pub const STANDARD: Self = Self {
        miss: 1.0,
        false_positive: 0.11,
    };
    /// NAB's `reward_low_FP_rate`.
    pub const LOW_FALSE_POSITIVES: Self = Self {
        miss: 1.0,
        false_positive: 0.22,
    };
    /// NAB's `reward_low_FN_rate`.
    pub const LOW_MISSES: Self = Self {
        miss: 2.0,
        false_positive: 0.11,
    };
}

/// Leading rows of a file that are never scored: 15 % of it, at most 750.
pub fn probation(rows: usize) -> usize {
    (rows * 15 / 100).min(750)
}

/// Scores of a file, all rows, and its windows in order. The windows do not overlap.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// One score per row, finite.
    pub scores: &'a [f64],
    /// Rows in which an anomaly may be detected: for NAB's files its windows, else the events.
    pub windows: &'a [Run],
}

impl<'a> File<'a> {
    /// Windows that are not wholly in probation, and so count.
    fn counted(&self) -> &'a [Run] {
        let first = probation(self.scores.len());
        let before = self.windows.partition_point(|window| window.last < first);
        &self.windows[before..]
    }

    /// Rows after probation, with the value of a detection in each.
    fn rows(self) -> impl Iterator<Item = (f64, Worth)> + 'a {
        let first = probation(self.scores.len());
        let mut next = 0;
        let rows = self.scores.iter().enumerate().skip(first);
        rows.map(move |(row, score)| {
            while self.windows.get(next).is_some_and(|w| w.last < row) {
                next += 1;
            }
            let worth = match self.windows.get(next) {
                Some(window) if window.first <= row => Worth::Gain {
                    window: next,
                    gain: sigmoid(-early(window, row)) / sigmoid(-1.0),
                },
                _ => Worth::Cost(
                    next.checked_sub(1)
                        .map_or(1.0, |k| cost(&self.windows[k], row)),
                ),
            };
            (*score, worth)
        })
    }

    /// The score before scaling if rows that reach `threshold` are detections.
    pub fn raw(&self, threshold: f64, profile: &Profile) -> f64 {
        let mut best: Vec<Option<f64>> = vec![None; self.windows.len()];
        let mut sum = 0.0;
        for (score, worth) in self.rows() {
            match worth {
                _ if score < threshold => {}
                Worth::Gain { window, gain } => {
                    // Rows come in order and gains fall along a window.
                    best[window].get_or_insert(gain);
                }
                Worth::Cost(cost) => sum -= cost * profile.false_positive,
            }
        }
        let counted = self.windows.len() - self.counted().len();
        let gains = best[counted..].iter();
        sum + gains.map(|gain| gain.unwrap_or(-profile.miss)).sum::<f64>()
    }
}

/// The value of a detection in a row.
#[derive(Clone, Copy)]
enum Worth {
    /// In a window, unless it has an earlier one.
    Gain { window: usize, gain: f64 },
    /// Outside all windows, in units of a false positive.
    Cost(f64),
}

fn early(window: &Run, row: usize) -> f64 {
    (window.last - row + 1) as f64 / window.rows() as f64
}

fn cost(window: &Run, row: usize) -> f64 {
    let late = (row - window.last) as f64 / (window.rows() - 1) as f64;
    if late > 3.0 { 1.0 } else { -sigmoid(late) }
}

fn sigmoid(y: f64) -> f64 {
    2.0 / (1.0 + (5.0 * y).exp()) - 1.0
}

/// A threshold and the score of all files with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NabScore {
    /// Rows that reach it are detections; infinite if detecting nothing is best.
    pub threshold: f64,
    /// Best 100; 0 is detecting nothing.
    pub score: f64,
}

/// Score of files with one threshold for all.
///
/// Hides by its windows: they are centred on the labels and wide, so that a detection well
/// before the anomaly scores highest; and it is negative for noisy detectors, without bound.
/// `None` if no window counts, or a score is not finite.
pub fn nab_score(files: &[File<'_>], threshold: f64, profile: &Profile) -> Option<NabScore> {
    let windows: usize = files.iter().map(|file| file.counted().len()).sum();
    let finite = |file: &File<'_>| file.scores.iter().all(|s| s.is_finite());
    if windows == 0 || !files.iter().all(finite) {
        return None;
    }
    let raw: f64 = files.iter().map(|file| file.raw(threshold, profile)).sum();
    let nothing = -profile.miss * windows as f64;
    Some(NabScore {
        threshold,
        score: 100.0 * (raw - nothing) / (windows as f64 - nothing),
    })
}

/// The best score with one threshold for all files, of equal ones the highest threshold. It is
/// fitted to the labels: carry it to other files unchanged. `None` as for [`nab_score`]. Time
/// O(n log n).
pub fn nab_best(files: &[File<'_>], profile: &Profile) -> Option<NabScore> {
    let mut rows: Vec<(f64, usize, Worth)> = Vec::new();
    for (k, file) in files.iter().enumerate() {
        rows.extend(file.rows().map(|(score, worth)| (score, k, worth)));
    }
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut gains: Vec<Vec<f64>> = files
        .iter()
        .map(|file| vec![-profile.miss; file.windows.len()])
        .collect();
    let (mut change, mut best) = (0.0, (0.0, f64::INFINITY));
    for step in rows.chunk_by(|a, b| a.0 == b.0) {
        for (_, file, worth) in step {
            match *worth {
                Worth::Gain { window, gain } => {
                    let known = &mut gains[*file][window];
                    change += (gain - *known).max(0.0);
                    *known = known.max(gain);
                }
                Worth::Cost(cost) => change -= cost * profile.false_positive,
            }
        }
        if change > best.0 {
            best = (change, step[0].0);
        }
    }
    nab_score(files, best.1, profile)
}
