//! Waiting times between attempts: doubled, bounded, and scattered so that ten thousand nodes do not return at once.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// The first waiting time is half of this to all of it.
const FIRST: Duration = Duration::from_secs(1);

/// Waiting times.
#[derive(Debug)]
pub struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    /// From one second to `longest`.
    pub fn new(longest: Duration) -> Self {
        let next = FIRST.min(longest);
        Self { next, longest }
    }

    /// The time to wait now: between half and all of a time that doubles with each call.
    pub fn wait(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(self.longest);
        // A hasher's random key: enough to scatter, and no further crate.
        let part = RandomState::new().hash_one(()) as u32;
        whole.mul_f64(0.5 + 0.5 * f64::from(part) / f64::from(u32::MAX))
    }

    /// Begins again after a success.
    pub fn reset(&mut self) {
        self.next = FIRST.min(self.longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if waiting times do not grow, exceed their bound, or are the same for all.
    #[test]
    fn times_double_to_their_bound_and_scatter() {
        let mut backoff = Backoff::new(Duration::from_secs(60));
        for power in 0..20 {
            let whole = Duration::from_secs((1_u64 << power).min(60));
            let wait = backoff.wait();
            assert!(wait >= whole / 2 && wait <= whole, "{power}: {wait:?}");
        }
        let waits: Vec<_> = (0..8).map(|_| backoff.wait()).collect();
        assert!(waits.windows(2).any(|pair| pair[0] != pair[1]), "{waits:?}");
        backoff.reset();
        assert!(backoff.wait() <= FIRST);
    }
}
