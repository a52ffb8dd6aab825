//! Streaming half-space trees (Tan, Ting and Liu, "Fast anomaly detection for streaming data", IJCAI 2011):
//! random halvings of the space, and how many rows of the last window came into each half.
//!
//! ```text
//! u       = (x - middle)/width + 1/2          per variable, width and middle of the leading rows
//! s       = hash(seed, tree, variable)        first split of the variable, 0 to 1
//! halves  [s - 1, s], [s, s + 1], and so on   each node halves one variable, hash(seed, tree, path)
//! mass    Σ over trees r 2^k                  r rows in the last window at the first node of depth k that has at
//!                                             most a tenth of them, or at the leaf
//! density = mass / (trees · rows of the last window)       1 where rows are spread evenly
//! score   = 1 / (1 + density)                 anomalous: score > quantile of all scores (P²)
//! ```
//!
//! **No structure is stored.** The halves of one variable are the bits of the binary fraction (u - s + 1)/2,
//! the highest first, so that a path takes no comparison of floats: the place of a variable is computed once
//! per row, and a path shifts its bits out. **No row copies a window.** Masses lie in three planes that change
//! their offices when a window ends: last window, this one, and one that is cleared for the next, a share of it in
//! every row.
//!
//! Differs from the paper: the work range of a variable reaches 1 to both sides of its split, not
//! 2·max(s, 1 - s), where the second split lies at an end of the range and halves nothing. Values beyond it
//! count as at its end. Ranges are not known in front: they lie from the second smallest to the second largest value
//! of the leading rows. The threshold is a quantile; the paper has none.
//!
//! **Missing values.** A row with fewer than half of its values is answered `Blind` and not learned from.
//! A path ends at a split on a missing value, as at a leaf: deeper nodes do not count the row.
//!
//! Ranges stay as they were learned, until `reset`. The masses follow the last two windows: what lasts for a
//! window is normal. With many more variables than a path has splits, an odd value of a single one moves
//! few trees.
//!
//! Cost per row: `TREES` paths of depth `log2(NODES) - 1`, each step a hash, a lookup and a mass, whatever the
//! number of variables, and `TREES * NODES / window` bytes that are cleared; 12 bytes of stack per variable. 12 trees
//! of depth 8 over nine variables on a Cortex-M4F (`opt-level` 3): 5,900 instructions at most, in the row that
//! ends a window as in all others.
//!
//! **Why 12 trees.** Area under the ROC curve, mean of three seeds, over 28 series of ASD, SKAB and SMD with 25
//! trees of depth 8 .591, .435, .629; 12 of depth 8 .596, .471, .625; 20 of depth 6 .576, .446, .629. It was the best of
//! ten shapes on these series, so that no more is shown than that fewer trees lose nothing there.

mod masses;
mod range;
mod saved;
mod settings;
mod split;
#[cfg(test)]
mod tests;
mod walk;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::detector::autoencoder::Contribution;
use crate::math::ln;
use crate::sample::{Reading, Tick, mostly_usable};
use crate::threshold::compared;
use crate::threshold::quantile::QuantileThreshold;
use masses::Masses;
use range::Range;
pub use settings::{Rules, Settings};
use walk::{Node, Walk, trees};

/// `TREES` trees over up to `V` variables, of `NODES` places: 2^(depth + 1), the first is not used. 3 bytes
/// per node, 20 per variable and 64 more; all zeros when new.
///
/// 12 trees of depth 8 (`NODES` 512) take 18.5 KB, the paper's 25 take 38.4 KB, 10 trees of depth 6 (128) 3.9 KB.
///
/// ```
/// use bellwether::{Monitor, half_space::{HalfSpace, Settings}};
/// let mut state = HalfSpace::<2, 10, 128>::new();
/// let settings = Settings { learn: 600, window: 100, ..Settings::DEFAULT };
/// let mut monitor = Monitor::new(&mut state, settings)?;
/// for row in 0..1000_u32 {
///     let wave = (row * 37 % 101) as f32 * 0.1; // °C
///     // Within the range of each variable, where no row was.
///     let fault = if row == 900 { 8.0 - 2.0 * wave } else { 0.0 };
///     let answer = monitor.observe([40.0 + wave, 60.0 + wave + fault]);
///     if row == 900 {
///         assert!(answer.is_anomalous());
///     }
/// }
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HalfSpace<const V: usize, const TREES: usize, const NODES: usize> {
    ranges: [Range; V],
    threshold: QuantileThreshold,
    clock: Clock,
    /// Usable rows.
    rows: u32,
    /// Rows of this window.
    filled: u8,
    /// Rows of the last window; 0 before the first has ended.
    reference: u8,
    masses: Masses<TREES, NODES>,
}

impl<const V: usize, const TREES: usize, const NODES: usize> HalfSpace<V, TREES, NODES> {
    /// A detector that has seen nothing.
    pub const fn new() -> Self {
        const {
            assert!(NODES.is_power_of_two() && NODES >= 4 && NODES <= 1 << 16);
            assert!(TREES > 0 && TREES <= 255 && V <= 1 << 15);
        };
        Self {
            ranges: [Range::NEW; V],
            threshold: QuantileThreshold::new(),
            clock: Clock::new(),
            rows: 0,
            filled: 0,
            reference: 0,
            masses: Masses::NEW,
        }
    }

