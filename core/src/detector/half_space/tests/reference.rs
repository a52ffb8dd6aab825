//! Trees after the paper's algorithms 1 to 3: nodes with work ranges in f64, a window that is copied as a whole.
//! The random numbers are those of the detector, nothing else is.

use super::*;

pub(super) struct Forest {
    trees: Vec<Tree>,
    variables: Vec<Vec<f64>>,
    rows: u32,
    ranging: u32,
    first: u32,
    window: u32,
    filled: u32,
    reference: u32,
}

struct Tree {
    nodes: Vec<Half>,
}

#[derive(Clone, Copy)]
struct Half {
    variable: usize,
    split: f64,
    reference: u32,
    latest: u32,
}

impl Forest {
    pub(super) fn new<const V: usize>(rules: &Rules<V, TREES, NODES>) -> Self {
        let tree = |number: u32| {
            let key = mix(rules.settings.seed.wrapping_add(number));
            // Work ranges around the first split, s.
            let range = |variable: u32| {
                let s = 1.0 - 2.0 * f64::from(offset(key, variable)) / 2.0_f64.powi(24);
                (s - 1.0, s + 1.0)
            };
            let ranges: Vec<(f64, f64)> = (0..V as u32).map(range).collect();
            let unset = Half {
                variable: 0,
                split: 0.0,
                reference: 0,
                latest: 0,
            };
            let mut tree = Tree {
                nodes: std::vec![unset; NODES],
            };
            tree.divide(root(key), 1, ranges);
            tree
        };
        Self {
            trees: (1..=TREES as u32).map(tree).collect(),
            variables: std::vec![Vec::new(); V],
            rows: 0,
            ranging: rules.settings.learn / 4,
            first: (rules.settings.learn / 4).min(rules.settings.window.into()),
            window: rules.settings.window.into(),
            filled: 0,
            reference: 0,
        }
    }

    /// The density of a row, after the first window.
    pub(super) fn observe(&mut self, row: &[f32]) -> Option<f64> {
        self.rows += 1;
        if self.rows <= self.ranging {
            for (values, x) in self.variables.iter_mut().zip(row) {
                values.extend((!x.is_nan()).then_some(f64::from(*x)));
            }
            return None;
        }
        let places: Vec<f64> = (0..row.len()).map(|k| self.place(k, row[k])).collect();
        let (least, mut sum) = (self.reference / 10, 0);
        for tree in &mut self.trees {
            sum += tree.take(&places, least);
        }
        let even = self.trees.len() as u32 * self.reference;
        let whole = if self.reference == 0 {
            self.first
        } else {
            self.window
        };
        self.filled += 1;
        if self.filled == whole {
            (self.reference, self.filled) = (whole, 0);
            for node in self.trees.iter_mut().flat_map(|tree| &mut tree.nodes) {
                (node.reference, node.latest) = (node.latest, 0);
            }
        }
        (even > 0).then(|| f64::from(sum as f32 / even as f32))
    }

    /// 0 to 1 within the second smallest to the second largest value of the rows in front.
    fn place(&self, variable: usize, x: f32) -> f64 {
        let mut values = self.variables[variable].clone();
        values.sort_by(f64::total_cmp);
        let (low, high) = (values[1], values[values.len() - 2]);
        (f64::from(x) - low) / (high - low)
    }
}

impl Tree {
    fn divide(&mut self, hash: u32, at: usize, mut ranges: Vec<(f64, f64)>) {
        if at >= NODES {
            return;
        }
        let variable = split(hash, ranges.len() as u16);
        let (low, high) = ranges[variable];
        let middle = (low + high) / 2.0;
        self.nodes[at].variable = variable;
        self.nodes[at].split = middle;
        let whole = ranges.clone();
        ranges[variable] = (low, middle);
        self.divide(half(hash, 0), 2 * at, ranges);
        ranges = whole;
        ranges[variable] = (middle, high);
        self.divide(half(hash, 1), 2 * at + 1, ranges);
    }

    fn take(&mut self, row: &[f64], least: u32) -> u32 {
        let (mut at, mut depth, mut sum) = (1, 0, None);
        loop {
            let node = &mut self.nodes[at];
            node.latest += 1;
            let here = node.reference << depth;
            let x = row[node.variable];
            at = 2 * at + usize::from(x >= node.split);
            let ends = at >= NODES || x.is_nan();
            if sum.is_none() && (node.reference <= least || ends) {
                sum = Some(here);
            }
            if ends {
                return sum.unwrap_or(here);
            }
            depth += 1;
        }
    }
}
