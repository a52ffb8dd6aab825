//! A fit to stored rows, read again and again: in bounded memory, without a matrix of all variables.
//!
//! ```text
//! first 80 %   scales, center, 31 passes for the components (`components`), 32 for the memories
//! last 20 %    14 passes for the limits of lanes and variables (`rank`), as many for the threshold
//! threshold    0.99 quantile of the last rows' scores, 1.5 at least; 2 if they are fewer than 300
//! ```
//!
//! The last rows are not fitted: their lanes say what is usual of rows that memories and components do not
//! know. Beside the state a fit takes [`Work`], 80 bytes per variable, and reads every row about 110 times, a
//! row of wide lanes for about 100 V additions each. It has the same bits everywhere.

mod blocks;
mod components;
mod held_out;
mod pairs;
mod passes;
mod rank;
mod survey;
mod work;

pub(super) use passes::{center, measure, remember};
pub use work::Work;

use super::factor::{Along, Factor};
use super::lanes::Lanes;
use super::limits::Limits;
use super::settings::Variables;
use super::{Confidence, Node, Rules};
use crate::detector::quartet::hold;
use crate::error::{Allowed, SettingsError};
use crate::sample::Reading;
use crate::statistics::held::Held;
use blocks::Blocks;
use rank::{PASSES, Rank};

/// Fewest rows of a fit.
const FEWEST: u32 = 20;
/// Rows that a quantile of 0.99 can be told from.
pub(super) const TELLING: u32 = 300;
/// The threshold that more rows would have said, and the least one.
const FIXED: f32 = 2.0;
const LOWEST: f32 = 1.5;

/// Stored rows, oldest first.
pub trait Rows {
    /// Rows there are.
    fn count(&self) -> u32;

    /// Reads a row, a reading per variable; those that are not written are missing.
    fn read(&mut self, row: u32, frame: &mut [Reading]);
}

/// Rows in memory; a NaN is missing.
impl<R: AsRef<[f32]>> Rows for &[R] {
    fn count(&self) -> u32 {
        self.len() as u32
    }

    fn read(&mut self, row: u32, frame: &mut [Reading]) {
        let values = self.get(row as usize).map(AsRef::as_ref);
        let values = values.unwrap_or_default().iter();
        frame
            .iter_mut()
            .zip(values)
            .for_each(|(to, x)| *to = x.into());
    }
}

/// The lanes' values of the next row, and its sums along the components.
pub(super) fn judge<L: Lanes, const V: usize>(
    lanes: &mut L,
    factor: &Factor<V>,
    rules: &L::Rules,
    frame: &[Reading],
    in_fit: bool,
) -> ([f32; 4], Along) {
    let ([short, long, difference], own) = lanes.judge(rules, frame, in_fit);
    let along = factor.along(lanes.scale());
    let residual = own.unwrap_or_else(|| factor.outside(lanes.scale(), &along));
    ([short, long, difference, residual], along)
}

impl<L: Lanes, const V: usize> Node<L, V> {
    /// Fits to stored rows, at least 20 of them; ticks continue. Lanes that are not wide were fitted to the
    /// first four fifths before ([`Self::lanes`]).
    ///
    /// Answers how sure the fit is.
    ///
    /// # Errors
    /// There are too few rows, or the lanes were fitted to other ones. The fit is lost.
    pub fn fit(
        &mut self,
        rules: &Rules<L::Rules, V>,
        rows: &mut impl Rows,
        work: &mut Work<V>,
    ) -> Result<Confidence, SettingsError> {
        let count = rows.count();
        self.limits = Limits::NONE;
        if count < FEWEST {
            let allowed = Allowed::AtLeast(FEWEST as f32);
            return Err(SettingsError::new("rows", count as f32, allowed));
        }
        let fitted = (u64::from(count) * 4 / 5) as u32;
        self.factor.forget();
        self.lanes.fit(rules.lanes(), rows, fitted, work)?;
        let variables = rules.lanes().variables();
        let Self { lanes, factor, .. } = self;
        components::fit((lanes, factor), variables, rows, fitted, work);
        let mut blocks = Blocks::of(count - fitted);
        self.limit(rules, (rows, fitted), &blocks, work);
        if rules.trim() > 0.0 {
            self.scores(rules, (rows, fitted), None, work, |row, [onset, _]| {
                blocks.take(row, onset);
            });
            blocks.trim(rules.trim());
            self.limit(rules, (rows, fitted), &blocks, work);
        }
        let held_out = blocks.kept();
        self.limits.held = Held::new(hold(fitted));
        self.limits.held_out = held_out;
        self.limits.threshold = FIXED;
        if held_out >= TELLING {
            let mut rank = Rank::of(held_out, 99, 100);
            for pass in 0..PASSES {
                self.scores(
                    rules,
                    (rows, fitted),
                    Some(&blocks),
                    work,
                    |_, [_, score]| {
                        rank.take(score, pass);
                    },
                );
                rank.end(pass);
            }
            self.limits.threshold = rank.value().max(LOWEST);
        }
        // What follows goes on from here.
        let mut all = Blocks::of(count - fitted);
        let kept = Some(&blocks).filter(|_| rules.trim() > 0.0);
        self.scores(rules, (rows, fitted), kept, work, |row, [onset, _]| {
            all.take(row, onset);
        });
        let blocks = if rules.trim() > 0.0 { blocks } else { all };
        let suspicious = blocks.suspicious();
        Ok(survey::survey(
            &self.lanes,
            (rows, fitted),
            (held_out, suspicious),
            work,
        ))
    }
}