    /// For every usable value, the binary digits of density that the splits on its variable take away, mean over
    /// trees (`error`), with the middle of its range (`expected`), ascending by variable, by the masses that judge
    /// the next row; none before the first window has ended.
    pub fn contributions(
        &self,
        rules: &Rules<V, TREES, NODES>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution> + Clone {
        let parts = (self.reference > 0).then(|| self.parts(rules, frame));
        let variables = usize::from(rules.settings.variables);
        let parts = parts.into_iter().flatten().take(variables);
        let variables = parts.zip(&self.ranges).zip(frame).enumerate();
        variables.filter_map(|(feature, ((error, range), reading))| {
            let value = reading.usable().ok()?;
            range.place(value, 0.0)?;
            Some(Contribution {
                feature,
                frame: 0,
                value,
                expected: range.middle(),
                error,
            })
        })
    }

    fn parts(&self, rules: &Rules<V, TREES, NODES>, frame: &[Reading]) -> [f32; V] {
        let mut parts = [0.0; V];
        let mut walk = self.walk(rules, frame);
        let [reference, _] = self.masses.both();
        for (tree, masses) in trees(rules.settings.seed).zip(reference) {
            let (mut at, mut above) = (tree.root(), f32::from(self.reference));
            while above > f32::from(self.least()) && at.number < NODES / 2 {
                let Some((next, variable)) = walk.step(tree, at) else {
                    break;
                };
                let Some(mass) = masses.get(next.number) else {
                    break;
                };
                let mass = f32::from(*mass);
                if let Some(part) = parts.get_mut(variable) {
                    *part += ln((above + 1.0) / (2.0 * mass + 2.0));
                }
                (at, above) = (next, mass);
            }
        }
        parts.map(|part| part / (core::f32::consts::LN_2 * TREES as f32))
    }

    /// The largest mass at which a path needs no further splits.
    const fn least(&self) -> u8 {
        self.reference / 10
    }

    fn walk(&self, rules: &Rules<V, TREES, NODES>, frame: &[Reading]) -> Walk<V> {
        let variables = rules.settings.variables;
        let readings = self.ranges.iter().zip(frame).take(variables.into());
        let places = readings.map(|(range, reading)| {
            let x = reading.usable().ok()?;
            range.place(x, rules.settings.floor)
        });
        Walk::new(variables, places)
    }

    /// Counts a row on its paths; the sum of r 2^k. The first node of a path has all rows.
    fn take(&mut self, rules: &Rules<V, TREES, NODES>, frame: &[Reading]) -> u32 {
        let mut walk = self.walk(rules, frame);
        let (rows, least, mut sum) = (self.reference, self.least(), 0);
        let planes = self.masses.roles();
        let planes = planes.reference.iter().zip(planes.latest);
        for (tree, (reference, latest)) in trees(rules.settings.seed).zip(planes) {
            let (mut at, mut mass) = (tree.root(), rows);
            let mut step = |at: &mut Node| {
                let (next, _) = walk.step(tree, *at)?;
                *at = next;
                let latest = latest.get_mut(next.number & (NODES - 1))?;
                *latest = latest.wrapping_add(1);
                Some(())
            };
            while mass > least && at.number < NODES / 2 && step(&mut at).is_some() {
                let found = reference.get(at.number & (NODES - 1));
                mass = found.copied().unwrap_or_default();
            }
            // The depth of the node, whose number has as many bits behind the highest.
            let depth = 31 - (at.number as u32 | 1).leading_zeros();
            sum += u32::from(mass) << depth;
            while at.number < NODES / 2 && step(&mut at).is_some() {}
        }
        sum
    }

    /// Ends the window after its last row.
    fn turn(&mut self, rules: &Rules<V, TREES, NODES>) {
        let whole = if self.reference == 0 {
            rules.first()
        } else {
            rules.settings.window
        };
        self.masses.clear(self.filled, whole);
        self.filled = self.filled.saturating_add(1);
        if self.filled >= whole {
            self.reference = self.filled;
            self.filled = 0;
            self.masses.turn();
        }
    }

    fn judge(&mut self, rules: &Rules<V, TREES, NODES>, frame: &[Reading]) -> Assessment {
        self.rows = self.rows.saturating_add(1);
        let left = rules.settings.learn.saturating_sub(self.rows);
        let warming = Assessment::bare(State::Warming { left });
        if self.rows <= rules.ranging() {
            for (range, reading) in self.ranges.iter_mut().zip(frame) {
                if let Ok(x) = reading.usable() {
                    range.learn(x);
                }
            }
            return warming;
        }
        let even = TREES as u32 * u32::from(self.reference);
        let mass = self.take(rules, frame);
        self.turn(rules);
        if even == 0 {
            return warming;
        }
        let score = 1.0 / (1.0 + mass as f32 / even as f32);
        let threshold = self.threshold.value();
        self.threshold.learn(rules.quantile, score);
        match threshold {
            Some(threshold) if self.rows > rules.settings.learn => {
                let answer = Assessment::judged(State::Normal, score, threshold);
                compared(answer, score, threshold)
            }
            _ => warming,
        }
    }
}

impl<const V: usize, const TREES: usize, const NODES: usize> Default
    for HalfSpace<V, TREES, NODES>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize, const TREES: usize, const NODES: usize> Detector
    for HalfSpace<V, TREES, NODES>
{
    type Settings<'r> = Settings<V, TREES, NODES>;
    type Rules<'r> = Rules<V, TREES, NODES>;
    const MAX_VARIABLES: usize = V;

    fn warm_up(rules: &Self::Rules<'_>) -> u32 {
        rules.settings.learn
    }

    fn observe(&mut self, rules: &Self::Rules<'_>, tick: Tick, frame: &[Reading]) -> Assessment {
        if self.clock.advance(tick).is_none() {
            return Assessment::blind(Blindness::OutOfOrder);
        }
        match mostly_usable(frame, rules.settings.variables) {
            Ok(frame) => self.judge(rules, frame),
            Err(cause) => Assessment::blind(cause),
        }
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}
