//! Events to a webhook, in the form of NVSentinel.

use super::post;
use crate::sink::Sink;
use serde::Deserialize;

/// Section `[outputs.nvsentinel]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where to.
    pub webhook: post::Settings,
}

/// Starts it.
///
/// # Errors
/// Its settings are wrong, or the program is without the feature `webhook`.
pub fn open(_: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    anyhow::bail!("not in this program")
}
