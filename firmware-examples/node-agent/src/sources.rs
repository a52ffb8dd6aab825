//! Sources: the probes that a configuration asks for, a file for each source.

mod gpu;
mod hwmon;
mod ipmi;
mod limit;
mod pending;
mod place;
mod proc;
mod redfish;
mod replay;
mod scrape;

pub use gpu::Gpu;
pub use hwmon::Hwmon;
pub use ipmi::Ipmi;
pub use place::Place;
pub use proc::Proc;
pub use redfish::Redfish;
pub use replay::Replay;
pub use scrape::Scrape;

use bellwether_hal::linux::file::Files;
use bellwether_hal::linux::probe::Probe;
use bellwether_hal::linux::{edac, powercap, thermal};
use serde::Deserialize;

/// The probes of a source.
type Probes = Vec<Box<dyn Probe>>;

/// Section `[sources]`. Local sources are read where they are there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "Sources")]
pub struct Settings {
    /// Chips of the kernel's hwmon.
    pub hwmon: Hwmon,
    /// Thermal zones.
    pub thermal: Place,
    /// Energy counters of processors.
    pub powercap: Place,
    /// Error counters of memory.
    pub edac: Place,
    /// Tables of `/proc`.
    pub proc: Proc,
    /// Sensors of the management controller, through FreeIPMI.
    pub ipmi: Option<Ipmi>,
    /// Fields of GPUs, a section for each tool.
    pub gpu: Vec<Gpu>,
    /// Metrics of exporters, a section for each.
    pub scrape: Vec<Scrape>,
    /// Management controllers, a section for each.
    pub redfish: Vec<Redfish>,
    /// A recorded file, a row for each reading.
    pub replay: Option<Replay>,
}

/// Finds what there is to read, and raises the limit of open files for it.
///
/// # Errors
/// A source that was asked for by name cannot be read at all.
pub fn open(settings: &Settings) -> anyhow::Result<Probes> {
    let Settings {
        hwmon,
        thermal,
        powercap,
        edac,
        proc,
        ipmi,
        gpu,
        scrape,
        redfish,
        replay,
    } = settings;
    let files = Files::keeping(limit::raise());
    let mut probes = hwmon.open(&files)?;
    probes.extend(thermal.open("thermal", thermal::ROOT, |root, selection| {
        thermal::probes(root, selection, &files)
    })?);
    probes.extend(
        powercap.open("powercap", powercap::ROOT, |root, selection| {
            powercap::probes(root, selection, &files)
        })?,
    );
    probes.extend(edac.open("edac", edac::ROOT, |root, selection| {
        edac::probes(root, selection, &files)
    })?);
    probes.extend(proc.open(&files)?);
    if let Some(ipmi) = ipmi {
        probes.push(ipmi.open()?);
    }
    for gpu in gpu {
        probes.push(gpu.open()?);
    }
    for scrape in scrape {
        probes.push(scrape.open()?);
    }
    for redfish in redfish {
        probes.push(redfish.open()?);
    }
    if let Some(replay) = replay {
        probes.push(replay.open()?);
    }
    Ok(probes)
}

#[cfg(test)]
mod tests;
