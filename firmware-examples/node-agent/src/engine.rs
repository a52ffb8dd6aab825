//! The daemon: a wake-up a second, from readings to events and state.

use serde::Deserialize;

/// Section `[agent]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}
