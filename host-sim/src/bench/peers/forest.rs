//! Isolation forest (Liu, Ting and Zhou 2008), fitted once.

use super::Peer;
use crate::random::Random;

/// Trees.
const TREES: usize = 100;
/// Rows of a tree.
const SAMPLE: usize = 256;

/// A forest; the score is the paper's, from 0 to 1.
#[derive(Debug)]
pub struct Forest {
    random: Random,
    trees: Vec<Vec<Node>>,
    sample: usize,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    /// Left child next, right child at `right`.
    Split {
        column: usize,
        at: f64,
        right: usize,
    },
    Leaf {
        rows: usize,
    },
}

impl Forest {
    /// Nothing fitted.
    pub const fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            trees: Vec::new(),
            sample: 0,
        }
    }

    fn grow(&mut self, rows: &mut [&Vec<f64>], left: u32, tree: &mut Vec<Node>) {
        let columns = rows.first().map_or(0, |row| row.len());
        let range = |k: usize| {
            let values = rows.iter().map(|row| row[k]);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
                (low.min(x), high.max(x))
            })
        };
        let varying: Vec<usize> = (0..columns).filter(|k| range(*k).0 < range(*k).1).collect();
        if left == 0 || rows.len() < 2 || varying.is_empty() {
            tree.push(Node::Leaf { rows: rows.len() });
            return;
        }
        let column = varying[self.random.below(varying.len() as u64) as usize];
        let (low, high) = range(column);
        let at = low + self.random.unit() * (high - low);
        rows.sort_by_key(|row| row[column] >= at);
        let middle = rows.iter().filter(|row| row[column] < at).count();
        let own = tree.len();
        tree.push(Node::Leaf { rows: 0 });
        let (below, above) = rows.split_at_mut(middle);
        self.grow(below, left - 1, tree);
        let right = tree.len();
        self.grow(above, left - 1, tree);
        tree[own] = Node::Split { column, at, right };
    }
}

impl Peer for Forest {
    fn fit(&mut self, rows: &[Vec<f64>]) {
        self.sample = SAMPLE.min(rows.len());
        let depth = (self.sample.max(2) as f64).log2().ceil() as u32;
        for _ in 0..TREES {
            let mut order: Vec<&Vec<f64>> = rows.iter().collect();
            for k in 0..self.sample {
                let other = k + self.random.below((order.len() - k) as u64) as usize;
                order.swap(k, other);
            }
            let mut tree = Vec::new();
            self.grow(&mut order[..self.sample], depth, &mut tree);
            self.trees.push(tree);
        }
    }

    fn score(&mut self, row: &[f64]) -> f64 {
        let paths = self.trees.iter().map(|tree| path(tree, row));
        let mean = paths.sum::<f64>() / self.trees.len().max(1) as f64;
        (-mean / unsuccessful(self.sample).max(1e-9)).exp2()
    }

    fn state_bytes(&self) -> usize {
        self.trees
            .iter()
            .map(|tree| tree.len() * size_of::<Node>())
            .sum()
    }
}

/// Splits until a row is alone, plus the expected number in a full tree from there.
fn path(tree: &[Node], row: &[f64]) -> f64 {
    let (mut place, mut depth) = (0, 0.0);
    loop {
        match tree[place] {
            Node::Leaf { rows } => return depth + unsuccessful(rows),
            Node::Split { column, at, right } => {
                place = if row[column] < at { place + 1 } else { right };
                depth += 1.0;
            }
        }
    }
}

/// Mean path of an unsuccessful search among `n` rows.
fn unsuccessful(n: usize) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let n = n as f64;
            2.0 * ((n - 1.0).ln() + EULER) - 2.0 * (n - 1.0) / n
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a split that loses rows, or a path that takes the wrong side.
    #[test]
    fn what_is_far_from_all_is_isolated_first() {
        let rows: Vec<Vec<f64>> = (0..500)
            .map(|k| vec![f64::from(k % 25), f64::from(k / 25)])
            .collect();
        let mut forest = Forest::new(3);
        forest.fit(&rows);
        let (inside, outside) = (forest.score(&[12.0, 10.0]), forest.score(&[90.0, -70.0]));
        assert!(inside < 0.5 && outside > 0.6, "{inside} {outside}");
        let rows_of = |tree: &Vec<Node>| -> usize {
            let leaves = tree.iter().map(|node| match node {
                Node::Leaf { rows } => *rows,
                Node::Split { .. } => 0,
            });
            leaves.sum()
        };
        assert!(forest.trees.iter().all(|tree| rows_of(tree) == SAMPLE));
        let mut same = Forest::new(3);
        same.fit(&rows);
        assert_eq!(same.score(&[1.0, 1.5]), forest.score(&[1.0, 1.5]));
    }

    /// c(256) of the paper is 10.24.
    #[test]
    fn the_mean_path_is_the_papers() {
        assert!((unsuccessful(256) - 10.244_770_9).abs() < 1e-6);
    }
}
