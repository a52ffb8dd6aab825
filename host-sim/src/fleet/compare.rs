//! Nodes against those that run the same job: what a node does beyond its peers is judged, and a plain rule.
//!
//! Every variable is scaled by the node's own fit rows. A slope times the median of the peers is subtracted: the
//! slope is that of a line through 0 over the fit rows, from 0 to 1.2, so that peers that do not run together
//! with a node take nothing away. A row with fewer than two peers is judged as it is. Nodes of different jobs are
//! never compared; idle nodes are peers of one another, but not for the plain rule.

pub mod case;
pub mod jobs;
pub mod moments;
pub mod peers;
pub mod plain;
pub mod rows;
mod side;
pub mod truth;

pub use case::{Comparison, Rules};

/// Job of a node in a row: a number that stands for its name; `None` if it is idle.
pub type Job = Option<u32>;

/// Peers of a row, at least.
pub const FEWEST_PEERS: usize = 2;

/// The median of numbers, which are reordered; `None` of none.
pub fn median(numbers: &mut [f64]) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    if numbers.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *numbers.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// Calls `with` for every node and variable that has enough peers of the same job with a value: its place, its own
/// value, and theirs. Idle nodes are peers of one another, if they are wanted.
pub fn each_with_peers(
    jobs: &[Job],
    values: &[Vec<f64>],
    idle: bool,
    mut with: impl FnMut(usize, usize, f64, &mut [f64]),
) {
    let mut peers = Vec::with_capacity(values.len());
    for (node, (own, job)) in values.iter().zip(jobs).enumerate() {
        if job.is_none() && !idle {
            continue;
        }
        let others: Vec<&Vec<f64>> = values
            .iter()
            .zip(jobs)
            .enumerate()
            .filter(|(place, (_, its))| *place != node && *its == job)
            .map(|(_, (other, _))| other)
            .collect();
        if others.len() < FEWEST_PEERS {
            continue;
        }
        for (variable, value) in own
            .iter()
            .enumerate()
            .filter(|(_, value)| value.is_finite())
        {
            peers.clear();
            let theirs = others.iter().filter_map(|other| other.get(variable));
            peers.extend(theirs.filter(|value| value.is_finite()));
            if peers.len() >= FEWEST_PEERS {
                with(node, variable, *value, &mut peers);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_in_the_middle() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    /// Broken by a peer of another job, by the node itself among its peers, or by one peer alone.
    #[test]
    fn peers_are_the_others_of_the_same_job() {
        let jobs = [Some(1), Some(1), Some(2), Some(1), None, Some(2)];
        let values: Vec<Vec<f64>> = (0..6).map(|k| vec![f64::from(k)]).collect();
        let mut found = Vec::new();
        each_with_peers(&jobs, &values, false, |node, _, own, peers| {
            found.push((node, own, peers.to_vec()));
        });
        assert_eq!(
            found,
            [
                (0, 0.0, vec![1.0, 3.0]),
                (1, 1.0, vec![0.0, 3.0]),
                (3, 3.0, vec![0.0, 1.0])
            ]
        );
        let jobs = [None, None, Some(2), None, Some(1), Some(2)];
        let mut found = Vec::new();
        each_with_peers(&jobs, &values, true, |node, _, _, peers| {
            found.push((node, peers.len()));
        });
        assert_eq!(found, [(0, 2), (1, 2), (3, 2)], "idle nodes");
    }
}
