//! Ranks over sets, and which differences of mean ranks are none (Demšar 2006).

use super::Table;
use super::outcome::Metric;

/// Mean ranks of the detectors that every set has.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Name and mean rank, the best first.
    pub ranks: Vec<(String, f64)>,
    /// Number of ranked blocks: sets, or recordings.
    pub blocks: usize,
    /// Mean ranks closer than this do not differ at the 5 % level (Nemenyi); `None` if the number
    /// of detectors exceeds the table.
    pub critical_difference: Option<f64>,
}

/// Studentised range at 5 %, infinitely many degrees of freedom, over √2: for 2, 3, … groups.
const NEMENYI: [f64; 19] = [
    1.960, 2.344, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164, 3.219, 3.268, 3.313, 3.354,
    3.391, 3.426, 3.458, 3.489, 3.517, 3.544,
];

impl Ranking {
    /// Over sets: each set's means are ranked.
    pub fn over_sets(table: &Table, metric: Metric) -> Self {
        let sets = table.sets();
        let everywhere = |detector: &&str| {
            let mean = |set: &&str| table.mean(set, detector, metric);
            sets.iter().all(|set| mean(set).is_some_and(f64::is_finite))
        };
        let detectors: Vec<&str> = table.detectors().into_iter().filter(everywhere).collect();
        let row = |set: &&str| -> Vec<f64> {
            let means = detectors.iter().map(|d| table.mean(set, d, metric));
            means.map(|mean| mean.unwrap_or(f64::NAN)).collect()
        };
        let rows: Vec<Vec<f64>> = sets.iter().map(row).collect();
        Self::of(&detectors, &rows)
    }

    /// Over series of all sets, as the critical-difference diagram has it: there are more of them.
    pub fn over_series(table: &Table, metric: Metric) -> Self {
        let detectors = table.detectors();
        let mut rows = Vec::new();
        for set in table.sets() {
            let all: Vec<Vec<(&str, f64)>> = detectors
                .iter()
                .map(|detector| table.series(set, detector, metric))
                .collect();
            let names: Vec<&str> = all.first().into_iter().flatten().map(|(n, _)| *n).collect();
            for name in names {
                let figure = |list: &Vec<(&str, f64)>| {
                    list.iter().find(|(n, _)| *n == name).map(|(_, x)| *x)
                };
                let row: Option<Vec<f64>> = all.iter().map(figure).collect();
                rows.extend(row.filter(|row| row.iter().all(|x| x.is_finite())));
            }
        }
        Self::of(&detectors, &rows)
    }

    fn of(detectors: &[&str], rows: &[Vec<f64>]) -> Self {
        let mut sums = vec![0.0; detectors.len()];
        for row in rows {
            for (sum, rank) in sums.iter_mut().zip(ranks(row)) {
                *sum += rank;
            }
        }
        let blocks = rows.len();
        let means = sums.iter().map(|sum| sum / blocks.max(1) as f64);
        let named = detectors.iter().map(|name| (*name).to_owned()).zip(means);
        let mut ranks: Vec<(String, f64)> = named.collect();
        ranks.sort_by(|a, b| a.1.total_cmp(&b.1));
        let k = detectors.len();
        let factor = k.checked_sub(2).and_then(|place| NEMENYI.get(place));
        let critical_difference = factor.map(|q| {
            let k = k as f64;
            q * (k * (k + 1.0) / (6.0 * blocks.max(1) as f64)).sqrt()
        });
        Self {
            ranks,
            blocks,
            critical_difference,
        }
    }

    /// The groups joined by a bar in the diagram: first and last index, none inside another.
    pub fn groups(&self) -> Vec<(usize, usize)> {
        let Some(most) = self.critical_difference else {
            return Vec::new();
        };
        let mut groups: Vec<(usize, usize)> = Vec::new();
        for (first, (_, rank)) in self.ranks.iter().enumerate() {
            let near = |(_, other): &&(String, f64)| other - rank <= most;
            let last = first + self.ranks[first..].iter().take_while(near).count() - 1;
            if last > first && groups.last().is_none_or(|(_, end)| last > *end) {
                groups.push((first, last));
            }
        }
        groups
    }
}

/// 1 for the largest; equal ones share the mean of their ranks.
fn ranks(figures: &[f64]) -> Vec<f64> {
    let rank = |x: &f64| {
        let above = figures.iter().filter(|y| *y > x).count() as f64;
        let same = figures.iter().filter(|y| *y == x).count() as f64;
        above + (same + 1.0) / 2.0
    };
    figures.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::outcome;
    use super::*;

    /// By hand; two equal figures share ranks 2 and 3.
    #[test]
    fn the_largest_is_first_and_ties_share() {
        assert_eq!(ranks(&[0.2, 0.9, 0.2, 0.1]), [2.5, 1.0, 2.5, 4.0]);
    }

    /// Demšar's example: 4 classifiers on 14 sets, ranks 3.143, 2.000, 2.893 and 1.964, have the
    /// critical difference 1.25 at 5 %.
    #[test]
    fn the_critical_difference_is_demsars() {
        let rows = vec![vec![0.1, 0.2, 0.3, 0.4]; 14];
        let ranking = Ranking::of(&["a", "b", "c", "d"], &rows);
        assert!((ranking.critical_difference.unwrap() - 1.25).abs() < 0.005);
        assert_eq!(ranking.ranks[0], ("d".to_owned(), 1.0));
        assert_eq!(ranking.groups(), [(0, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn only_what_all_sets_have_is_ranked() {
        let table = Table {
            outcomes: vec![
                outcome("a", "1", "x", 1, 0.5),
                outcome("a", "1", "y", 1, 0.4),
                outcome("b", "1", "x", 1, 0.1),
            ],
        };
        let ranking = Ranking::over_sets(&table, Metric::Pate);
        assert_eq!((ranking.ranks.len(), ranking.blocks), (1, 2));
        assert_eq!(Ranking::over_series(&table, Metric::Pate).blocks, 1);
    }
}
