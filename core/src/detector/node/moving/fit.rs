//! Fits: the first one, that of a new normal, and that on request.

use super::{Last, Lasting, Model, Moving, Rules};
use crate::error::SettingsError;
use crate::node::fit::{Rows, Work};
use crate::node::{Confidence, Lanes, Node};

impl<L: Lanes, const V: usize, const ROWS: usize> Moving<L, V, ROWS> {
    /// The first model, to load a fit into it.
    pub const fn first(&mut self) -> &mut Node<L, V> {
        &mut self.first
    }

    /// Fits the first model to stored rows, as [`Node::fit`]. The second is forgotten.
    ///
    /// # Errors
    /// There are too few rows, or the lanes were fitted to other ones. The fit is lost.
    pub fn fit(
        &mut self,
        rules: &Rules<L::Rules, V, ROWS>,
        rows: &mut impl Rows,
        work: &mut Work<V>,
    ) -> Result<Confidence, SettingsError> {
        self.second.forget();
        self.end();
        self.first.fit(rules.node(), rows, work)
    }

    /// The lanes of the second model, to load the fit of a quartet into them, and the rows that
    /// [`Self::accept`] takes.
    pub fn to_accept(&mut self) -> (&mut L, Last<'_, V>) {
        let rows = self.kept.last(self.lasting.rows());
        (self.second.lanes(), rows)
    }

    /// Accepts a new normal: fits the second model to the rows for which alarms have lasted, those that are
    /// kept of them. To be called when it [is due](Self::is_due), or by an operator who knows that this is normal.
    ///
    /// # Errors
    /// Alarms have lasted for less than 20 rows, or the lanes were fitted to other ones. The second model is
    /// lost, the first goes on.
    pub fn accept(
        &mut self,
        rules: &Rules<L::Rules, V, ROWS>,
        work: &mut Work<V>,
    ) -> Result<Confidence, SettingsError> {
        let mut rows = self.kept.last(self.lasting.rows());
        let fitted = self.second.fit(rules.node(), &mut rows, work);
        self.end();
        fitted
    }

    /// The lanes of the first model, to load the fit of a quartet into them, and the rows that
    /// [`Self::refit`] takes.
    pub fn to_refit(&mut self) -> (&mut L, Last<'_, V>) {
        (self.first.lanes(), self.kept.last(u32::MAX))
    }

    /// Fits the first model to all rows kept, on request. The second is forgotten.
    ///
    /// # Errors
    /// Fewer than 20 rows are kept, or the lanes were fitted to other ones. The fit is lost.
    pub fn refit(
        &mut self,
        rules: &Rules<L::Rules, V, ROWS>,
        work: &mut Work<V>,
    ) -> Result<Confidence, SettingsError> {
        let mut rows = self.kept.last(u32::MAX);
        self.second.forget();
        let fitted = self.first.fit(rules.node(), &mut rows, work);
        self.end();
        fitted
    }

    /// Nothing lasts behind a fit.
    fn end(&mut self) {
        self.counted = Model::First;
        self.lasting = Lasting::NONE;
    }
}
