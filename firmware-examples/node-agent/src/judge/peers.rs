//! Peers: a channel beside the same channel of other nodes that run the same job.
//!
//! ```text
//! z      (value - mean) / deviation, of this node's first 960 frames
//! b      Σ z m / Σ m² over frames with peers, 0 to 1.2      m: median of the peers' z
//! p      z - b m: what peers do not explain
//! apart  more than the peers' deviation and more than 10 % from their median, the plain rule,
//!        or p more than 6 of its deviations from its mean; from 300 frames with peers on
//! ```
//!
//! Ten frames running apart are a finding, and ten that are not end it. Fewer than two peers, and peers of another
//! job, are no peers: what is common to nodes is the job that they run. A slope near 0 makes peers harmless that have
//! nothing to say. A difference that is known is accepted with the group of its channel.

use super::context::{PeerValue, Peers};
use serde::{Deserialize, Serialize};

/// Frames that tell a channel's own moments, which stay then, and those with peers that tell a slope.
const OWN: u16 = 960;
const TOGETHER: u16 = 300;
/// Frames that slopes and moments of p are taken over, at most.
const MEMORY: u16 = 2880;
/// Largest slope.
const STEEP: f32 = 1.2;
/// Deviations of p, and the smallest one.
const FAR: f32 = 6.0;
const LEAST: f32 = 0.05;
/// Share of the median, and frames that an event begins and ends with.
const SHARE: f32 = 0.1;
const FRAMES: u8 = 10;

/// A channel beside its peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    mean: f32,
    variance: f32,
    /// Means of z m and of m².
    product: f32,
    square: f32,
    /// Mean and variance of p.
    rest: f32,
    rest_variance: f32,
    /// Difference from the median that was accepted, as a share of it.
    known: f32,
    frames: u16,
    together: u16,
    level: u8,
    /// Whether it is found to be apart.
    pub apart: bool,
}

/// Follows a mean and a variance.
fn learn(mean: &mut f32, variance: &mut f32, value: f32, frames: u16) {
    let weight = 1.0 / (f32::from(frames) + 1.0);
    let difference = value - *mean;
    *mean += weight * difference;
    *variance = (1.0 - weight) * (*variance + weight * difference * difference);
}

impl Beside {
    /// A value in deviations from the mean of its own frames; NaN while nothing is known.
    pub fn scaled(&self, value: f32) -> f32 {
        let deviation = self.variance.sqrt();
        if self.frames < OWN || deviation <= 1e-6 * self.mean.abs().max(1e-6) {
            return f32::NAN;
        }
        (value - self.mean) / deviation
    }

    /// Takes the value of a frame, and its peers'. True if it has come apart, or together again.
    pub fn take(&mut self, value: f32, peers: Option<&PeerValue>, learns: bool) -> bool {
        let Some(value) = Some(value).filter(|value| value.is_finite()) else {
            return false;
        };
        let z = self.scaled(value);
        if learns && self.frames < OWN {
            learn(&mut self.mean, &mut self.variance, value, self.frames);
            self.frames += 1;
        }
        let apart = peers.is_some_and(|peers| {
            let by_rest = self.is_unexplained(z, peers.scaled, learns);
            let by_rule = self.is_far(value, peers);
            by_rest || by_rule
        });
        self.level = match apart {
            true => (self.level + 1).min(FRAMES),
            false => self.level.saturating_sub(1),
        };
        let before = self.apart;
        self.apart = match self.level {
            FRAMES => true,
            0 => false,
            _ => before,
        };
        before != self.apart
    }

    /// The plain rule.
    fn is_far(&self, value: f32, peers: &PeerValue) -> bool {
        let PeerValue {
            median, deviation, ..
        } = *peers;
        if !(median.is_finite() && deviation.is_finite()) || median == 0.0 {
            return false;
        }
        let difference = value - median;
        let share = difference / median.abs();
        let known = (share - self.known).abs() <= SHARE && self.known != 0.0;
        difference.abs() > deviation && share.abs() > SHARE && !known
    }

