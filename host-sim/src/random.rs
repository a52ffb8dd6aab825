//! Seeded random numbers, the host's only source of them. The same seed gives the same numbers
//! everywhere.

use bellwether::rng::split_mix;

/// SplitMix64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random {
    seed: u64,
    drawn: u64,
}

impl Random {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.drawn += 1;
        split_mix(self.seed, self.drawn - 1)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform among 0 to `count` - 1; 0 if there is nothing to choose from.
    pub fn below(&mut self, count: u64) -> u64 {
        ((self.unit() * count as f64) as u64).min(count.saturating_sub(1))
    }

    /// Mean 0, deviation 1, within ±6: the sum of twelve uniforms (no logarithm needed).
    pub fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Numbers from `-bound` to `bound`.
    pub fn within(&mut self, bound: f64, count: usize) -> Vec<f32> {
        (0..count)
            .map(|_| (bound * (2.0 * self.unit() - 1.0)) as f32)
            .collect()
    }

    /// Fisher and Yates.
    pub fn shuffle(&mut self, order: &mut [usize]) {
        for k in (1..order.len()).rev() {
            let other = self.below(k as u64 + 1);
            order.swap(k, other as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of seed 1234567, as published with the algorithm's reference code.
    #[test]
    fn numbers_are_splitmix64s() {
        let mut random = Random::new(1_234_567);
        let first = [random.bits(), random.bits(), random.bits()];
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(first, published);
    }

    /// Broken by a generator that is off its range, or by draws that depend on each other.
    #[test]
    fn draws_are_in_range_and_spread_evenly() {
        let mut random = Random::new(3);
        let mut counts = [0; 7];
        for _ in 0..7000 {
            counts[random.below(7) as usize] += 1;
            let x = random.between(-2.0, 3.0);
            assert!((-2.0..3.0).contains(&x) && random.noise().abs() < 6.0);
        }
        // Five standard deviations of a binomial count.
        assert!(counts.iter().all(|n| (850..1150).contains(n)), "{counts:?}");
        assert_eq!(random.below(0), 0);
        let mut order: Vec<usize> = (0..50).collect();
        random.shuffle(&mut order);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert!(order != sorted && sorted.into_iter().eq(0..50));
    }
}
