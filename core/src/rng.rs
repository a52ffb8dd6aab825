//! Seeded generators of random numbers.
//!
//! MT19937 (Matsumoto and Nishimura, 1998) draws the initial weights, as the public
//! implementation's framework does, at compile time. SplitMix64 gives its outputs in any order, for
//! chance without a state.

const WORDS: usize = 624;

/// The first `N` 32-bit outputs after seeding with one integer (`init_genrand`), `N` <= 624.
pub(crate) const fn mersenne_twister<const N: usize>(seed: u32) -> [u32; N] {
    const { assert!(N <= WORDS, "one block of outputs is generated") };
    let mut state = [0u32; WORDS];
    state[0] = seed;
    let mut i = 1;
    while i < WORDS {
        let previous = state[i - 1];
        state[i] = 1_812_433_253u32
            .wrapping_mul(previous ^ (previous >> 30))
            .wrapping_add(i as u32);
        i += 1;
    }
    i = 0;
    while i < WORDS {
        let y = (state[i] & 0x8000_0000) | (state[(i + 1) % WORDS] & 0x7fff_ffff);
        let twist = if y & 1 == 1 { 0x9908_b0df } else { 0 };
        state[i] = state[(i + 397) % WORDS] ^ (y >> 1) ^ twist;
        i += 1;
    }
    let mut out = [0; N];
    i = 0;
    while i < N {
        let mut y = state[i];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        out[i] = y ^ (y >> 18);
        i += 1;
    }
    out
}

/// The output of SplitMix64 (Steele, Lea and Flood, 2014) with an index from 0 to 2^64 - 1 after
/// seeding, at the same cost for every index.
///
/// ```
/// // The published first outputs for seed 1234567.
/// assert_eq!(bellwether::rng::split_mix(1_234_567, 0), 6_457_827_717_110_365_317);
/// assert_eq!(bellwether::rng::split_mix(1_234_567, 1), 3_203_168_211_198_807_973);
/// ```
pub const fn split_mix(seed: u64, index: u64) -> u64 {
    let steps = index.wrapping_add(1);
    let mut z = seed.wrapping_add(steps.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::mersenne_twister;

    /// Broken by any change of the generator, which all initial weights come from.
    #[test]
    fn first_output_for_the_reference_seed_is_the_published_one() {
        assert_eq!(mersenne_twister::<1>(5489), [3_499_211_612]);
    }
}
