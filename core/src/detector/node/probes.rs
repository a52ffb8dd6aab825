//! Probes: partners that do not go along any more are found out, and better ones take their place.
//!
//! ```text
//! a probe    of one variable j, twice 256 rows: its five partners k and four candidates
//! proposed   the line b, o of r_j over r_k through the first rows, of each of the nine
//! e          root mean square of r_j - b r_k - o in the second rows: of the old line of a partner, of a proposed one
//! held       a partner with e at most 2 s_jk, and below 0.95 of r_j's deviation, stays as it is
//! lost       else it gives way to the proposed line with the smallest e', if e' < 0.7 e; s = e'
//! candidates two partners of partners, two variables by chance
//! ```
//!
//! `SLOTS` variables are probed at once, then the next ones, so that work and memory of a row depend on `SLOTS`
//! alone: nine products of pairs each. A partner of a partner is likely to go along too (Dong, Charikar and
//! Li, 2011, on neighbours of neighbours).
//!
//! A probe learns from the rows that it is given. Rows that a node finds anomalous are not for it: a broken variable would
//! lose its partners instead of being blamed. After a change that was accepted, every row is.

use super::pairs::{LEAST, PARTNERS, Pairs, Partner, STEPS, last};
use super::{Lanes, Node};
use crate::error::SnapshotError;
use crate::math::sqrt;
use crate::rng::split_mix;
use crate::wire::snapshot::{self, Reader};

/// Of the candidates by chance.
const SEED: u64 = 14;
/// Rows that propose, and with those that judge.
const ROWS: u16 = 256;
pub(super) const BOTH: u16 = 2 * ROWS;
/// Candidates of a probe; the first two are partners of partners.
const CANDIDATES: usize = 4;
const NEAR: usize = 2;
/// Pairs of a probe.
const PAIRS: usize = PARTNERS + CANDIDATES;
/// Deviations up to which a partner has held.
const LOOSE: f32 = 2.0;
/// Share of a partner's error below which a candidate is better.
const BETTER: f32 = 0.7;
/// Largest share of a variable's deviation that the line of a partner leaves.
const TELLING: f32 = 0.95;
/// Least variance of the probed variable, of that in the fit: one that rests tells nothing.
const MOVED: f32 = 1.0 / 16.0;

/// Another variable: its sums, those of its products with the probed one, and the proposed line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Other {
    plain: f32,
    squares: f32,
    products: f32,
    slope: f32,
    offset: f32,
}

impl Other {
    const fn numbers(&self) -> [f32; 5] {
        [
            self.plain,
            self.squares,
            self.products,
            self.slope,
            self.offset,
        ]
    }
}

/// A variable and nine others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Probe {
    variable: u16,
    candidates: [u16; CANDIDATES],
    own: [f32; 2],
    /// The partners, then the candidates.
    others: [Other; PAIRS],
}

/// Probes of `SLOTS` variables at once: 200 bytes each, and 12. All zeros when new.
///
/// ```
/// use bellwether::node::{Node, Pairs, Probes, Rules, Settings, Wide, fit::Work, wide};
/// use bellwether::{SettingsError, Tick};
/// const V: usize = 20;
/// // Two loads; from minute 600 on variable 13 goes with the other one.
/// let row = |minute: u32| -> [f32; V] {
///     let loads = [(minute * 7 % 23) as f32, (minute * 5 % 17) as f32];
///     core::array::from_fn(|j| {
///         let load = loads[(j % 2) ^ usize::from(j == 13 && minute >= 600)];
///         40.0 + load * (j + 1) as f32 + (minute * (j as u32 + 3) % 5) as f32
///     })
/// };
/// let stored: Vec<[f32; V]> = (0..600).map(row).collect();
/// let settings = Settings::new(wide::Settings { variables: V as u16 });
/// let rules: Rules<wide::Rules<V>, V> = settings.try_into()?;
/// let (mut node, mut pairs, mut work) = (Node::<Wide<V>, V>::new(), Pairs::new(), Work::new());
/// node.fit(&rules, &mut stored.as_slice(), &mut work)?;
/// pairs.fit(&node, &mut stored.as_slice(), &mut work);
/// let mut probes = Probes::<8>::new();
/// let mut blamed = [0, 0];
/// for minute in 600..24_000 {
///     node.decide(&rules, Tick(minute.into()), &row(minute).map(Into::into));
///     blamed[usize::from(minute > 23_000)] += pairs.blamed(&node).filter(|of| of.variable == 13).count();
///     probes.take(&mut pairs, &node); // the change was accepted
/// }
/// assert!(blamed[0] > 100);
/// assert_eq!(blamed[1], 0);
/// # Ok::<(), SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Probes<const SLOTS: usize> {
    probes: [Probe; SLOTS],
    /// Rows that the probes have taken; 0 before they are placed.
    rows: u16,
    /// Probes with a variable.
    used: u16,
    /// The variable that is probed next.
    next: u16,
    /// Candidates that were drawn.
    drawn: u32,
}

