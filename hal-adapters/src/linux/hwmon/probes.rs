//! Chips as probes.

use super::attribute::parse;
use super::{Selection, chip};
use crate::linux::file::{Files, text};
use crate::linux::part::{self, Input};
use crate::linux::probe::{Channel, Probe};
use std::borrow::ToOwned;
use std::boxed::Box;
use std::collections::BTreeSet;
use std::path::Path;
use std::string::String;
use std::vec::Vec;
use std::{format, fs, io};

/// The extent of what is read of a chip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// Temperatures, fans, voltages, currents, powers, humidities and energies.
    #[default]
    Values,
    /// The same and the chips' own alarms, 0 or 1 each.
    Alarms,
}

/// The chips below `root` ([`super::ROOT`] on a real machine), one probe each, with the identities of
/// [`super::Hwmon`]. Labels are those of node_exporter: `chip="pci0000:00_0000:00:18_3"`, `sensor="temp1"`.
///
/// Cost of a reading: a short read for each value, one more where a chip tells faults of it, and a comparison of every
/// tenth file with its path. A sensor that its chip calls faulty is absent.
///
/// # Errors
/// `root` cannot be listed.
pub fn probes(
    root: &Path,
    selection: &Selection,
    extent: Extent,
    files: &Files,
) -> io::Result<Vec<Box<dyn Probe>>> {
    part::probes("hwmon", root, chip::identity, files, |key, folder| {
        inputs(key, folder, selection, extent)
    })
}

/// The values of a chip in the order of their identities.
fn inputs(
    key: &str,
    folder: &Path,
    selection: &Selection,
    extent: Extent,
) -> Vec<(Channel, Input)> {
    let names = part::names(folder);
    let there: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let chip = label(folder);
    let mut inputs = Vec::new();
    for (file, (stem, rest, attribute)) in names.iter().filter_map(|f| Some((f, parse(f)?))) {
        let value = matches!(rest, "input" | "average");
        // Of a meter with an instant and an average value, the instant one.
        let twice = rest == "average" && there.contains(&*format!("{stem}_input"));
        if twice || !value && extent == Extent::Values {
            continue;
        }
        let label_file = format!("{stem}_label");
        let name = text(&folder.join(&label_file)).unwrap_or_default();
        let sensor = if value { stem } else { file };
        let identity = if name.is_empty() {
            format!("{key}/{sensor}")
        } else {
            format!("{key}/{sensor}:{name}")
        };
        if !selection.admits(&identity) {
            continue;
        }
        let fault = format!("{stem}_fault");
        let fault = (value && there.contains(&*fault)).then_some(fault);
        let input = Input::new(file.clone(), attribute.divisor).with_fault(fault);
        let channel = Channel {
            identity,
            chip: chip.clone(),
            sensor: sensor.to_owned(),
            unit: attribute.unit,
            measure: attribute.measure,
        };
        inputs.push((channel, input.with_label(label_file, name)));
    }
    inputs.sort_by(|(a, _), (b, _)| a.identity.cmp(&b.identity));
    inputs
}

/// Label `chip` of node_exporter: the last two parts of the device's path, else the chip's name, else its folder.
fn label(folder: &Path) -> String {
    let device = fs::canonicalize(folder.join("device")).ok();
    let part = |path: Option<&Path>| {
        let name = path.and_then(Path::file_name).unwrap_or_default();
        part::label(&name.to_string_lossy())
    };
    let name = part(device.as_deref());
    let bus = part(device.as_deref().and_then(Path::parent));
    if !name.is_empty() {
        return if bus.is_empty() {
            name
        } else {
            format!("{bus}_{name}")
        };
    }
    let name = part::label(&text(&folder.join("name")).unwrap_or_default());
    if !name.is_empty() {
        return name;
    }
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    part(Some(&real))
}
