//! Fields of GPUs, through NVIDIA's tools.

use super::ipmi::passes;
use super::pending;
use bellwether_hal::linux::gpu;
use bellwether_hal::linux::probe::Probe;
use serde::Deserialize;
use std::time::Duration;

/// Section `[[sources.gpu]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gpu {
    /// The command with its arguments. No shell is involved.
    pub command: Vec<String>,
    /// Whether it goes on by itself, as `dcgmi dmon` does.
    #[serde(default)]
    pub stream: bool,
    /// Longest wait for it, in seconds; of a stream, for its first lines.
    #[serde(default = "limit")]
    pub limit_s: u32,
    /// Least time between two runs, in seconds; of a stream, the time between two of its moments.
    #[serde(default = "period")]
    pub period_s: u32,
    /// Parts of names of further counters of errors.
    #[serde(default)]
    pub errors: Vec<String>,
}

fn limit() -> u32 {
    10
}

fn period() -> u32 {
    5
}

impl Gpu {
    pub(super) fn open(&self) -> anyhow::Result<Box<dyn Probe>> {
        let Self {
            command,
            stream,
            limit_s,
            period_s,
            errors,
        } = self.clone();
        let settings = gpu::Settings {
            command,
            stream,
            limit: Duration::from_secs(limit_s.max(1).into()),
            period: Duration::from_secs(period_s.max(1).into()),
            errors,
        };
        pending::open("gpu".into(), passes, move || {
            gpu::Gpu::open(settings.clone())
        })
    }
}
