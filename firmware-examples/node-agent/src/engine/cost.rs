//! The agent's own cost: time per wake-up, memory, context switches.

use crate::status::SelfStatus;
use std::fs;
use std::time::{Duration, Instant};

/// Costs so far.
#[derive(Clone, Debug)]
pub struct Cost {
    start: Instant,
    wakeups: u64,
    missed: u64,
    last: Duration,
    longest: Duration,
    sum: Duration,
    /// Wake-ups by their time: eight places an octave, from 1 µs.
    counts: [u32; PLACES],
}

/// Places of the histogram: up to 16 s.
const PLACES: usize = 8 * 24;

impl Cost {
    /// Nothing yet.
    pub const fn new(now: Instant) -> Self {
        Self {
            start: now,
            wakeups: 0,
            missed: 0,
            last: Duration::ZERO,
            longest: Duration::ZERO,
            sum: Duration::ZERO,
            counts: [0; PLACES],
        }
    }

    /// Counts a wake-up and those missed before it.
    pub fn woke(&mut self, missed: u32) {
        self.wakeups += 1;
        self.missed += u64::from(missed);
    }

    /// Counts the work of a wake-up.
    pub fn worked(&mut self, time: Duration) {
        self.last = time;
        self.longest = self.longest.max(time);
        self.sum += time;
        let place = 8.0 * (time.as_secs_f64() * 1e6).max(1.0).log2();
        if let Some(count) = self.counts.get_mut(place as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Nanoseconds of a wake-up: median, 99th percentile (both to 9 % above) and the longest.
    pub fn quantiles(&self) -> [u64; 3] {
        let all: u64 = self.counts.iter().map(|count| u64::from(*count)).sum();
        let at = |share: f64| {
            let (mut seen, wanted) = (0, (share * all as f64).ceil() as u64);
            let reached = |count: &u32| {
                seen += u64::from(*count);
                seen >= wanted
            };
            let place = self.counts.iter().position(reached).unwrap_or(0);
            (1e3 * ((place + 1) as f64 / 8.0).exp2()) as u64
        };
        let longest = ns(self.longest);
        [at(0.5).min(longest), at(0.99).min(longest), longest]
    }

    /// Fills in all but what the readers and the judge know.
    pub fn report(&self, status: &mut SelfStatus) {
        status.uptime_s = self.start.elapsed().as_secs();
        status.wakeups = self.wakeups;
        status.missed = self.missed;
        status.step_last_ns = ns(self.last);
        status.step_max_ns = ns(self.longest);
        status.step_sum_ns = ns(self.sum);
        status.resident_bytes = resident().unwrap_or(0);
        let (voluntary, involuntary) = switches();
        status.switches_voluntary = voluntary;
        status.switches_involuntary = involuntary;
    }
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Resident bytes of this process.
pub fn resident() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * u64::try_from(rustix::param::page_size()).ok()?)
}

/// Context switches of all threads of this process, voluntary and not.
pub fn switches() -> (u64, u64) {
    // SAFETY: all zeros is a value of this structure of integers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live structure, which the call fills.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) } != 0 {
        return (0, 0);
    }
    let count = |n: libc::c_long| u64::try_from(n).unwrap_or(0);
    (count(usage.ru_nvcsw), count(usage.ru_nivcsw))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a quantile were taken from the wrong end, or the longest were rounded away.
    #[test]
    fn quantiles_are_those_of_the_times() {
        let mut cost = Cost::new(Instant::now());
        assert_eq!(cost.quantiles(), [0; 3]);
        for _ in 0..98 {
            cost.worked(Duration::from_micros(100));
        }
        cost.worked(Duration::from_micros(1000));
        cost.worked(Duration::from_secs(100));
        let [median, high, longest] = cost.quantiles();
        assert!((100_000..=110_000).contains(&median), "{median}");
        assert!((1_000_000..=1_100_000).contains(&high), "{high}");
        assert_eq!(longest, 100_000_000_000);
    }

    /// Broken if a field of /proc were mistaken for another, or pages for bytes.
    #[test]
    fn the_memory_is_that_of_a_process() {
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        let with = resident().expect("/proc is there");
        assert!(with > 64 << 20, "{with}");
        drop(block);
        let status = fs::read_to_string("/proc/self/status").expect("/proc is there");
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .expect("a line for it");
        let most: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|kib| kib.parse().ok())
            .expect("a number");
        assert!(
            with <= (most + 4096) * 1024,
            "{with} bytes, at most {most} KiB ever"
        );
        std::thread::sleep(Duration::from_millis(5));
        assert!(switches().0 > 0, "it slept");
    }
}
