//! Thermal zones of the kernel, from `/sys/class/thermal`.
//!
//! A zone's identity is its type and, if it has one, its device, as `thermal/acpitz@LNXTHERM:00/temp`. Zones that only
//! their numbers distinguish are left out, as these change between boots.

use crate::linux::file::{Files, text};
use crate::linux::part::{self, Input};
use crate::linux::probe::{Channel, Measure, Probe};
use crate::linux::selection::Selection;
use std::borrow::ToOwned;
use std::boxed::Box;
use std::path::Path;
use std::string::String;
use std::vec::Vec;
use std::{format, fs, io};

/// The kernel's folder of zones.
pub const ROOT: &str = "/sys/class/thermal";

/// The zones below `root`, one probe of one temperature each. Cost of a reading: one short read.
///
/// # Errors
/// `root` cannot be listed.
pub fn probes(
    root: &Path,
    selection: &Selection,
    files: &Files,
) -> io::Result<Vec<Box<dyn Probe>>> {
    part::probes("thermal", root, key, files, |key, _| {
        let channel = Channel {
            identity: format!("thermal/{key}/temp"),
            chip: part::label(key),
            sensor: "temp".to_owned(),
            unit: "°C",
            measure: Measure::Gauge,
        };
        let admitted = selection.admits(&channel.identity);
        let input = Input::new("temp".to_owned(), 1e3);
        admitted.then_some((channel, input)).into_iter().collect()
    })
}

fn key(folder: &Path) -> Option<String> {
    folder.file_name()?.to_str()?.strip_prefix("thermal_zone")?;
    let kind = text(&folder.join("type")).ok()?;
    let device = fs::read_link(folder.join("device")).ok();
    let device = device.as_deref().and_then(Path::file_name);
    (!kind.is_empty()).then(|| match device {
        Some(device) => format!("{kind}@{}", device.to_string_lossy()),
        None => kind,
    })
}