    /// Whether p is far from what it usually is.
    fn is_unexplained(&mut self, z: f32, m: f32, learns: bool) -> bool {
        if !(z.is_finite() && m.is_finite()) {
            return false;
        }
        let (z, m) = (z.clamp(-50.0, 50.0), m.clamp(-50.0, 50.0));
        let slope = match self.square {
            square if square > 0.0 => (self.product / square).clamp(0.0, STEEP),
            _ => 0.0,
        };
        let p = z - slope * m;
        let deviation = self.rest_variance.sqrt().max(LEAST);
        let far = self.together >= TOGETHER && (p - self.rest).abs() > FAR * deviation;
        if learns && !far {
            let weight = 1.0 / (f32::from(self.together) + 1.0);
            self.product += weight * (z * m - self.product);
            self.square += weight * (m * m - self.square);
            learn(&mut self.rest, &mut self.rest_variance, p, self.together);
            self.together = (self.together + 1).min(MEMORY);
        }
        far
    }

    /// The present difference is normal.
    pub fn accept(&mut self, value: f32, peers: Option<&PeerValue>) {
        if let Some(peers) = peers.filter(|peers| peers.median.is_finite() && peers.median != 0.0)
            && value.is_finite()
        {
            self.known = (value - peers.median) / peers.median.abs();
        }
        self.together = 0;
        (self.product, self.square) = (0.0, 0.0);
    }

    /// Nothing is beside it any more.
    pub const fn alone(&mut self) -> bool {
        let before = self.apart;
        (self.level, self.apart) = (0, false);
        before
    }
}

/// Those that count for a node with this job.
pub fn usable<'a>(peers: Option<&'a Peers>, job: Option<&str>) -> Option<&'a Peers> {
    peers.filter(|peers| peers.nodes >= 2 && job == Some(peers.job.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: u32) -> f32 {
        (bellwether::rng::split_mix(3, n.into()) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// Temperatures of a node and its peers in frame n, whose job is warmer from frame 1500 on.
    fn frame(n: u32) -> (f32, PeerValue) {
        let load = 5.0 * noise(n / 20) + if n >= 1500 { 30.0 } else { 0.0 };
        let peers = PeerValue {
            scaled: load / 3.0 + 0.1 * noise(n + 7000),
            median: 60.0 + load,
            deviation: 1.0,
        };
        (60.0 + load + noise(n + 50_000), peers)
    }

    fn run(beside: &mut Beside, frames: std::ops::Range<u32>, more: f32) -> Vec<(u32, bool)> {
        let mut changes = Vec::new();
        for n in frames {
            let (value, peers) = frame(n);
            if beside.take(value + more, Some(&peers), true) {
                changes.push((n, beside.apart));
            }
        }
        changes
    }

    /// Broken if a new kind of job, which warms all nodes, is held against one of them.
    #[test]
    fn what_peers_share_is_no_finding() {
        let mut beside = Beside::default();
        assert_eq!(run(&mut beside, 0..3000, 0.0), []);
    }

    /// Broken if a slow node that answers its heartbeat passes, by 10 %, or by less than that but more than ever.
    #[test]
    fn a_node_apart_from_its_peers_is_found_in_ten_frames() {
        for more in [-12.0, 5.5] {
            let mut beside = Beside::default();
            run(&mut beside, 0..1400, 0.0);
            assert_eq!(run(&mut beside, 1400..1460, more), [(1409, true)], "{more}");
            assert_eq!(run(&mut beside, 1460..1500, 0.0), [(1469, false)], "{more}");
        }
    }

    /// Broken if peers of another job, or a single one, are taken for peers.
    #[test]
    fn peers_run_the_same_job() {
        let peers = |nodes, job: &str| Peers {
            job: job.into(),
            nodes,
            values: Vec::new(),
        };
        assert!(usable(Some(&peers(2, "7")), Some("7")).is_some());
        assert!(usable(Some(&peers(1, "7")), Some("7")).is_none());
        assert!(usable(Some(&peers(2, "7")), Some("8")).is_none());
        assert!(usable(Some(&peers(2, "7")), None).is_none());
    }

    /// Broken if an accepted difference is told again, or another one is not.
    #[test]
    fn an_accepted_difference_is_known() {
        let mut beside = Beside::default();
        assert_eq!(run(&mut beside, 0..20, 12.0), [(9, true)]);
        let (value, peers) = frame(20);
        beside.accept(value + 12.0, Some(&peers));
        assert!(matches!(run(&mut beside, 20..60, 12.0)[..], [(_, false)]));
        assert!(matches!(run(&mut beside, 60..90, 24.0)[..], [(_, true)]));
    }
}
