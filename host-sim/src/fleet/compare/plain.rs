//! The plain rule: more than one deviation of the peers and more than a tenth of their median from that median.
//! Idle nodes are left out.

use super::{Job, each_with_peers, median};

/// Share of the median.
const SHARE: f64 = 0.1;

/// A variable that was beyond the rule in consecutive rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Place of the node.
    pub node: usize,
    /// Place of the variable.
    pub variable: usize,
    /// First row.
    pub first: u64,
    /// Rows.
    pub rows: u64,
    /// The last value.
    pub value: f64,
    /// The peers' median there.
    pub median: f64,
}

/// The rule over rows.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    open: Vec<Vec<Option<Stretch>>>,
    closed: Vec<Stretch>,
    /// Rows that a stretch has at least.
    least: u64,
}

impl Plain {
    /// For nodes with variables; stretches of `least` rows count.
    pub fn new(nodes: usize, variables: usize, least: u64) -> Self {
        Self {
            open: vec![vec![None; variables]; nodes],
            closed: Vec::new(),
            least,
        }
    }

    /// Takes the next row; whether each node is in a stretch that counts.
    pub fn take(&mut self, row: u64, jobs: &[Job], values: &[Vec<f64>]) -> Vec<bool> {
        let before = std::mem::take(&mut self.open);
        self.open = before.iter().map(|of| vec![None; of.len()]).collect();
        each_with_peers(jobs, values, false, |node, variable, own, theirs| {
            let Some(median) = beyond(own, theirs) else {
                return;
            };
            let known = before.get(node).and_then(|of| of.get(variable));
            let (first, rows) = match known {
                Some(Some(stretch)) => (stretch.first, stretch.rows + 1),
                _ => (row, 1),
            };
            let place = self.open.get_mut(node).and_then(|of| of.get_mut(variable));
            if let Some(place) = place {
                *place = Some(Stretch {
                    node,
                    variable,
                    first,
                    rows,
                    value: own,
                    median,
                });
            }
        });
        let pairs = before.into_iter().flatten().zip(self.open.iter().flatten());
        let ended = pairs.filter(|(_, now)| now.is_none());
        let ended = ended.filter_map(|(before, _)| before);
        let least = self.least;
        self.closed
            .extend(ended.filter(|stretch| stretch.rows >= least));
        let counts = |of: &Vec<Option<Stretch>>| {
            let mut stretches = of.iter().flatten();
            stretches.any(|stretch| stretch.rows >= least)
        };
        self.open.iter().map(counts).collect()
    }

    /// All stretches that count, the longest first.
    pub fn finish(mut self) -> Vec<Stretch> {
        let least = self.least;
        let open = self.open.into_iter().flatten().flatten();
        self.closed
            .extend(open.filter(|stretch| stretch.rows >= least));
        self.closed
            .sort_by_key(|of| (std::cmp::Reverse(of.rows), of.node, of.variable, of.first));
        self.closed
    }
}

/// The peers' median, if a value is beyond the rule.
fn beyond(own: f64, peers: &mut [f64]) -> Option<f64> {
    let median = median(peers)?;
    let squares = peers.iter().map(|value| (value - median).powi(2));
    let deviation = (squares.sum::<f64>() / peers.len() as f64).sqrt();
    let distance = (own - median).abs();
    (distance > deviation && distance > SHARE * median.abs()).then_some(median)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if one of the two conditions is enough.
    #[test]
    fn both_conditions_must_hold() {
        let peers = || [100.0, 101.0, 99.0];
        assert_eq!(beyond(105.0, &mut peers()), None, "5 % of the median");
        assert_eq!(beyond(111.0, &mut peers()), Some(100.0));
        assert_eq!(
            beyond(111.0, &mut [60.0, 100.0, 140.0]),
            None,
            "within a deviation"
        );
        assert_eq!(beyond(80.0, &mut peers()), Some(100.0), "slow as well");
    }

    /// Broken by a stretch that begins anew, or that is never closed.
    #[test]
    fn a_stretch_lasts_as_long_as_the_rule_holds() {
        let mut plain = Plain::new(3, 1, 3);
        let jobs = [Some(1); 3];
        let mut counted = Vec::new();
        for row in 0..10 {
            let slow = if (2..7).contains(&row) { 50.0 } else { 100.0 };
            let values = [vec![slow], vec![100.0], vec![100.0]];
            counted.push(plain.take(row, &jobs, &values)[0]);
        }
        let wanted = [4, 5, 6];
        let found: Vec<usize> = (0..10).filter(|k| counted[*k]).collect();
        assert_eq!(found, wanted);
        let found = plain.finish();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].node, found[0].first, found[0].rows), (0, 2, 5));
    }
}
