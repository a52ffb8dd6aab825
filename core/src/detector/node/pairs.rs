//! Pairs: the broken variable of a node, by the vote of the variables that go with it.
//!
//! ```text
//! r_j        deviations of variable j from its mean in the fit
//! partners   of j: the five k with the largest |Σ r_j r_k| / √(Σ r_j² Σ r_k²)
//! d_jk     = |r_j - b_jk r_k - o_jk| / max(s_jk, 0.05)    b_jk = Σ r_j r_k / Σ r_k²    s_jk: deviation of r_j - b_jk r_k
//! o_jk       0 of a fit; else the mean of r_j - b_jk r_k in the rows of a probe (`Probes`)
//! vote_j   = median of d_jk over the partners of j, the lower one of two
//! blamed     vote_j > limit_j = usual + 2 scale: a surprise above ln 3
//! ```
//!
//! This is the vote of RoLA (Lee and Lin, 2023, section 3) on pairs: a majority of the variables that correlate
//! with one says whether it is off. A broken variable disagrees with all its partners, a sound one with the broken
//! one only, and is outvoted. `usual` and `scale` are those of the votes in the rows that were not fitted,
//! as a lane's.
//!
//! Differs from RoLA: partners are chosen by the fit, and not in the frame of the vote. [`Probes`](super::Probes)
//! replace those that do not go along any more.

use super::lanes::Scale;
use super::{Lanes, Node};
use crate::error::SnapshotError;
use crate::math::abs;
use crate::quartet::{capped, deviations};
use crate::wire::snapshot::{self, Reader};

/// Partners of a variable.
pub const PARTNERS: usize = 5;
/// Least deviation of a pair's residual.
pub(super) const LEAST: f32 = 0.05;
/// Largest disagreement.
const MOST: f32 = 1e6;

/// A variable that goes with another one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Partner {
    pub(super) slope: f32,
    /// 0 without a partner.
    pub(super) inv_deviation: f32,
    pub(super) variable: u16,
    /// In steps of 1/256 deviation.
    pub(super) offset: i16,
}

/// Steps of an offset per deviation.
pub(super) const STEPS: f32 = 256.0;

impl Partner {
    /// The value that it says the variable has, from its own: both less their means, in deviations.
    pub(super) fn says(&self, own: f32) -> f32 {
        self.slope * own + self.offset()
    }

    /// Its offset in deviations.
    pub(super) fn offset(&self) -> f32 {
        f32::from(self.offset) / STEPS
    }
}

/// Partners of each of `V` variables, and the limit of its vote: 64 bytes each. All zeros when new.
///
/// It says which variable of a row is broken, not whether one is: that is asked of the [`Node`].
///
/// ```
/// use bellwether::node::{Node, Pairs, Rules, Settings, Wide, fit::Work, wide};
/// use bellwether::{SettingsError, Tick};
/// const V: usize = 20;
/// let row = |minute: u32| -> [f32; V] {
///     let load = (minute * 7 % 23) as f32;
///     core::array::from_fn(|j| 40.0 + load * (j + 1) as f32 + (minute * (j as u32 + 3) % 5) as f32)
/// };
/// let stored: Vec<[f32; V]> = (0..600).map(row).collect();
/// let settings = Settings::new(wide::Settings { variables: V as u16 });
/// let rules: Rules<wide::Rules<V>, V> = settings.try_into()?;
/// let (mut node, mut pairs, mut work) = (Node::<Wide<V>, V>::new(), Pairs::new(), Work::new());
/// node.fit(&rules, &mut stored.as_slice(), &mut work)?;
/// pairs.fit(&node, &mut stored.as_slice(), &mut work);
/// let mut broken = row(600);
/// broken[13] += 60.0;
/// node.decide(&rules, Tick(600), &broken.map(Into::into));
/// let blamed: Vec<usize> = pairs.blamed(&node).map(|blame| blame.variable).collect();
/// assert_eq!(blamed, [13]);
/// let expected = pairs.expected(&node, 13).unwrap();
/// assert!((expected - row(600)[13]).abs() < 10.0, "without the 60");
/// # Ok::<(), SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pairs<const V: usize> {
    pub(super) partners: [[Partner; PARTNERS]; V],
    /// The limit of each variable's vote; 0 if it is not judged.
    pub(super) limits: [f32; V],
}

/// A variable that most of its partners disagree with.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Blame {
    /// Index of the variable.
    pub variable: usize,
    /// The median disagreement, in limits: above 1.
    pub vote: f32,
}

/// The value of a variable less its mean in the fit, in deviations.
pub(super) fn residual(scale: Scale<'_>, variable: usize, value: f32) -> Option<f32> {
    let mean = scale.mean.get(variable)?;
    let inverse = scale.inv_deviation.get(variable)?;
    let center = scale.center.get(variable)?;
    Some(capped(deviations(value, *mean, *inverse)) - center)
}

/// The last value of a variable, as [`residual`].
pub(super) fn last(scale: Scale<'_>, variable: usize) -> f32 {
    let value = scale.last.get(variable).copied();
    let value = value.and_then(|value| residual(scale, variable, value));
    value.unwrap_or(0.0)
}

