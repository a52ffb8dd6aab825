//! The hash that splits the nodes of a tree.

/// A tree's key: the finaliser of MurmurHash3 (Appleby, public domain), in which every bit of the input changes
/// half of the output.
pub(super) const fn mix(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    let x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

/// 2^32 over the golden ratio.
const GOLDEN: u32 = 0x9e37_79b1;

/// The hash of a tree's first node.
pub(super) const fn root(key: u32) -> u32 {
    key.wrapping_mul(GOLDEN)
}

/// The hash of a node's half, 0 or 1: a step of a linear congruential generator, whose high bits are good.
pub(super) const fn half(node: u32, side: u32) -> u32 {
    node.wrapping_add(side).wrapping_mul(GOLDEN)
}

/// The variable that a node splits.
pub(super) const fn split(node: u32, variables: u16) -> usize {
    (((node >> 16) * variables as u32) >> 16) as usize
}

/// Half the width of a variable's work range less its split, 0 to [`WIDTH`](super::range::WIDTH): multiples of a
/// tree's key are independent in pairs.
pub(super) const fn offset(key: u32, variable: u32) -> i32 {
    (key.wrapping_mul(2 * variable + 1) >> 9) as i32
}

/// A variable's binary fraction in a tree: bit k, the highest first, is its side of the k-th split on it.
pub(super) fn fraction(place: i32, offset: i32) -> u32 {
    const MOST: i32 = (1 << 24) - 1;
    ((place + offset).clamp(0, MOST) as u32) << 8
}
