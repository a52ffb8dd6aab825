//! Judgement: from the readings of a second to events.

use serde::Deserialize;

/// Section `[judge]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}
