//! Numbers that look random and are the same everywhere.

/// A linear congruential generator; the field is its seed.
pub struct Numbers(pub u64);

impl Numbers {
    /// 31 bits.
    pub fn bits(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as u32
    }

    /// Any int8, the ends often.
    pub fn int8(&mut self) -> i8 {
        match self.bits() % 8 {
            0 => -128,
            1 => 127,
            _ => self.bits() as i8,
        }
    }

    /// From -1 to 1.
    pub fn real(&mut self) -> f32 {
        (self.bits() >> 7) as f32 / (1 << 23) as f32 - 1.0
    }

    /// Some from -1 to 1, times a scale.
    pub fn many(&mut self, count: usize, scale: f32) -> Vec<f32> {
        (0..count).map(|_| scale * self.real()).collect()
    }

    /// Vectors of `inputs` int8 values: all at the one end, all at the other, then any.
    pub fn vectors(&mut self, inputs: usize, count: usize) -> Vec<i8> {
        let value = |k| match k / inputs {
            0 => -128,
            1 => 127,
            _ => self.int8(),
        };
        (0..count * inputs).map(value).collect()
    }
}
