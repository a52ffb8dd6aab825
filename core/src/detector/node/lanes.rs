//! The lanes of rows as a whole: those of a quartet, or the wide ones.

use super::fit::{Rows, Work};
use super::settings::Variables;
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::quartet::{self, Quartet, capped, deviations};
use crate::sample::Reading;
use crate::wire::snapshot::{Reader, Writer};

/// The scale of each variable, and its last value.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scale<'a> {
    pub(in crate::detector) mean: &'a [f32],
    /// 0 for a variable that is ignored.
    pub(in crate::detector) inv_deviation: &'a [f32],
    pub(in crate::detector) last: &'a [f32],
    /// Means of the deviations in the fit.
    pub(in crate::detector) center: &'a [f32],
}

impl<'a> Scale<'a> {
    /// The last row in deviations, at most 50 either way.
    pub(super) fn deviations(self) -> impl Iterator<Item = f32> + Clone + 'a {
        let scales = self.mean.iter().zip(self.inv_deviation);
        let values = self.last.iter().zip(scales);
        values.map(|(x, (mean, inverse))| capped(deviations(*x, *mean, *inverse)))
    }

    /// The deviations from their means in the fit.
    pub(super) fn residuals(self) -> impl Iterator<Item = f32> + Clone + 'a {
        self.deviations().zip(self.center).map(|(z, c)| z - c)
    }

    /// Variables that are judged.
    pub(super) fn judged(self) -> impl Iterator<Item = bool> + Clone + 'a {
        self.inv_deviation.iter().map(|inverse| *inverse > 0.0)
    }
}

/// The lanes of rows as a whole. Implemented by [`Quartet`] and [`Wide`](super::Wide).
pub trait Lanes: Sized {
    /// Lanes that are not fitted: all zeros.
    const NEW: Self;
    /// Maximum number of bytes in a snapshot.
    const SNAPSHOT_MAX: usize;
    /// A user's choices.
    type Settings;
    /// Checked settings.
    type Rules: Variables + TryFrom<Self::Settings, Error = SettingsError>;

    /// Hash of the properties that saved and restored lanes share.
    fn shape(rules: &Self::Rules) -> u32;

    /// Rows that they were fitted to; 0 before.
    fn rows(&self) -> u32;

    /// Whether they were fitted under these rules.
    fn is_fitted(&self, rules: &Self::Rules) -> bool;

    /// Fits to the first `count` rows, `work` holding `V` variables.
    ///
    /// # Errors
    /// They cannot be fitted here, and were not fitted to as many rows before.
    fn fit<const V: usize>(
        &mut self,
        rules: &Self::Rules,
        rows: &mut impl Rows,
        count: u32,
        work: &mut Work<V>,
    ) -> Result<(), SettingsError>;

    /// Takes the first row of a fit again, as if none had come before.
    fn begin(&mut self, frame: &[Reading]);

    /// Takes a row without judging it.
    fn pass(&mut self, frame: &[Reading]);

    /// Takes a row: the distances of both memories and the difference; and the residual of lanes that have
    /// one of their own. Memories of a quartet may learn from it, but not `in_fit`.
    fn judge(
        &mut self,
        rules: &Self::Rules,
        frame: &[Reading],
        in_fit: bool,
    ) -> ([f32; 3], Option<f32>);

    /// Scale and last value of each variable.
    fn scale(&self) -> Scale<'_>;

    /// Forgets everything, in place.
    fn forget(&mut self);

    /// Appends the state to a snapshot.
    fn save(&self, rules: &Self::Rules, body: &mut Writer<'_>);

    /// Reads the state, and stores it if `commit`. Whether there is a fit in it.
    ///
    /// # Errors
    /// The content is invalid.
    fn restore(
        &mut self,
        rules: &Self::Rules,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<bool, SnapshotError>;
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize> Lanes
    for Quartet<FLOATS, BYTES, DISTANCES>
{
    const NEW: Self = Self::new();
    const SNAPSHOT_MAX: usize = <Self as crate::Snapshot>::SNAPSHOT_MAX;
    /// The threshold is not used: a node has its own.
    type Settings = quartet::Settings;
    type Rules = quartet::Rules<FLOATS, BYTES, DISTANCES>;

    fn shape(rules: &Self::Rules) -> u32 {
        <Self as crate::Snapshot>::shape(rules)
    }

    fn rows(&self) -> u32 {
        self.rows()
    }

    fn is_fitted(&self, rules: &Self::Rules) -> bool {
        self.is_fitted(rules)
    }

    /// A quartet takes its fit before ([`Quartet::load`]): its projection needs a matrix of all variables.
    fn fit<const V: usize>(
        &mut self,
        rules: &Self::Rules,
        _: &mut impl Rows,
        count: u32,
        _: &mut Work<V>,
    ) -> Result<(), SettingsError> {
        if self.is_fitted(rules) && self.rows() == count {
            return Ok(());
        }
        let allowed = Allowed::Exactly(count as f32);
        Err(SettingsError::new("rows", self.rows() as f32, allowed))
    }

    fn begin(&mut self, frame: &[Reading]) {
        self.begin_again(frame);
    }

    fn pass(&mut self, frame: &[Reading]) {
        self.pass(frame);
    }

    fn judge(
        &mut self,
        rules: &Self::Rules,
        frame: &[Reading],
        in_fit: bool,
    ) -> ([f32; 3], Option<f32>) {
        let learning = if in_fit { None } else { Some(rules.settings()) };
        let [short, long, difference, residual] = self.lanes(learning, frame, &mut []);
        ([short, long, difference], Some(residual))
    }

    fn scale(&self) -> Scale<'_> {
        self.scale()
    }

    fn forget(&mut self) {
        crate::Detector::reset(self);
    }

    fn save(&self, rules: &Self::Rules, body: &mut Writer<'_>) {
        crate::Snapshot::save_body(self, rules, body);
    }

    fn restore(
        &mut self,
        rules: &Self::Rules,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<bool, SnapshotError> {
        self.restore_state(rules, body, commit, false)
            .map(|about| about.is_some())
    }
}
