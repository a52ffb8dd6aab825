//! The timeline: wake-ups at multiples of the period since the start, and the time of day at each.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Difference between the two clocks from which the time of day has been set, not just corrected.
const JUMP_MS: i64 = 2_000;

/// Wake-ups at absolute times of the monotonic clock: lateness does not add up.
#[derive(Clone, Debug)]
pub struct Timeline {
    start: Instant,
    period: Duration,
    /// The number of the next wake-up.
    next: u32,
}

impl Timeline {
    /// The first wake-up is now.
    pub const fn new(now: Instant, period: Duration) -> Self {
        Self {
            start: now,
            period,
            next: 0,
        }
    }

    /// The time of the next wake-up.
    pub fn next(&self) -> Instant {
        self.start + self.period * self.next
    }

    /// Passes the wake-up that is due and answers how many behind it are over already: gaps in the samples.
    pub fn pass(&mut self, now: Instant) -> u32 {
        let period = self.period.as_nanos().max(1);
        let due = now.saturating_duration_since(self.start).as_nanos() / period;
        let due = u32::try_from(due).unwrap_or(u32::MAX / 2);
        let missed = due.saturating_sub(self.next);
        self.next = due.max(self.next) + 1;
        // Numbers start anew long before they overflow.
        if self.next > u32::MAX / 4 {
            self.start += self.period * self.next;
            self.next = 0;
        }
        missed
    }
}

/// The time of day, told apart from the passing of time: it never runs backward but where it was set.
#[derive(Clone, Debug)]
pub struct Wall {
    last_ms: i64,
    last: Instant,
}

impl Wall {
    /// Begins with both clocks.
    pub fn new(now: Instant, wall: SystemTime) -> Self {
        Self {
            last_ms: ms(wall),
            last: now,
        }
    }

    /// Milliseconds since 1970, and how far the clock was set since the last call.
    pub fn at(&mut self, now: Instant, wall: SystemTime) -> (u64, Option<i64>) {
        let passed = now.saturating_duration_since(self.last).as_millis();
        let expected = self
            .last_ms
            .saturating_add(i64::try_from(passed).unwrap_or(i64::MAX));
        let wall = ms(wall);
        let off = wall.saturating_sub(expected);
        let jump = (off.abs() >= JUMP_MS).then_some(off);
        self.last_ms = if jump.is_some() {
            wall
        } else {
            wall.max(self.last_ms + 1)
        };
        self.last = now;
        (self.last_ms.unsigned_abs(), jump)
    }
}

/// Milliseconds since 1970, 0 before.
pub fn ms(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    /// Broken by a next wake-up counted from the end of the work instead of the period's multiple.
    #[test]
    fn lateness_does_not_add_up() {
        let start = Instant::now();
        let mut line = Timeline::new(start, S);
        for k in 0..1000 {
            let late = line.next() + Duration::from_millis(k % 900);
            assert_eq!(line.pass(late), 0);
        }
        assert_eq!(line.next(), start + 1000 * S);
    }

    /// Broken if wake-ups that are over were caught up with, or not counted.
    #[test]
    fn missed_wakeups_are_counted_and_skipped() {
        let start = Instant::now();
        let mut line = Timeline::new(start, S);
        assert_eq!(line.pass(start), 0);
        assert_eq!(line.pass(start + 5 * S + S / 2), 4);
        assert_eq!(line.next(), start + 6 * S);
    }

    /// Broken if a step of the clock were taken for time that passed, or a small correction for a step.
    #[test]
    fn a_set_clock_is_a_jump_and_a_correction_is_none() {
        let (now, day) = (Instant::now(), UNIX_EPOCH + Duration::from_secs(1_000_000));
        let mut wall = Wall::new(now, day);
        assert_eq!(wall.at(now + S, day + S), (1_000_001_000, None));
        // Corrected backward by 1.5 s: time stands still rather than run backward.
        assert_eq!(wall.at(now + 2 * S, day + S / 2), (1_000_001_001, None));
        assert_eq!(wall.at(now + 3 * S, day + 3600 * S).1, Some(3_597_999));
        let (back, jump) = wall.at(now + 4 * S, UNIX_EPOCH);
        assert_eq!((back, jump), (0, Some(-1_003_601_000)));
    }
}
