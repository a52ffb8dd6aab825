//! A node's deviation from its peers: scaled values, less a slope times the peers' median.

use super::moments::Scale;
use super::{Job, each_with_peers, median};

/// Largest slope.
const STEEPEST: f64 = 1.2;

/// Scales and slopes of all nodes, fitted to rows in front.
#[derive(Clone, Debug, PartialEq)]
pub struct Peers {
    /// By node and variable.
    scales: Vec<Vec<Scale>>,
    slopes: Vec<Vec<f64>>,
}

/// A row of all nodes: their jobs, and their values by variable, NaN for a missing one.
pub type FitRow = (Vec<Job>, Vec<Vec<f64>>);

impl Peers {
    /// Fits to rows of `nodes` with `variables` each.
    pub fn fit(rows: &[FitRow], nodes: usize, variables: usize) -> Self {
        let value = |row: &FitRow, node: usize, variable: usize| {
            let value = row.1.get(node).and_then(|of| of.get(variable));
            value.copied().unwrap_or(f64::NAN)
        };
        let scale =
            |node, variable| Scale::of(rows.iter().map(move |row| value(row, node, variable)));
        let scales = (0..nodes).map(|node| (0..variables).map(|k| scale(node, k)).collect());
        let mut peers = Self {
            scales: scales.collect(),
            slopes: vec![vec![0.0; variables]; nodes],
        };
        let mut sums = vec![vec![(0.0, 0.0); variables]; nodes];
        for (jobs, values) in rows {
            each_with_peers(
                jobs,
                &peers.scaled(values),
                true,
                |node, variable, own, theirs| {
                    let Some(theirs) = median(theirs) else { return };
                    if let Some(sum) = sums.get_mut(node).and_then(|of| of.get_mut(variable)) {
                        sum.0 += own * theirs;
                        sum.1 += theirs * theirs;
                    }
                },
            );
        }
        let slope = |(product, square): (f64, f64)| match square > 0.0 {
            true => (product / square).clamp(0.0, STEEPEST),
            false => 0.0,
        };
        let slopes = sums
            .into_iter()
            .map(|of| of.into_iter().map(slope).collect());
        peers.slopes = slopes.collect();
        peers
    }

    fn scaled(&self, values: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let of = |(values, scales): (&Vec<f64>, &Vec<Scale>)| {
            let scaled = values.iter().zip(scales);
            scaled.map(|(value, scale)| scale.scaled(*value)).collect()
        };
        values.iter().zip(&self.scales).map(of).collect()
    }

    /// A row beyond the peers, by node and variable; and whether a node had any peers.
    pub fn beyond(&self, jobs: &[Job], values: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<bool>) {
        let scaled = self.scaled(values);
        let mut beyond = scaled.clone();
        let mut compared = vec![false; values.len()];
        each_with_peers(jobs, &scaled, true, |node, variable, own, theirs| {
            let slope = self.slopes.get(node).and_then(|of| of.get(variable));
            let place = beyond.get_mut(node).and_then(|of| of.get_mut(variable));
            if let (Some(slope), Some(place), Some(theirs)) = (slope, place, median(theirs)) {
                *place = own - slope * theirs;
            }
            if let Some(compared) = compared.get_mut(node) {
                *compared = true;
            }
        });
        (beyond, compared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::rng::split_mix;

    /// Four nodes that follow one load, each by a gain of its own, and a variable that is noise.
    fn rows(job: impl Fn(usize) -> Job) -> Vec<FitRow> {
        (0..200_u32)
            .map(|t| {
                let load = f64::from(t * 37 % 101);
                let values = (0..4_u32).map(|node| {
                    let noise = (split_mix(node.into(), t.into()) % 97) as f64;
                    vec![100.0 + f64::from(node + 1) * load, noise]
                });
                ((0..4).map(&job).collect(), values.collect())
            })
            .collect()
    }

    /// Broken by a slope that is not fitted: useless peers would add their noise.
    #[test]
    fn a_common_load_is_taken_away_and_noise_is_not_added() {
        let rows = rows(|_| Some(7));
        let peers = Peers::fit(&rows, 4, 2);
        let (jobs, mut values) = rows[17].clone();
        let (beyond, compared) = peers.beyond(&jobs, &values);
        assert!(compared.iter().all(|of| *of));
        for (node, beyond) in beyond.iter().enumerate() {
            assert!(beyond[0].abs() < 1e-9, "{beyond:?}");
            assert!(peers.slopes[node][1] < 0.3, "{:?}", peers.slopes);
        }
        values[2][0] += 90.0;
        let (beyond, _) = peers.beyond(&jobs, &values);
        assert!(beyond[2][0] > 0.9, "{beyond:?}");
        assert!(
            beyond[0][0].abs() < 1e-9,
            "one peer of three moves no median"
        );
    }

    /// Broken by a comparison across jobs.
    #[test]
    fn nodes_of_other_jobs_stay_as_they_are() {
        let rows = rows(|node| Some(node as u32 / 2));
        let peers = Peers::fit(&rows, 4, 2);
        let (jobs, values) = &rows[17];
        let (beyond, compared) = peers.beyond(jobs, values);
        assert_eq!(beyond, peers.scaled(values));
        assert!(!compared.iter().any(|of| *of));
    }
}
