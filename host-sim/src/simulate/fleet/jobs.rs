//! Jobs of a part of a fleet, one after another with pauses between them, and the loads they make.

use crate::random::Random;
use std::f64::consts::TAU;

/// Shares of a machine in use, about 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Of its cores.
    pub compute: f64,
    /// Of its memory.
    pub memory: f64,
    /// Of its links.
    pub traffic: f64,
}

/// A type of job: its usual load, and a swing of so many rows.
struct Type {
    load: Load,
    period: f64,
    swing: f64,
}

const fn of(compute: f64, memory: f64, traffic: f64, period: f64, swing: f64) -> Type {
    Type {
        load: Load {
            compute,
            memory,
            traffic,
        },
        period,
        swing,
    }
}

/// Types of jobs; the last one may be new.
const TYPES: [Type; 4] = [
    of(0.80, 0.45, 0.30, 24.0, 0.08),
    of(0.45, 0.70, 0.15, 60.0, 0.12),
    of(0.25, 0.30, 0.75, 12.0, 0.15),
    of(0.95, 0.90, 0.55, 9.0, 0.10),
];
const NEW: usize = TYPES.len() - 1;
const IDLE: Load = Load {
    compute: 0.03,
    memory: 0.12,
    traffic: 0.02,
};

/// Rows of a job and of a pause: fewest, and more at random.
const BUSY: (u64, u64) = (60, 180);
const PAUSE: (u64, u64) = (10, 30);

/// The jobs of one part of a fleet.
#[derive(Clone, Debug)]
pub struct Jobs {
    random: Random,
    /// Number of the first job, and the distance to the next one.
    numbers: (u64, u64),
    started: u64,
    is_busy: bool,
    kind: usize,
    /// Rows since the job or the pause began, and those left.
    since: u64,
    left: u64,
    load: Load,
    /// Slow noise of the load.
    wander: f64,
}

impl Jobs {
    /// Of a part of a fleet with so many of them. The first job begins with the first row.
    pub const fn new(part: u64, parts: u64, seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            numbers: (part + 1, parts),
            started: 0,
            is_busy: false,
            kind: 0,
            since: 0,
            left: 0,
            load: IDLE,
            wander: 0.0,
        }
    }

    /// The job of the next row, 0 in a pause, and its load. `new` lets jobs of the new type begin. Draws the same
    /// random numbers with and without.
    pub fn step(&mut self, new: bool) -> (u64, Load) {
        if self.left == 0 {
            self.next(new);
        }
        self.left -= 1;
        self.since += 1;
        self.wander += 0.05 * (0.3 * self.random.noise() - self.wander);
        let mut target = IDLE;
        if self.is_busy {
            let Type {
                load,
                period,
                swing,
            } = &TYPES[self.kind];
            let wave = swing * libm::sin(TAU * self.since as f64 / period);
            let more = wave + self.wander;
            target = Load {
                compute: load.compute + more,
                memory: load.memory + 0.3 * more,
                traffic: load.traffic - 0.5 * wave + 0.6 * self.wander,
            };
        }
        let follow = |value: &mut f64, target: f64| *value += 0.5 * (target - *value);
        follow(&mut self.load.compute, target.compute.clamp(0.0, 1.0));
        follow(&mut self.load.memory, target.memory.clamp(0.0, 1.0));
        follow(&mut self.load.traffic, target.traffic.clamp(0.0, 1.0));
        let job = match self.is_busy {
            true => self.numbers.0 + self.numbers.1 * (self.started - 1),
            false => 0,
        };
        (job, self.load)
    }

    /// Ends the pause or the job.
    fn next(&mut self, new: bool) {
        self.is_busy = !self.is_busy;
        let (least, more) = if self.is_busy { BUSY } else { PAUSE };
        self.left = least + self.random.below(more);
        self.since = 0;
        let (known, is_new) = (self.random.below(NEW as u64), self.random.unit() < 0.5);
        if self.is_busy {
            self.started += 1;
            self.kind = if new && is_new { NEW } else { known as usize };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a new type that comes unasked, or that changes the rows before.
    #[test]
    fn a_new_type_changes_nothing_before_it() {
        let loads = |from: u64| {
            let mut jobs = Jobs::new(0, 1, 7);
            (0..2000)
                .map(|row| jobs.step(row >= from))
                .collect::<Vec<_>>()
        };
        let (old, new) = (loads(u64::MAX), loads(1000));
        assert_eq!(old[..1000], new[..1000]);
        let most = |of: &[(u64, Load)]| of.iter().map(|(_, load)| load.memory).fold(0.0, f64::max);
        assert!(most(&old) < 0.85 && most(&new[1000..]) > 0.85);
        let numbers = |of: &[(u64, Load)]| of.iter().map(|(job, _)| *job).collect::<Vec<u64>>();
        assert_eq!(numbers(&old), numbers(&new));
    }

    /// Broken by jobs of two parts with one number, or by a machine that never rests.
    #[test]
    fn jobs_have_numbers_of_their_own_and_pauses() {
        let numbers = |part: u64| -> std::collections::BTreeSet<u64> {
            let mut jobs = Jobs::new(part, 3, part);
            (0..3000).map(|_| jobs.step(false).0).collect()
        };
        let (a, b) = (numbers(0), numbers(2));
        assert!(a.len() > 10 && a.contains(&0) && b.contains(&0));
        let common: Vec<&u64> = a.intersection(&b).collect();
        assert_eq!(common, [&0]);
    }
}
