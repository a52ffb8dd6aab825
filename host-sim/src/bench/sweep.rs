//! A threshold swept over scores: the alarms it raises at every height.
//!
//! Scores of a set are compared with one threshold, so thresholds come from a fixed grid, the same
//! for every series and every run. The grid is fine where scores crowd: steps are of 1/64 octave in
//! the odds f / (1 - f) of the fraction f of scores below 2, and of the score itself from there.
//! Ranks of our detectors are score / threshold squeezed to below 1, or to below 2 once confirmed:
//! their odds are the ratio again. Negative scores mirror positive ones.

use crate::metrics::episodes::Events;
use anyhow::Context;
use std::fmt;
use std::str::FromStr;

/// Levels per octave.
const STEPS: f64 = 64.0;
/// Octaves of odds below and above 1.
const OCTAVES: f64 = 24.0;
/// Levels of the scores from one whole number to the next: 0 itself, and its odds.
const UNIT: i32 = 1 + 2 * (OCTAVES * STEPS) as i32;

/// The level of a finite score: it never falls where the score rises.
pub fn level(score: f64) -> i32 {
    if score < 0.0 {
        return -level(-score);
    }
    if score >= 2.0 {
        return 2 * UNIT + (STEPS * (score / 2.0).log2()) as i32;
    }
    let whole = score.floor();
    let fraction = score - whole;
    let below = if fraction > 0.0 {
        let octaves = (fraction / (1.0 - fraction)).log2() + OCTAVES;
        1 + ((STEPS * octaves).max(0.0) as i32).min(UNIT - 2)
    } else {
        0
    };
    whole as i32 * UNIT + below
}

/// Counts of the alarms `level >= height`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events found.
    pub found: u64,
    /// Events in which an episode begins.
    pub fresh: u64,
    /// False episodes.
    pub false_episodes: u64,
}

/// One series' counts, from the highest level down, where they change. In text: `level:found:fresh:false`,
/// with blanks between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curve(pub Vec<(i32, Counts)>);

impl Curve {
    /// Of finite scores, one per label. Time O(n) per occupied level.
    pub fn of(scores: &[f64], events: &Events) -> Self {
        let levels: Vec<i32> = scores.iter().map(|score| level(*score)).collect();
        let mut heights = levels.clone();
        heights.sort_unstable_by(|a, b| b.cmp(a));
        heights.dedup();
        let (mut curve, mut before) = (Vec::new(), Counts::default());
        let mut alarms = Vec::with_capacity(levels.len());
        for height in heights {
            alarms.clear();
            alarms.extend(levels.iter().map(|level| *level >= height));
            let Some(judged) = events.judge(&alarms) else {
                break;
            };
            let counts = Counts {
                found: judged.found,
                fresh: judged.fresh,
                false_episodes: judged.false_episodes,
            };
            if counts != before {
                curve.push((height, counts));
                before = counts;
            }
        }
        Self(curve)
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, (height, counts)) in self.0.iter().enumerate() {
            let blank = if k > 0 { " " } else { "" };
            let Counts {
                found,
                fresh,
                false_episodes,
            } = counts;
            write!(f, "{blank}{height}:{found}:{fresh}:{false_episodes}")?;
        }
        Ok(())
    }
}

impl FromStr for Curve {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let point = |word: &str| {
            let mut parts = word.split(':');
            let height = parts.next()?.parse().ok()?;
            let mut count = || parts.next()?.parse().ok();
            let counts = Counts {
                found: count()?,
                fresh: count()?,
                false_episodes: count()?,
            };
            parts.next().is_none().then_some((height, counts))
        };
        let words = text.split_whitespace();
        let points = words.map(|word| {
            point(word).with_context(|| format!("expected level:found:fresh:false: `{word}`"))
        });
        Ok(Self(points.collect::<anyhow::Result<Vec<_>>>()?))
    }
}

/// A series in a sweep.
#[derive(Clone, Copy, Debug)]
pub struct Swept<'a> {
    /// Its events.
    pub events: u64,
    /// Its normal rows.
    pub normal: u64,
    /// Its counts.
    pub curve: &'a Curve,
}

/// Shares of all events at a realised rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recall {
    /// Of events found.
    pub found: f64,
    /// Of events in which an episode begins.
    pub fresh: f64,
}

