//! A series without data files, for tests that compare with other implementations.

/// Waves of periods 20, 26, ... with noise and gaps (NaN), row by row: every value is a multiple of 1/128
/// below 64, exact in `f32`. Of several variables the last one follows the first. The first jumps in
/// rows 300 to 303, the last is stuck in rows 400 to 429; of 8, variable 3 begins at row 60.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Waves<const V: usize> {
    state: u32,
    row: usize,
}

impl<const V: usize> Waves<V> {
    /// From the first row.
    pub const fn new() -> Self {
        Self {
            state: 12_345 + V as u32,
            row: 0,
        }
    }

    fn draw(&mut self) -> i32 {
        let state = self.state.wrapping_mul(1_664_525);
        self.state = state.wrapping_add(1_013_904_223);
        (self.state >> 24) as i32
    }

    fn cell(&mut self, j: usize) -> f32 {
        let (noise, gap) = (self.draw(), self.draw());
        let t = self.row;
        let is_last = j == V - 1;
        let stuck = is_last && (400..430).contains(&t);
        let gone = gap < 20 || t < 2 || (V == 8 && j == 3 && t < 60);
        if t == 399 && is_last {
            700.0 / 64.0
        } else if gone {
            f32::NAN
        } else if stuck {
            700.0 / 64.0
        } else if V > 1 && is_last {
            (triangle(t, 20) / 2.0 + (noise >> 5) as f32) / 64.0
        } else {
            let jump = if j == 0 && (300..304).contains(&t) {
                400.0
            } else {
                0.0
            };
            let wave = triangle(t + 5 * j, 20 + 6 * j as i32);
            (wave + (noise >> 4) as f32 + jump) / 64.0
        }
    }
}

impl<const V: usize> Default for Waves<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize> Iterator for Waves<V> {
    type Item = [f32; V];

    fn next(&mut self) -> Option<[f32; V]> {
        let row = core::array::from_fn(|j| self.cell(j));
        self.row += 1;
        Some(row)
    }
}

fn triangle(t: usize, period: i32) -> f32 {
    let phase = t as i32 % period;
    (640 + 12 * (2 * phase - period).abs()) as f32
}
