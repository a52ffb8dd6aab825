//! Numbers that look random and are the same everywhere.

/// SplitMix64 (Steele et al. 2014); the field is its seed.
#[derive(Clone, Debug)]
pub struct Numbers(pub u64);

impl Numbers {
    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Some from `-bound` to `bound`.
    pub fn within(&mut self, bound: f64, count: usize) -> Vec<f32> {
        (0..count)
            .map(|_| (bound * (2.0 * self.uniform() - 1.0)) as f32)
            .collect()
    }

    /// Fisher and Yates.
    pub fn shuffle(&mut self, order: &mut [usize]) {
        for k in (1..order.len()).rev() {
            let other = (self.uniform() * (k + 1) as f64) as usize;
            order.swap(k, other.min(k));
        }
    }
}