/// Recall where one threshold for all series of all sets, swept from above, first realises a rate of
/// false episodes per 10,000 normal rows. Rates and recalls are pooled over the series of a set,
/// then means over sets; between two neighbouring thresholds both are interpolated. `None` if no
/// threshold realises the rate: all are quieter, or the highest is louder already.
pub fn at_rates<const N: usize>(sets: &[Vec<Swept<'_>>], rates: [f64; N]) -> [Option<Recall>; N] {
    let mut changes: Vec<(i32, usize, Counts, Counts)> = Vec::new();
    for (set, series) in sets.iter().enumerate() {
        for Swept { curve, .. } in series {
            let mut before = Counts::default();
            for (height, counts) in &curve.0 {
                changes.push((*height, set, before, *counts));
                before = *counts;
            }
        }
    }
    changes.sort_by_key(|(height, ..)| std::cmp::Reverse(*height));
    let sums = |of: fn(&Swept<'_>) -> u64| -> Vec<u64> {
        sets.iter().map(|set| set.iter().map(of).sum()).collect()
    };
    let (events, normal) = (sums(|one| one.events), sums(|one| one.normal));
    let mut counts = vec![Counts::default(); sets.len()];
    let (mut found, mut last) = ([None; N], None::<(f64, Recall)>);
    for same in changes.chunk_by(|a, b| a.0 == b.0) {
        for (_, set, before, now) in same {
            let sum = &mut counts[*set];
            sum.found = sum.found + now.found - before.found;
            sum.fresh = sum.fresh + now.fresh - before.fresh;
            sum.false_episodes = sum.false_episodes + now.false_episodes - before.false_episodes;
        }
        let share = |of: fn(&Counts) -> u64, whole: &[u64]| {
            let shares = counts.iter().zip(whole).filter(|(_, whole)| **whole > 0);
            let (sum, sets) = shares.fold((0.0, 0_u32), |(sum, sets), (counts, whole)| {
                (sum + of(counts) as f64 / *whole as f64, sets + 1)
            });
            sum / f64::from(sets.max(1))
        };
        let rate = 1e4 * share(|counts| counts.false_episodes, &normal);
        let recall = Recall {
            found: share(|counts| counts.found, &events),
            fresh: share(|counts| counts.fresh, &events),
        };
        for (wanted, found) in rates.iter().zip(&mut found) {
            if found.is_none() && rate >= *wanted {
                *found = Some(match last {
                    _ if rate == *wanted => Some(recall),
                    Some(before) => Some(between(before, (rate, recall), *wanted)),
                    None => None,
                });
            }
        }
        last = Some((rate, recall));
    }
    found.map(Option::flatten)
}

/// The recall at a rate between those of two thresholds.
fn between(quieter: (f64, Recall), louder: (f64, Recall), rate: f64) -> Recall {
    let way = (rate - quieter.0) / (louder.0 - quieter.0);
    let between = |from: f64, to: f64| from + way * (to - from);
    Recall {
        found: between(quieter.1.found, louder.1.found),
        fresh: between(quieter.1.fresh, louder.1.fresh),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a level that falls, or by one for ranks near 1 that differ by a twentieth of their
    /// ratio.
    #[test]
    fn levels_rise_with_scores_and_tell_ratios_apart() {
        let ratios: Vec<f64> = (-40..300).map(|k| 1.05_f64.powi(k)).collect();
        let squeezed = ratios.iter().map(|ratio| ratio / (1.0 + ratio));
        let confirmed = squeezed.clone().map(|rank| 1.0 + rank);
        let large = ratios.iter().map(|ratio| 2.0 * ratio).filter(|x| *x >= 2.0);
        let ranks: Vec<f64> = [0.0].into_iter().chain(squeezed).collect();
        for scores in [ranks, confirmed.collect(), large.collect()] {
            let apart = |pair: &[f64]| level(pair[0]) < level(pair[1]);
            assert!(scores.windows(2).all(apart));
        }
        let ordered = [
            f64::MIN,
            -3.0,
            -1.5,
            -1e-300,
            0.0,
            1e-300,
            1e-3,
            0.5,
            0.999_999_999,
            1.0,
            1.5,
            2.0,
            2.1,
            1e9,
            f64::MAX,
        ];
        let levels = ordered.map(level);
        assert!(levels.is_sorted(), "{levels:?}");
        assert_eq!((level(0.0), level(-0.0)), (0, 0));
        assert!(level(-1e-300) < 0 && level(1e-300) > 0);
    }

    fn curve(text: &str) -> Curve {
        text.parse().unwrap()
    }

    /// By hand: the spike of 9 begins in the event, that of 5 is false, and 0.1 is everywhere.
    #[test]
    fn a_curve_has_a_point_where_counts_change() {
        let mut labels = vec![false; 400];
        labels[200] = true;
        let mut scores = vec![0.1; 400];
        (scores[200], scores[20], scores[30]) = (9.0, 5.0, 4.0);
        let swept = Curve::of(&scores, &Events::of(&labels));
        let (nine, five, all) = (level(9.0), level(5.0), level(0.1));
        let expected = format!("{nine}:1:1:0 {five}:1:1:1 {all}:1:0:0");
        assert_eq!(swept.to_string(), expected);
        assert_eq!(curve(&expected), swept);
        assert_eq!(curve(""), Curve::default());
        for wrong in ["1:2:3", "1:2:3:4:5", "1:2:3:x"] {
            assert!(Curve::from_str(wrong).is_err(), "{wrong}");
        }
    }

    /// By hand: pooled over the set, 1 false episode in 10,000 rows, then 3.
    #[test]
    fn recall_is_interpolated_between_neighbouring_thresholds() {
        let (a, b) = (curve("50:1:1:0 30:2:1:1"), curve("40:1:0:1 20:1:0:2"));
        let swept = |curve| Swept {
            events: 2,
            normal: 5_000,
            curve,
        };
        let set = vec![swept(&a), swept(&b)];
        // Level 50: rate 0, found 1 of 4. 40: rate 1, 2 of 4. 30: rate 2, 3 of 4. 20: rate 3.
        let found = at_rates(std::slice::from_ref(&set), [0.5, 1.0, 2.5, 4.0]);
        let shares = found.map(|recall| recall.map(|recall| recall.found));
        assert_eq!(shares, [Some(0.375), Some(0.5), Some(0.75), None]);
        assert_eq!(found[0].unwrap().fresh, 0.25);
        // A set that is quiet halves the rate: 1 is realised where the first alone has 2.
        let quiet = curve("35:1:1:0");
        let sets = [set, vec![swept(&quiet)]];
        let [one] = at_rates(&sets, [1.0]);
        assert_eq!(one.unwrap().found, (0.75 + 0.5) / 2.0);
        // The highest threshold is louder already.
        let loud = curve("50:1:1:6");
        assert_eq!(at_rates(&[vec![swept(&loud)]], [1.0, 10.0]), [None, None]);
    }
}
