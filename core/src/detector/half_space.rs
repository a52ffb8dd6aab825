//! Streaming half-space trees (Tan, Ting and Liu, "Fast anomaly detection for streaming data", IJCAI 2011):
//! random halvings of the space, and how many rows of the last window came into each half.
//!
//! ```text
//! u       = (x - middle)/width + 1/2          per variable, width and middle of the leading rows
//! s       = hash(seed, tree, variable)        first split of the variable, 0 to 1
//! halves  [s - 1, s], [s, s + 1], and so on   each node halves one variable, hash(seed, tree, node)
//! mass    Σ over trees r 2^k                  r rows in the last window at the first node of depth k that has at
//!                                             most a tenth of them, or at the leaf
//! density = mass / (trees · rows of the last window)       1 where rows are spread evenly
//! score   = 1 / (1 + density)                 anomalous: score > quantile of all scores (P²)
//! ```
//!
//! **No structure is stored.** The halves of one variable are the bits of the binary fraction (u - s + 1)/2,
//! the highest first, so that a path takes no comparison of floats: the place of a variable is computed once
//! per row, and a path shifts its bits out. **No row copies a window.** Each node has the number of its
//! window, 8 bits, and renews its masses when a row comes through it. One more node per row is renewed in turn, before 256 windows have
//! passed, so that no number comes back to a node that was forgotten.
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
//! number of variables; 16 bytes of stack per variable. 25 trees of depth 8 over nine variables on a Cortex-M4F
//! (`opt-level` 3): 14,900 instructions, at most 17,500 in the rows after a window has ended, whose paths renew
//! more nodes.

mod node;
mod range;
mod settings;
#[cfg(test)]
mod tests;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::detector::autoencoder::Contribution;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::math::ln;
use crate::sample::{Reading, Tick, mostly_usable};
use crate::threshold::compared;
use crate::threshold::quantile::QuantileThreshold;
use crate::wire::snapshot::{self, Reader, Writer};
use node::{Node, fraction, mix, offset, split};
use range::Range;
pub use settings::{Rules, Settings};

/// `TREES` trees over up to `V` variables, of `NODES` places: 2^(depth + 1), the first is not used. 3 bytes
/// per node, 20 per variable and 72 more; all zeros when new.
///
/// The paper's 25 trees of depth 8 (`NODES` 512) take 38.4 KB; 10 trees of depth 6 (128) 3.9 KB.
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
    /// The node that is looked after next: tree, node.
    sweep: (u16, u16),
    /// Number of the window, and rows in it.
    window: u8,
    filled: u8,
    /// Rows of the last window; 0 before the first has ended.
    reference: u8,
    trees: [[Node; NODES]; TREES],
}

/// A variable on the paths of a row.
#[derive(Clone, Copy)]
struct Place {
    value: Option<i32>,
    /// Its splits to come, in the tree that it was last met in.
    fraction: u32,
    /// That tree, from 1.
    tree: u16,
}

