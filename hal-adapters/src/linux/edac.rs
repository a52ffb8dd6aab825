//! Counters of corrected and uncorrected errors of memory, from `/sys/devices/system/edac/mc`.
//!
//! An identity has the controller and the place, as `edac/mc0/ce` and `edac/mc0/dimm3:CPU1_DIMM_B2/ce`. Controllers and
//! places have the numbers of the board's wiring.

use crate::linux::file::{Files, text};
use crate::linux::part::{self, Input};
use crate::linux::probe::{Channel, Measure, Probe};
use crate::linux::selection::Selection;
use std::borrow::ToOwned;
use std::boxed::Box;
use std::path::Path;
use std::string::String;
use std::vec::Vec;
use std::{format, io};

/// The kernel's folder of memory controllers.
pub const ROOT: &str = "/sys/devices/system/edac/mc";

/// Counters of a controller: file and quantity.
const CONTROLLER: [(&str, &str); 4] = [
    ("ce_count", "ce"),
    ("ce_noinfo_count", "ce_noinfo"),
    ("ue_count", "ue"),
    ("ue_noinfo_count", "ue_noinfo"),
];
/// Counters of a memory module, or of a rank, and where older drivers have none, of a row of chips.
const PLACE: [(&str, &str); 4] = [
    ("dimm_ce_count", "ce"),
    ("dimm_ue_count", "ue"),
    ("ce_count", "ce"),
    ("ue_count", "ue"),
];

/// The controllers below `root`, one probe each. Cost of a reading: one short read for each counter.
///
/// # Errors
/// `root` cannot be listed.
pub fn probes(
    root: &Path,
    selection: &Selection,
    files: &Files,
) -> io::Result<Vec<Box<dyn Probe>>> {
    part::probes("edac", root, key, files, |key, folder| {
        let mut inputs = counters(key, folder, "", &CONTROLLER, selection);
        for place in part::names(folder) {
            if ["dimm", "rank", "csrow"]
                .iter()
                .any(|kind| numbered(&place, kind))
            {
                inputs.extend(counters(key, folder, &place, &PLACE, selection));
            }
        }
        inputs
    })
}

fn key(folder: &Path) -> Option<String> {
    let name = folder.file_name()?.to_str()?;
    (numbered(name, "mc") && folder.is_dir()).then(|| name.to_owned())
}

fn numbered(name: &str, kind: &str) -> bool {
    let number = name.strip_prefix(kind).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The counters of a controller or of a place in it that are there.
fn counters(
    key: &str,
    folder: &Path,
    place: &str,
    of: &[(&str, &str)],
    selection: &Selection,
) -> Vec<(Channel, Input)> {
    let inside = folder.join(place);
    let name = text(&inside.join("dimm_label")).unwrap_or_default();
    let name = match (place, &*name) {
        ("", _) => key.to_owned(),
        (place, "") => format!("{key}/{place}"),
        (place, name) => format!("{key}/{place}:{name}"),
    };
    let there = of.iter().filter(|(file, _)| inside.join(file).is_file());
    let made = there.map(|(file, quantity)| {
        let path = if place.is_empty() {
            (*file).to_owned()
        } else {
            format!("{place}/{file}")
        };
        let channel = Channel {
            identity: format!("edac/{name}/{quantity}"),
            chip: part::label(&name),
            sensor: (*quantity).to_owned(),
            unit: "1/s",
            measure: Measure::Errors,
        };
        (channel, Input::new(path, 1.0))
    });
    made.filter(|(channel, _)| selection.admits(&channel.identity))
        .collect()
}
