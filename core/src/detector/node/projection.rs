//! Random directions of which nothing is stored: the sign of a variable in a direction is a bit of the
//! variable's hash.
//!
//! ```text
//! p_d = Σ_j ±z_j / √V    d < 24
//! ```
//!
//! Distances of rows are kept up to a factor near 1 (Johnson and Lindenstrauss, 1984; signs: Achlioptas, 2003).

/// Directions.
pub(super) const DIRECTIONS: usize = 24;

/// Bits of a variable, the lowest for the first direction: 1 for a minus. The finaliser of MurmurHash3.
pub(super) const fn signs(variable: u32) -> u32 {
    let mut h = variable.wrapping_add(1);
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

/// `x` with the sign of the direction `d`.
pub(super) const fn signed(x: f32, signs: u32, d: u32) -> f32 {
    f32::from_bits(x.to_bits() ^ (signs >> d << 31))
}

/// The sums of a row's deviations along each direction.
pub(super) fn sums(deviations: impl Iterator<Item = f32>) -> [f32; DIRECTIONS] {
    let mut sums = [0.0; DIRECTIONS];
    for (j, z) in deviations.enumerate() {
        let signs = signs(j as u32);
        for (sum, d) in sums.iter_mut().zip(0..) {
            *sum += signed(z, signs, d);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by bits that depend on one another, so that variables share their signs.
    #[test]
    fn directions_are_even_and_apart() {
        for d in 0..DIRECTIONS {
            let ones = (0..512).filter(|j| signs(*j) >> d & 1 == 1).count();
            assert!((200..312).contains(&ones), "{d}: {ones}");
            for e in 0..d {
                let same = |j: &u32| (signs(*j) >> d ^ signs(*j) >> e) & 1 == 0;
                let same = (0..512).filter(same).count();
                assert!((190..322).contains(&same), "{d} {e}: {same}");
            }
        }
    }

    /// By hand: one variable of 3 has ±3 everywhere.
    #[test]
    fn sums_have_the_signs_of_the_hash() {
        let found = sums([3.0, -1.0].into_iter());
        for (d, sum) in found.into_iter().enumerate() {
            let sign = |j| if signs(j) >> d & 1 == 1 { -1.0 } else { 1.0 };
            assert_eq!(sum, 3.0 * sign(0) - sign(1));
        }
    }
}
