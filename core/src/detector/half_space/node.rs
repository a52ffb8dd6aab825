//! A node's masses, and the hash that splits it.

/// Rows that came through a node, in the last window and in this one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Node {
    pub reference: u8,
    pub latest: u8,
    /// The number of the window that `latest` belongs to.
    pub window: u8,
}

impl Node {
    pub(super) const NEW: Self = Self {
        reference: 0,
        latest: 0,
        window: 0,
    };

    /// The node in a window that began since: no row came through it in the windows between.
    pub(super) const fn in_window(self, window: u8) -> Self {
        match window.wrapping_sub(self.window) {
            0 => self,
            1 => Self {
                reference: self.latest,
                latest: 0,
                window,
            },
            _ => Self {
                reference: 0,
                latest: 0,
                window,
            },
        }
    }
}

/// A tree's key: the finaliser of MurmurHash3 (Appleby, public domain), in which every bit of the input changes
/// half of the output.
pub(super) const fn mix(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    let x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

/// A hash of a part of a tree, of half the work: the key has been mixed already. Its high bits are good.
const fn spread(x: u32) -> u32 {
    let x = x.wrapping_mul(0x9e37_79b1);
    (x ^ (x >> 15)).wrapping_mul(0x85eb_ca77)
}

/// The variable that a node splits.
pub(super) const fn split(tree: u32, node: u32, variables: u16) -> usize {
    (((spread(tree ^ node) >> 16) * variables as u32) >> 16) as usize
}

/// The first bit of offsets, which no node has.
const OFFSET: u32 = 1 << 31;

/// Half the width of a variable's work range less its split, 0 to [`WIDTH`](super::range::WIDTH).
pub(super) const fn offset(tree: u32, variable: u32) -> i32 {
    (spread(tree ^ (variable | OFFSET)) >> 9) as i32
}

/// A variable's binary fraction in a tree: bit k, the highest first, is its side of the k-th split on it.
pub(super) fn fraction(place: i32, offset: i32) -> u32 {
    const MOST: i32 = (1 << 24) - 1;
    ((place + offset).clamp(0, MOST) as u32) << 8
}