/// The median of a number of each partner, the lower one of two; `None` without partners.
fn median(partners: &[Partner; PARTNERS], of: impl Fn(&Partner) -> f32) -> Option<f32> {
    let mut sorted = [0.0_f32; PARTNERS];
    let mut count = 0_usize;
    for partner in partners
        .iter()
        .filter(|partner| partner.inv_deviation > 0.0)
    {
        let mut next = of(partner);
        for place in sorted.iter_mut().take(count) {
            if next < *place {
                core::mem::swap(&mut next, place);
            }
        }
        if let Some(place) = sorted.get_mut(count) {
            *place = next;
        }
        count += 1;
    }
    sorted.get(count.checked_sub(1)? / 2).copied()
}

/// The median disagreement of a variable with its partners; 0 if it has none.
pub(super) fn vote(partners: &[Partner; PARTNERS], r: f32, of: impl Fn(usize) -> f32) -> f32 {
    let off = |partner: &Partner| {
        let off = abs(r - partner.says(of(partner.variable.into())));
        (off * partner.inv_deviation).min(MOST)
    };
    median(partners, off).unwrap_or(0.0)
}

impl<const V: usize> Pairs<V> {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = 18 + V * (PARTNERS * 14 + 4);

    /// Pairs that are not fitted: nobody is blamed.
    pub const fn new() -> Self {
        const NONE: Partner = Partner {
            slope: 0.0,
            inv_deviation: 0.0,
            variable: 0,
            offset: 0,
        };
        Self {
            partners: [[NONE; PARTNERS]; V],
            limits: [0.0; V],
        }
    }

    /// The vote of each variable about the last row of a node, in limits; 0 for one that is not judged.
    pub fn votes<'a, L: Lanes>(&'a self, node: &'a Node<L, V>) -> impl Iterator<Item = f32> + 'a {
        let scale = node.scale();
        let of = move |variable: usize| last(scale, variable);
        let variables = self.partners.iter().zip(&self.limits).enumerate();
        variables.map(move |(variable, (partners, limit))| match *limit > 0.0 {
            true => vote(partners, of(variable), of) / limit,
            false => 0.0,
        })
    }

    /// The value that the partners of a variable say it has in the last row: the median, in its unit; `None` for a
    /// variable that is not judged.
    pub fn expected<L: Lanes>(&self, node: &Node<L, V>, variable: usize) -> Option<f32> {
        let scale = node.scale();
        let partners = self.partners.get(variable)?;
        let said = median(partners, |partner| {
            partner.says(last(scale, partner.variable.into()))
        })?;
        let inverse = *scale.inv_deviation.get(variable)?;
        let deviations = said + scale.center.get(variable)?;
        (inverse > 0.0).then_some(scale.mean.get(variable)? + deviations / inverse)
    }

    /// Variables of the last row that most of their partners disagree with, ascending.
    pub fn blamed<'a, L: Lanes>(
        &'a self,
        node: &'a Node<L, V>,
    ) -> impl Iterator<Item = Blame> + 'a {
        let votes = self.votes(node).enumerate();
        votes.filter_map(|(variable, vote)| (vote > 1.0).then_some(Blame { variable, vote }))
    }

    /// Saves partners and limits, and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, Self::shape(), &|body| {
            for (partners, limit) in self.partners.iter().zip(&self.limits) {
                body.put(limit);
                for partner in partners {
                    let Partner {
                        slope,
                        inv_deviation,
                        ..
                    } = partner;
                    body.put(&(slope, inv_deviation, partner.variable, partner.offset));
                }
            }
        })
    }

    /// Replaces partners and limits by saved ones.
    ///
    /// # Errors
    /// The reason why the bytes were refused. Nothing is changed.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        for commit in [false, true] {
            snapshot::read_slice(bytes, Self::shape(), Self::SNAPSHOT_MAX, &mut |body| {
                self.read(body, commit)
            })?;
        }
        Ok(())
    }

    fn shape() -> u32 {
        snapshot::shape("pairs", "", [V, PARTNERS, 0])
    }

    fn read(&mut self, body: &mut Reader<'_>, commit: bool) -> Result<(), SnapshotError> {
        for (partners, limit) in self.partners.iter_mut().zip(&mut self.limits) {
            let read: f32 = body.take()?;
            if !(read.is_finite() && read >= 0.0) {
                return Err(body.content());
            }
            if commit {
                *limit = read;
            }
            for place in partners {
                let (slope, inv_deviation, variable, offset): (f32, f32, u16, i16) = body.take()?;
                let whole = slope.is_finite() && inv_deviation.is_finite() && inv_deviation >= 0.0;
                if !whole || usize::from(variable) >= V {
                    return Err(body.content());
                }
                if commit {
                    *place = Partner {
                        slope,
                        inv_deviation,
                        variable,
                        offset,
                    };
                }
            }
        }
        Ok(())
    }
}

impl<const V: usize> Default for Pairs<V> {
    fn default() -> Self {
        Self::new()
    }
}