impl Probe {
    fn take(&mut self, partners: &[Partner; PARTNERS], of: impl Fn(u16) -> f32) {
        let own = of(self.variable);
        let [plain, squares] = &mut self.own;
        (*plain, *squares) = (*plain + own, *squares + own * own);
        let variables = partners.iter().map(|partner| &partner.variable);
        let variables = variables.chain(&self.candidates);
        for (other, variable) in self.others.iter_mut().zip(variables) {
            let x = of(*variable);
            other.plain += x;
            other.squares += x * x;
            other.products += own * x;
        }
    }

    /// Mean and variance of the variable itself.
    fn own(&self) -> (f32, f32) {
        let [plain, squares] = self.own;
        let mean = plain / f32::from(ROWS);
        (mean, squares / f32::from(ROWS) - mean * mean)
    }

    /// Mean and variance of another variable, and its covariance with the own one.
    fn moments(&self, other: &Other) -> (f32, f32, f32) {
        let mean = other.plain / f32::from(ROWS);
        let covariance = other.products / f32::from(ROWS) - mean * self.own().0;
        let variance = other.squares / f32::from(ROWS) - mean * mean;
        (mean, variance, covariance)
    }

    /// Root mean square of what a line is off.
    fn error(&self, other: &Other, slope: f32, offset: f32) -> f32 {
        let ((mean, variance), (x, of_x, covariance)) = (self.own(), self.moments(other));
        let apart = variance - 2.0 * slope * covariance + slope * slope * of_x;
        let bias = mean - slope * x - offset;
        sqrt(apart.max(0.0) + bias * bias)
    }

    /// Proposes lines by the rows that were taken, and begins anew.
    fn propose(&mut self) {
        let before = *self;
        for other in &mut self.others {
            let (x, of_x, covariance) = before.moments(other);
            // A variable that rested says the mean.
            let slope = if of_x > MOVED { covariance / of_x } else { 0.0 };
            *other = Other {
                slope,
                offset: before.own().0 - slope * x,
                ..Other::default()
            };
        }
        self.own = [0.0; 2];
    }

    /// Judges partners and proposed lines by the rows that were taken.
    fn settle(&self, partners: &mut [Partner; PARTNERS]) {
        if self.own().1 <= MOVED {
            return;
        }
        // A line that leaves the variable as it is may take a lost one's place, until there is a better one.
        let own = sqrt(self.own().1);
        for (at, other) in (0..PARTNERS).zip(&self.others) {
            let Some(old) = partners.get(at).copied() else {
                return;
            };
            let error = match old.inv_deviation > 0.0 {
                true => self.error(other, old.slope, old.offset()),
                false => f32::INFINITY,
            };
            if error * old.inv_deviation <= LOOSE && error < TELLING * own {
                continue;
            }
            let (better, least) = self.best(partners, at);
            if let Some(place) = partners.get_mut(at)
                && least < BETTER * error
            {
                *place = better;
            }
        }
    }

    /// The proposed line that is least off, for the place of a partner, and what it is off.
    fn best(&self, partners: &[Partner; PARTNERS], at: usize) -> (Partner, f32) {
        let is_free = |variable: u16| {
            let mut others = partners.iter().enumerate();
            let is_other = |k: usize, of: &Partner| k != at && of.inv_deviation > 0.0;
            variable != self.variable
                && !others.any(|(k, of)| is_other(k, of) && of.variable == variable)
        };
        let own = partners.get(at).map(|own| own.variable);
        let own = own.into_iter().zip(self.others.iter().skip(at));
        let candidates = self.candidates.iter().copied();
        let candidates = candidates.zip(self.others.iter().skip(PARTNERS));
        let mut best = (Partner::default(), f32::INFINITY);
        for (variable, other) in own.chain(candidates) {
            let error = self.error(other, other.slope, other.offset);
            if error < best.1 && is_free(variable) {
                let inv_deviation = 1.0 / error.max(LEAST);
                // Saturates.
                let offset = (other.offset * STEPS) as i16;
                let slope = other.slope;
                best = (
                    Partner {
                        slope,
                        inv_deviation,
                        variable,
                        offset,
                    },
                    error,
                );
            }
        }
        best
    }
}

impl<const SLOTS: usize> Probes<SLOTS> {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 14 + SLOTS * (15 + 8 + 20 * PAIRS);

    /// Probes that are not placed.
    pub const fn new() -> Self {
        const NONE: Probe = Probe {
            variable: 0,
            candidates: [0; CANDIDATES],
            own: [0.0; 2],
            others: [Other {
                plain: 0.0,
                squares: 0.0,
                products: 0.0,
                slope: 0.0,
                offset: 0.0,
            }; PAIRS],
        };
        Self {
            probes: [NONE; SLOTS],
            rows: 0,
            used: 0,
            next: 0,
            drawn: 0,
        }
    }

