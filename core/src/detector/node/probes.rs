//! Probes: partners that do not go along any more are found out, and better ones take their place.
//!
//! ```text
//! a probe    of one variable j, 256 rows: sums with its five partners k and with four candidates
//! held       a partner with e_jk = root mean square of r_j - b_jk r_k - o_jk  at most 2 s_jk: it stays as it is
//! lost       else: b, o and s anew from these rows, s not below the old one
//! replaced   the partner with the largest e, by the candidate with the smallest s', while s' < 0.7 e
//! candidates two partners of partners, two variables by chance
//! ```
//!
//! `SLOTS` variables are probed at once, then the next ones, so that work and memory of a row depend on `SLOTS`
//! alone: nine products of pairs each. A partner of a partner is likely to go along too (Dong, Charikar and
//! Li, 2011, on neighbours of neighbours).
//!
//! A probe learns from the rows that it is given. Rows that a node finds anomalous are not for it: a broken variable would
//! lose its partners instead of being blamed. After a change that was accepted, every row is.

use super::pairs::{LEAST, PARTNERS, Pairs, Partner, STEPS, residual};
use super::{Lanes, Node};
use crate::error::SnapshotError;
use crate::math::sqrt;
use crate::rng::split_mix;
use crate::wire::snapshot::{self, Reader};

/// Of the candidates by chance.
const SEED: u64 = 14;
/// Rows of a probe.
pub(super) const ROWS: u16 = 256;
/// Candidates of a probe; the first two are partners of partners.
const CANDIDATES: usize = 4;
const NEAR: usize = 2;
/// Pairs of a probe.
const PAIRS: usize = PARTNERS + CANDIDATES;
/// Deviations up to which a partner has held.
const LOOSE: f32 = 2.0;
/// Share of a partner's error below which a candidate is better.
const BETTER: f32 = 0.7;
/// Least variance of the probed variable, of that in the fit: one that rests tells nothing.
const MOVED: f32 = 1.0 / 16.0;

/// Sums of another variable and of its products with the probed one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Sums {
    plain: f32,
    squares: f32,
    products: f32,
}

/// A variable, and its sums with others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Probe {
    variable: u16,
    candidates: [u16; CANDIDATES],
    own: [f32; 2],
    /// With the partners, then with the candidates.
    sums: [Sums; PAIRS],
}

/// Probes of `SLOTS` variables at once: 128 bytes each, and 16. All zeros when new.
///
/// ```
/// use bellwether::node::{Node, Pairs, Probes, Rules, Settings, Wide, fit::Work, wide};
/// use bellwether::{SettingsError, Tick};
/// const V: usize = 20;
/// // Two loads; from minute 600 on variable 13 goes with the other one.
/// let row = |minute: u32| -> [f32; V] {
///     let loads = [(minute * 7 % 23) as f32, (minute * 5 % 17) as f32];
///     core::array::from_fn(|j| {
///         let load = loads[usize::from((j == 13) == (minute >= 600)) ^ (j % 2)];
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
/// for minute in 600..12_000 {
///     node.decide(&rules, Tick(minute.into()), &row(minute).map(Into::into));
///     blamed[usize::from(minute > 11_000)] += pairs.blamed(&node).filter(|of| of.variable == 13).count();
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

/// A relation between two variables in the rows of a probe.
struct Relation {
    slope: f32,
    offset: f32,
    deviation: f32,
}

impl Probe {
    fn take(&mut self, partners: &[Partner; PARTNERS], of: impl Fn(u16) -> f32) {
        let own = of(self.variable);
        let [plain, squares] = &mut self.own;
        (*plain, *squares) = (*plain + own, *squares + own * own);
        let others = partners.iter().map(|partner| &partner.variable);
        let others = others.chain(&self.candidates);
        for (sums, other) in self.sums.iter_mut().zip(others) {
            let x = of(*other);
            sums.plain += x;
            sums.squares += x * x;
            sums.products += own * x;
        }
    }

    /// Mean and variance of the variable itself.
    fn own(&self) -> (f32, f32) {
        let [plain, squares] = self.own;
        let mean = plain / f32::from(ROWS);
        (mean, squares / f32::from(ROWS) - mean * mean)
    }

    /// Mean and variance of another variable, and its covariance with the own one.
    fn other(&self, sums: &Sums) -> (f32, f32, f32) {
        let mean = sums.plain / f32::from(ROWS);
        let covariance = sums.products / f32::from(ROWS) - mean * self.own().0;
        let variance = sums.squares / f32::from(ROWS) - mean * mean;
        (mean, variance, covariance)
    }

    /// Root mean square of what a partner is off.
    fn error(&self, partner: &Partner, sums: &Sums) -> f32 {
        let ((mean, variance), (x, of_x, covariance)) = (self.own(), self.other(sums));
        let slope = partner.slope;
        let apart = variance - 2.0 * slope * covariance + slope * slope * of_x;
        let bias = mean - partner.says(x);
        sqrt(apart.max(0.0) + bias * bias)
    }

