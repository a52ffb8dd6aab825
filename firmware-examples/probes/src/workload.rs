//! Frames to measure with: nine noisy waves, now and then a spike in one variable, or in a
//! third of them at once.

use bellwether::{Frame, Reading};

/// Variables of a frame.
pub const VARIABLES: usize = 9;

/// A seeded source of frames.
pub struct Workload {
    state: u32,
    tick: u32,
}

impl Workload {
    /// The same frames every time.
    pub const fn new() -> Self {
        Self { state: 1, tick: 0 }
    }

    /// Uniform in [0, 1), in steps of 2^-16.
    fn noise(&mut self) -> f32 {
        self.state = self
            .state
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (self.state >> 16) as f32 / 65536.0
    }

    /// Variables 0, 3 and 6 share a triangle wave; a spike every 41 frames moves one variable,
    /// every 82 frames those three.
    pub fn next_frame(&mut self) -> Frame<VARIABLES> {
        let tick = self.tick;
        self.tick += 1;
        let wave = (tick % 60).abs_diff(30) as f32;
        let spike = if tick % 41 == 40 { 60.0 } else { 0.0 };
        let together = tick % 82 == 81;
        let mut frame = [Reading::Value(0.0); VARIABLES];
        for (k, reading) in frame.iter_mut().enumerate() {
            let shared = if k % 3 == 0 { wave } else { 0.0 };
            let hit = if together {
                k % 3 == 0
            } else {
                k == tick as usize / 41 % VARIABLES
            };
            let spike = if hit { spike } else { 0.0 };
            let value = 50.0 + shared + 0.5 * self.noise() + spike;
            *reading = Reading::Value(value);
        }
        frame
    }
}

impl Default for Workload {
    fn default() -> Self {
        Self::new()
    }
}
