//! The choices of a user, and their check.

use crate::error::{Allowed, SettingsError};
use crate::node;
use crate::node::settings::Variables;

/// Fewest rows of a new normal.
const FEWEST: f32 = 20.0;

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<S> {
    /// Those of both models.
    pub node: node::Settings<S>,
    /// Rows of lasting alarms after which a new normal is accepted, 20 to those that are kept: beyond the
    /// longest fault that one wants to keep seeing by a hundred, because an alarm is held behind its fault.
    pub accept: u32,
}

impl<S> Settings<S> {
    /// A new normal after 1,200 rows.
    pub const fn new(lanes: S) -> Self {
        Self {
            node: node::Settings::new(lanes),
            accept: 1_200,
        }
    }
}

/// Checked [`Settings`] for `V` variables at most and `ROWS` rows that are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<R, const V: usize, const ROWS: usize> {
    node: node::Rules<R, V>,
    accept: u32,
}

impl<R, const V: usize, const ROWS: usize> Rules<R, V, ROWS> {
    /// Those of both models.
    pub const fn node(&self) -> &node::Rules<R, V> {
        &self.node
    }

    /// Rows of lasting alarms after which a new normal is accepted.
    pub const fn accept(&self) -> u32 {
        self.accept
    }
}

impl<S, R, const V: usize, const ROWS: usize> TryFrom<Settings<S>> for Rules<R, V, ROWS>
where
    R: TryFrom<S, Error = SettingsError> + Variables,
{
    type Error = SettingsError;

    fn try_from(settings: Settings<S>) -> Result<Self, SettingsError> {
        let Settings { node, accept } = settings;
        let found = accept as f32;
        if !(FEWEST..=ROWS as f32).contains(&found) {
            let allowed = Allowed::Within(FEWEST, ROWS as f32);
            return Err(SettingsError::new("accept", found, allowed));
        }
        let node = node.try_into()?;
        Ok(Self { node, accept })
    }
}
