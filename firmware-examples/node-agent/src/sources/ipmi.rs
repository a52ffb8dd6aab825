//! Sensors of the management controller, through FreeIPMI's tool.

use super::pending;
use bellwether_hal::linux::ipmi;
use bellwether_hal::linux::probe::Probe;
use bellwether_hal::linux::tool::ToolError;
use serde::Deserialize;
use std::time::Duration;

/// Section `[sources.ipmi]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ipmi {
    /// The command that prints the list, with its arguments. No shell is involved.
    pub command: Vec<String>,
    /// Longest wait for it, in seconds.
    pub limit_s: u32,
    /// Least time between two runs, in seconds.
    pub period_s: u32,
}

impl Default for Ipmi {
    fn default() -> Self {
        Self {
            command: ipmi::COMMAND.map(str::to_owned).into(),
            limit_s: 20,
            period_s: 30,
        }
    }
}

impl Ipmi {
    pub(super) fn open(&self) -> anyhow::Result<Box<dyn Probe>> {
        let Self {
            command,
            limit_s,
            period_s,
        } = self.clone();
        let limit = Duration::from_secs(limit_s.max(1).into());
        let period = Duration::from_secs(period_s.max(1).into());
        let open = move || ipmi::Ipmi::open(command.clone(), limit, period);
        pending::open("ipmi".into(), passes, open)
    }
}

/// A command that is not there will not come; a controller that is busy may answer later.
pub(super) fn passes(error: &ToolError) -> bool {
    !matches!(error, ToolError::Io(_))
}
