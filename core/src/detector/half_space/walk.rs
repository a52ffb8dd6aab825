//! The places of a row's variables, and the sides that its paths take.

use super::split::{fraction, half, mix, offset, root, split};

/// The place of a value that is missing.
const MISSING: i32 = i32::MIN;

/// A row on its paths.
pub(super) struct Walk<const V: usize> {
    places: [i32; V],
    met: [Met; V],
    variables: u16,
}

/// The splits of a variable to come, in the tree that it was last met in.
#[derive(Clone, Copy)]
struct Met {
    fraction: u32,
    /// That tree, from 1.
    tree: u32,
}

impl<const V: usize> Walk<V> {
    pub(super) fn new(variables: u16, places: impl Iterator<Item = Option<i32>>) -> Self {
        let mut walk = Self {
            places: [MISSING; V],
            met: [Met {
                fraction: 0,
                tree: 0,
            }; V],
            variables,
        };
        for (place, found) in walk.places.iter_mut().zip(places) {
            *place = found.unwrap_or(MISSING);
        }
        walk
    }

    /// The next node of a path, and the variable that was split; `None` at a split on a missing value.
    #[inline(always)]
    pub(super) fn step(&mut self, tree: Tree, at: Node) -> Option<(Node, usize)> {
        let variable = split(at.hash, self.variables);
        let met = self.met.get_mut(variable)?;
        if met.tree != tree.number {
            let place = *self.places.get(variable)?;
            if place == MISSING {
                return None;
            }
            met.tree = tree.number;
            met.fraction = fraction(place, offset(tree.key, variable as u32));
        }
        let side = met.fraction >> 31;
        met.fraction <<= 1;
        let next = Node {
            number: 2 * at.number + side as usize,
            hash: half(at.hash, side),
        };
        Some((next, variable))
    }
}

/// A tree.
#[derive(Clone, Copy)]
pub(super) struct Tree {
    /// From 1.
    number: u32,
    key: u32,
}

impl Tree {
    /// The first node.
    pub(super) const fn root(self) -> Node {
        Node {
            number: 1,
            hash: root(self.key),
        }
    }
}

/// A node on a path.
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// 1 is the first; the halves of n are 2n and 2n + 1.
    pub number: usize,
    hash: u32,
}

/// All trees.
pub(super) fn trees(seed: u32) -> impl Iterator<Item = Tree> {
    (1_u32..).map(move |number| Tree {
        number,
        key: mix(seed.wrapping_add(number)),
    })
}
