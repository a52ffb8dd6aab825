//! Chips of the kernel's hwmon: temperatures, fans, voltages, currents, powers.

use super::{Place, Probes};
use bellwether_hal::linux::file::Files;
use bellwether_hal::linux::hwmon::{self, Extent};
use serde::Deserialize;
use std::path::PathBuf;

/// Section `[sources.hwmon]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hwmon {
    /// As in [`Place`].
    pub enabled: Option<bool>,
    /// As in [`Place`].
    pub allow: Vec<String>,
    /// As in [`Place`].
    pub deny: Vec<String>,
    /// As in [`Place`].
    pub root: Option<PathBuf>,
    /// The chips' own alarms too, 0 or 1 each.
    pub alarms: bool,
}

impl Hwmon {
    pub(super) fn open(&self, files: &Files) -> anyhow::Result<Probes> {
        let Self {
            enabled,
            allow,
            deny,
            root,
            alarms,
        } = self.clone();
        let place = Place {
            enabled,
            allow,
            deny,
            root,
        };
        let extent = if alarms {
            Extent::Alarms
        } else {
            Extent::Values
        };
        place.open("hwmon", hwmon::ROOT, |root, selection| {
            hwmon::probes(root, selection, extent, files)
        })
    }
}