    /// The best line through the rows; `None` for a variable that rested.
    fn relation(&self, sums: &Sums) -> Option<Relation> {
        let ((mean, variance), (x, of_x, covariance)) = (self.own(), self.other(sums));
        if of_x <= MOVED {
            return None;
        }
        let slope = covariance / of_x;
        Some(Relation {
            slope,
            offset: mean - slope * x,
            deviation: sqrt((variance - slope * covariance).max(0.0)),
        })
    }

    /// Judges the partners by the rows that were taken.
    fn settle(&self, partners: &mut [Partner; PARTNERS]) {
        if self.own().1 <= MOVED {
            return;
        }
        let mut errors = [f32::INFINITY; PARTNERS];
        let known = partners.iter_mut().zip(&self.sums).zip(&mut errors);
        for ((partner, sums), error) in
            known.filter(|((partner, _), _)| partner.inv_deviation > 0.0)
        {
            *error = self.error(partner, sums);
            if *error * partner.inv_deviation > LOOSE
                && let Some(relation) = self.relation(sums)
            {
                *error = relation.deviation;
                let least = 1.0 / partner.inv_deviation;
                *partner = relation.partner(partner.variable, least);
            }
        }
        let mut candidates = [const { None }; CANDIDATES];
        let drawn = self.candidates.iter().zip(self.sums.iter().skip(PARTNERS));
        for (place, (variable, sums)) in candidates.iter_mut().zip(drawn) {
            let is_new = partners
                .iter()
                .all(|partner| partner.variable != *variable || partner.inv_deviation <= 0.0);
            if is_new && *variable != self.variable {
                *place = self.relation(sums).map(|relation| (*variable, relation));
            }
        }
        for _ in 0..CANDIDATES {
            let best = candidates.iter_mut();
            let best = best.reduce(|least, next| match deviation(next) < deviation(least) {
                true => next,
                false => least,
            });
            let Some((variable, relation)) = best.and_then(Option::take) else {
                return;
            };
            let places = partners.iter_mut().zip(&mut errors);
            let weakest = places.reduce(|most, next| if next.1 > most.1 { next } else { most });
            let Some((partner, error)) =
                weakest.filter(|(_, error)| relation.deviation < BETTER * **error)
            else {
                return;
            };
            // As much better than the partner's deviation of the fit as it was in these rows.
            let least = match partner.inv_deviation > 0.0 {
                true => relation.deviation / *error / partner.inv_deviation,
                false => 0.0,
            };
            *partner = relation.partner(variable, least);
            *error = relation.deviation;
        }
    }
}

fn deviation(candidate: &Option<(u16, Relation)>) -> f32 {
    let deviation = candidate.as_ref().map(|(_, relation)| relation.deviation);
    deviation.unwrap_or(f32::INFINITY)
}

impl Relation {
    fn partner(&self, variable: u16, least: f32) -> Partner {
        Partner {
            slope: self.slope,
            inv_deviation: 1.0 / self.deviation.max(least).max(LEAST),
            variable,
            // Saturates.
            offset: (self.offset * STEPS) as i16,
        }
    }
}

impl<const SLOTS: usize> Probes<SLOTS> {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 14 + SLOTS * (15 + 8 + 12 * PAIRS);

    /// Probes that are not placed.
    pub const fn new() -> Self {
        const NONE: Probe = Probe {
            variable: 0,
            candidates: [0; CANDIDATES],
            own: [0.0; 2],
            sums: [Sums {
                plain: 0.0,
                squares: 0.0,
                products: 0.0,
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

    /// Takes the last row of a node, one to learn from, and after each 256 of them judges the partners of the probed
    /// variables. New pairs need new probes.
    pub fn take<L: Lanes, const V: usize>(&mut self, pairs: &mut Pairs<V>, node: &Node<L, V>) {
        if self.rows == 0 {
            self.place(pairs);
        }
        let scale = node.scale();
        let of = |variable: u16| {
            let value = scale.last.get(usize::from(variable)).copied();
            let value = value.and_then(|value| residual(scale, variable.into(), value));
            value.unwrap_or(0.0)
        };
        self.rows += 1;
        let is_over = self.rows >= ROWS;
        for probe in self.probes.iter_mut().take(self.used.into()) {
            if let Some(partners) = pairs.partners.get_mut(usize::from(probe.variable)) {
                probe.take(partners, of);
                if is_over {
                    probe.settle(partners);
                }
            }
        }
        if is_over {
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
                let sums = probe.sums.iter();
                sums.for_each(|of| body.put(&(of.plain, of.squares, of.products)));
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
        if self.rows >= ROWS || usize::from(self.used) > SLOTS {
            return Err(body.content());
        }
        for probe in &mut self.probes {
            (probe.variable, probe.candidates, probe.own) = body.take()?;
            let mut whole = probe.own.iter().all(|x| x.is_finite());
            for of in &mut probe.sums {
                (of.plain, of.squares, of.products) = body.take()?;
                whole &= of.plain.is_finite() && of.squares.is_finite() && of.products.is_finite();
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