impl Place {
    /// The side of its next split, in a tree; `None` without a value.
    fn side(&mut self, number: u16, tree: u32, variable: usize) -> Option<usize> {
        let value = self.value?;
        if self.tree != number {
            self.tree = number;
            self.fraction = fraction(value, offset(tree, variable as u32));
        }
        let side = self.fraction >> 31;
        self.fraction <<= 1;
        Some(side as usize)
    }
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
            sweep: (0, 0),
            window: 0,
            filled: 0,
            reference: 0,
            trees: [[Node::NEW; NODES]; TREES],
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
        let mut places = self.places(rules, frame);
        for ((number, key), tree) in keys(rules.settings.seed).zip(&self.trees) {
            let (mut at, mut above) = (1, f32::from(self.reference));
            while above > f32::from(self.least()) {
                let variable = split(key, at as u32, rules.settings.variables);
                let place = places.get_mut(variable);
                let side = place.and_then(|place| place.side(number, key, variable));
                let Some(side) = side else { break };
                at = 2 * at + side;
                let Some(node) = tree.get(at) else { break };
                let mass = f32::from(node.in_window(self.window).reference);
                if let Some(part) = parts.get_mut(variable) {
                    *part += ln((above + 1.0) / (2.0 * mass + 2.0));
                }
                above = mass;
            }
        }
        parts.map(|part| part / (core::f32::consts::LN_2 * TREES as f32))
    }

    /// The largest mass at which a path needs no further splits.
    const fn least(&self) -> u8 {
        self.reference / 10
    }

    fn places(&self, rules: &Rules<V, TREES, NODES>, frame: &[Reading]) -> [Place; V] {
        let mut places = [Place {
            value: None,
            fraction: 0,
            tree: 0,
        }; V];
        let variables = usize::from(rules.settings.variables);
        let readings = self.ranges.iter().zip(frame).take(variables);
        for (place, (range, reading)) in places.iter_mut().zip(readings) {
            let x = reading.usable().ok();
            place.value = x.and_then(|x| range.place(x, rules.settings.floor));
        }
        places
    }

    /// Counts a row on its paths; the sum of r 2^k.
    fn take(&mut self, rules: &Rules<V, TREES, NODES>, frame: &[Reading]) -> u32 {
        let mut places = self.places(rules, frame);
        let (window, least, mut sum) = (self.window, self.least(), 0);
        for ((number, key), tree) in keys(rules.settings.seed).zip(&mut self.trees) {
            let (mut at, mut depth, mut counts) = (1, 0, true);
            while let Some(node) = tree.get_mut(at) {
                if node.window != window {
                    *node = node.in_window(window);
                }
                node.latest = node.latest.saturating_add(1);
                let (reference, is_leaf) = (node.reference, at >= NODES / 2);
                if counts && (is_leaf || reference <= least) {
                    sum += u32::from(reference) << depth;
                    counts = false;
                }
                if is_leaf {
                    break;
                }
                let variable = split(key, at as u32, rules.settings.variables);
                let place = places.get_mut(variable);
                let side = place.and_then(|place| place.side(number, key, variable));
                let Some(side) = side else {
                    if counts {
                        sum += u32::from(reference) << depth;
                    }
                    break;
                };
                at = 2 * at + side;
                depth += 1;
            }
        }
        self.look_after();
        sum
    }

    /// Renews one node that paths may not have come to.
    fn look_after(&mut self) {
        let (tree, node) = &mut self.sweep;
        let nodes = self.trees.get_mut(usize::from(*tree));
        if let Some(node) = nodes.and_then(|nodes| nodes.get_mut(usize::from(*node))) {
            *node = node.in_window(self.window);
        }
        *node = node.wrapping_add(1);
        if usize::from(*node) & (NODES - 1) == 0 {
            *node = 0;
            *tree += 1;
            if usize::from(*tree) >= TREES {
                *tree = 0;
            }
        }
    }

    /// Ends the window after its last row.
    fn turn(&mut self, rules: &Rules<V, TREES, NODES>) {
        let whole = if self.reference == 0 {
            rules.first()
        } else {
            rules.settings.window
        };
        self.filled = self.filled.saturating_add(1);
        if self.filled >= whole {
            self.reference = self.filled;
            self.filled = 0;
            self.window = self.window.wrapping_add(1);
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

/// Number, from 1, and key of every tree.
fn keys(seed: u32) -> impl Iterator<Item = (u16, u32)> {
    (1_u16..).map(move |number| (number, mix(seed.wrapping_add(number.into()))))
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

impl<const V: usize, const TREES: usize, const NODES: usize> Snapshot
    for HalfSpace<V, TREES, NODES>
{
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 96;

    /// The seed decides about the splits.
    fn shape(rules: &Self::Rules<'_>) -> u32 {
        let sizes = TREES << 16 | (NODES - 1);
        let seed = rules.settings.seed as usize;
        let variables = rules.settings.variables.into();
        snapshot::shape("half-space", "", [variables, sizes, seed])
    }

    fn save_body(&self, rules: &Self::Rules<'_>, body: &mut Writer<'_>) {
        self.clock.save(body);
        body.put(&(self.rows, self.sweep));
        body.put(&(self.window, self.filled, self.reference));
        body.put(&self.threshold);
        let variables = usize::from(rules.settings.variables);
        let ranges = self.ranges.iter().take(variables);
        ranges.for_each(|range| range.save(body));
        for node in self.trees.iter().flatten() {
            body.put(&(node.reference, node.latest, node.window));
        }
    }

    fn restore_body(
        &mut self,
        rules: &Self::Rules<'_>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let clock = Clock::saved(body, 2)?;
        let (rows, sweep): (u32, (u16, u16)) = body.take()?;
        let (window, filled, reference) = body.take()?;
        if usize::from(sweep.0) >= TREES || usize::from(sweep.1) >= NODES {
            return Err(body.content());
        }
        let threshold = QuantileThreshold::saved(body)?;
        let variables = usize::from(rules.settings.variables);
        for place in self.ranges.iter_mut().take(variables) {
            let range = Range::saved(body)?;
            if commit {
                *place = range;
            }
        }
        for place in self.trees.iter_mut().flatten() {
            let (reference, latest, window) = body.take()?;
            if commit {
                *place = Node {
                    reference,
                    latest,
                    window,
                };
            }
        }
        if commit {
            (self.rows, self.sweep, self.clock) = (rows, sweep, clock);
            (self.window, self.filled, self.reference) = (window, filled, reference);
            self.threshold = threshold;
        }
        Ok(())
    }
}
