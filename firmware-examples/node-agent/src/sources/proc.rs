//! Tables of `/proc`: load, times, memory, pressure, interrupts, disks and networks.

use super::{Place, Probes};
use bellwether_hal::linux::file::Files;
use bellwether_hal::linux::proc;
use serde::Deserialize;
use std::fs;
use std::path::PathBuf;

/// Section `[sources.proc]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proc {
    /// As in [`Place`].
    pub enabled: Option<bool>,
    /// As in [`Place`].
    pub allow: Vec<String>,
    /// As in [`Place`]. By default the interfaces of containers, which come and go with jobs.
    pub deny: Vec<String>,
    /// As in [`Place`].
    pub root: Option<PathBuf>,
    /// Tables beyond 64 KiB too. A kernel of many processors works long for them.
    pub large: bool,
}

impl Default for Proc {
    fn default() -> Self {
        let containers = ["veth", "docker", "br-", "cni", "cali", "tap"];
        Self {
            enabled: None,
            allow: Vec::new(),
            deny: containers.map(|name| format!("net/dev/{name}")).into(),
            root: None,
            large: false,
        }
    }
}

impl Proc {
    pub(super) fn open(&self, files: &Files) -> anyhow::Result<Probes> {
        let Self {
            enabled,
            allow,
            deny,
            root,
            large,
        } = self.clone();
        let place = Place {
            enabled,
            allow,
            deny,
            root,
        };
        place.open("proc", proc::ROOT, |root, selection| {
            fs::read_dir(root)?;
            Ok(proc::probes(root, selection, !large, files))
        })
    }
}
