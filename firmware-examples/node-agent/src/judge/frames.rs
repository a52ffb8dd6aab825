//! Frames: the means of the samples of some seconds.
//!
//! ```text
//! value   mean of the samples with a value; missing if fewer than half of them have one
//! end     with the sample nearest to `frame_s` behind the last end
//! gap     without samples for two frames: the frame is dropped, and as many are passed over
//! ```

use bellwether::Reading;

/// A channel's samples in a frame.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    sum: f64,
    count: u32,
}

/// The frame that is being made, and the last one.
#[derive(Clone, Debug)]
pub struct Frames {
    frame_ms: u64,
    begin_ms: u64,
    last_ms: Option<u64>,
    samples: u32,
    /// Frames that never came, since the last end.
    skipped: u64,
    sums: Vec<Sum>,
    /// Means of the last frame; NaN is missing.
    means: Vec<f32>,
}

/// The end of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Samples in it.
    pub samples: u32,
    /// Frames that never came before it.
    pub skipped: u64,
}

impl Frames {
    /// Before the first sample.
    pub fn new(channels: usize, frame_s: u32) -> Self {
        Self {
            frame_ms: u64::from(frame_s) * 1000,
            begin_ms: 0,
            last_ms: None,
            samples: 0,
            skipped: 0,
            sums: vec![Sum::default(); channels],
            means: vec![f32::NAN; channels],
        }
    }

    /// Takes a sample; tells if a frame ends with it. Time that jumps begins a new frame.
    pub fn take(&mut self, at_ms: u64, readings: &[Reading]) -> Option<Ended> {
        let period = match self.last_ms {
            Some(last) if at_ms >= last && at_ms - self.begin_ms < 2 * self.frame_ms => {
                at_ms - last
            }
            Some(last) => {
                self.skipped = at_ms.saturating_sub(last) / self.frame_ms;
                self.begin(at_ms.saturating_sub(1000));
                1000
            }
            None => {
                self.begin(at_ms.saturating_sub(1000));
                1000.min(self.frame_ms)
            }
        };
        self.last_ms = Some(at_ms);
        self.samples += 1;
        for (sum, reading) in self.sums.iter_mut().zip(readings) {
            if let Ok(value) = reading.usable() {
                sum.sum += f64::from(value);
                sum.count += 1;
            }
        }
        let end = at_ms + period / 2;
        if end < self.begin_ms + self.frame_ms {
            return None;
        }
        let samples = self.samples;
        for (mean, sum) in self.means.iter_mut().zip(&mut self.sums) {
            let enough = sum.count > 0 && 2 * sum.count >= samples;
            *mean = match enough {
                true => (sum.sum / f64::from(sum.count)) as f32,
                false => f32::NAN,
            };
            *sum = Sum::default();
        }
        self.samples = 0;
        self.begin_ms = at_ms;
        let skipped = std::mem::take(&mut self.skipped);
        Some(Ended { samples, skipped })
    }

    fn begin(&mut self, at_ms: u64) {
        self.sums.fill(Sum::default());
        self.samples = 0;
        self.begin_ms = at_ms;
    }

    /// Means of the last frame, of each channel; NaN is missing.
    pub fn means(&self) -> &[f32] {
        &self.means
    }

    /// Bytes of state.
    pub fn bytes(&self) -> usize {
        self.sums.len() * size_of::<Sum>() + self.means.len() * size_of::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::Cause;

    const GONE: Reading = Reading::Absent(Cause::Missing);

    /// Broken if a frame has another number of samples in the long run, or jitter moves its end.
    #[test]
    fn frames_of_30_s_hold_30_samples_in_spite_of_jitter() {
        let mut frames = Frames::new(1, 30);
        let mut ends = Vec::new();
        for n in 0..3000_u64 {
            let at = 1_000_000 + 1000 * n + n * 7919 % 90;
            if let Some(ended) = frames.take(at, &[Reading::Value(n as f32)]) {
                ends.push((n, ended.samples));
            }
        }
        assert!((98..=101).contains(&ends.len()), "{}", ends.len());
        assert!(
            ends.iter().all(|(_, samples)| (29..=31).contains(samples)),
            "{ends:?}"
        );
    }

    /// Broken if a slow recording's row is told one row late, or gaps are not counted.
    #[test]
    fn a_row_per_frame_ends_its_frame_and_gaps_are_counted() {
        let mut frames = Frames::new(1, 900);
        frames.take(0, &[GONE]);
        for n in 1..4 {
            let ended = frames.take(n * 900_000, &[Reading::Value(n as f32)]);
            assert_eq!(ended.map(|ended| ended.skipped), Some(0), "{n}");
            assert_eq!(frames.means(), [n as f32]);
        }
        let late = frames.take(13 * 900_000, &[Reading::Value(1.0)]);
        let next = frames.take(14 * 900_000, &[Reading::Value(2.0)]);
        assert!(late.is_none());
        assert_eq!(next.map(|ended| ended.skipped), Some(10));
        assert!(
            frames.take(5, &[Reading::Value(1.0)]).is_none(),
            "a clock that was set back"
        );
    }

    /// Broken if a mean of a few samples stands for a frame.
    #[test]
    fn fewer_than_half_of_the_samples_are_missing() {
        let mut frames = Frames::new(2, 10);
        for n in 0..10_u64 {
            let first = if n < 5 { Reading::Value(2.0) } else { GONE };
            let second = if n < 4 { Reading::Value(2.0) } else { GONE };
            frames.take((n + 1) * 1000, &[first, second]);
        }
        assert_eq!(frames.means()[0], 2.0);
        assert!(frames.means()[1].is_nan());
    }
}