    /// Takes the last row of a node, one to learn from, and after each 512 of them judges the partners of the probed
    /// variables. New pairs need new probes.
    pub fn take<L: Lanes, const V: usize>(&mut self, pairs: &mut Pairs<V>, node: &Node<L, V>) {
        if self.rows == 0 {
            self.place(pairs);
        }
        let scale = node.scale();
        let of = |variable: u16| last(scale, variable.into());
        self.rows += 1;
        let rows = self.rows;
        for probe in self.probes.iter_mut().take(self.used.into()) {
            if let Some(partners) = pairs.partners.get_mut(usize::from(probe.variable)) {
                probe.take(partners, of);
                match rows {
                    ROWS => probe.propose(),
                    BOTH => probe.settle(partners),
                    _ => {}
                }
            }
        }
        if rows >= BOTH {
            self.rows = 0;
        }
    }

    /// Probes of the next variables that are judged, each once.
    fn place<const V: usize>(&mut self, pairs: &Pairs<V>) {
        let count = pairs.limits.iter().rposition(|limit| *limit > 0.0);
        let count = count.map_or(0, |last| last + 1);
        let first = usize::from(self.next).min(count);
        let judged = (first..count).chain(0..first);
        let judged = judged.filter(|variable| {
            pairs
                .limits
                .get(*variable)
                .is_some_and(|limit| *limit > 0.0)
        });
        self.used = 0;
        for (probe, variable) in self.probes.iter_mut().zip(judged) {
            let mut candidates = [variable as u16; CANDIDATES];
            for at in 0..CANDIDATES {
                let chance = split_mix(SEED, self.drawn.into());
                self.drawn = self.drawn.wrapping_add(1);
                let drawn = match at < NEAR {
                    true => near(pairs, variable, chance),
                    false => Some(below(chance, count) as u16),
                };
                let drawn = drawn.filter(|drawn| !candidates.contains(drawn));
                if let (Some(drawn), Some(place)) = (drawn, candidates.get_mut(at)) {
                    *place = drawn;
                }
            }
            *probe = Probe {
                variable: variable as u16,
                candidates,
                ..Probe::default()
            };
            self.used += 1;
            self.next = variable as u16 + 1;
        }
    }

    /// Saves the probes and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, Self::shape(), &|body| {
            body.put(&(self.rows, self.used, self.next, self.drawn));
            for probe in &self.probes {
                body.put(&(probe.variable, probe.candidates, probe.own));
                let others = probe.others.iter();
                others.for_each(|of| body.put(&of.numbers()));
            }
        })
    }

    /// Replaces the probes by saved ones.
    ///
    /// # Errors
    /// The reason why the bytes were refused. Nothing is changed.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut restored = Self::new();
        snapshot::read_slice(bytes, Self::shape(), Self::SNAPSHOT_MAX, &mut |body| {
            restored.read(body)
        })?;
        *self = restored;
        Ok(())
    }

    fn shape() -> u32 {
        snapshot::shape("probes", "", [SLOTS, PARTNERS, CANDIDATES])
    }

    fn read(&mut self, body: &mut Reader<'_>) -> Result<(), SnapshotError> {
        (self.rows, self.used, self.next, self.drawn) = body.take()?;
        if self.rows >= BOTH || usize::from(self.used) > SLOTS {
            return Err(body.content());
        }
        for probe in &mut self.probes {
            (probe.variable, probe.candidates, probe.own) = body.take()?;
            let mut whole = probe.own.iter().all(|x| x.is_finite());
            for of in &mut probe.others {
                let numbers: [f32; 5] = body.take()?;
                whole &= numbers.iter().all(|x| x.is_finite());
                [of.plain, of.squares, of.products, of.slope, of.offset] = numbers;
            }
            if !whole {
                return Err(body.content());
            }
        }
        Ok(())
    }
}

impl<const SLOTS: usize> Default for Probes<SLOTS> {
    fn default() -> Self {
        Self::new()
    }
}

/// One of `count` by chance, 0 of none.
fn below(chance: u64, count: usize) -> usize {
    ((u64::from(chance as u32) * count as u64) >> 32) as usize
}

/// A partner of a partner.
fn near<const V: usize>(pairs: &Pairs<V>, variable: usize, chance: u64) -> Option<u16> {
    let of = |variable: usize, chance: u64| {
        let partner = pairs.partners.get(variable)?.get(below(chance, PARTNERS))?;
        (partner.inv_deviation > 0.0).then_some(partner.variable)
    };
    of(of(variable, chance)?.into(), chance >> 32)
}
