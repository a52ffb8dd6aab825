//! Energy counters of processors (RAPL) from `/sys/class/powercap`, as powers.
//!
//! A zone's identity is its control type and the names of the zones that it is in, as
//! `powercap/intel-rapl/package-0/dram/energy`. Since kernel 5.10 only root may read them: an agent without the right
//! has them as absent.

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

/// The kernel's folder of zones.
pub const ROOT: &str = "/sys/class/powercap";

/// The zones below `root` that count energy, one probe of one counter in J each; its rate is in W. The counter starts
/// again at the kernel's `max_energy_range_uj`. Cost of a reading: one short read.
///
/// # Errors
/// `root` cannot be listed.
pub fn probes(
    root: &Path,
    selection: &Selection,
    files: &Files,
) -> io::Result<Vec<Box<dyn Probe>>> {
    part::probes("powercap", root, key, files, |key, folder| {
        let channel = Channel {
            identity: format!("powercap/{key}/energy"),
            chip: part::label(key),
            sensor: "energy".to_owned(),
            unit: "W",
            measure: Measure::Counter,
        };
        let file = "energy_uj";
        let there = folder.join(file).exists() && selection.admits(&channel.identity);
        let range = text(&folder.join("max_energy_range_uj")).unwrap_or_default();
        let range = range.parse().unwrap_or(f64::NAN);
        let input = Input::new(file.to_owned(), 1e6).with_range(range);
        there.then_some((channel, input)).into_iter().collect()
    })
}

/// The control type and the names on the way: the folder `intel-rapl:0:1` is in `intel-rapl:0`, and both are listed.
fn key(folder: &Path) -> Option<String> {
    let (root, number) = (folder.parent()?, folder.file_name()?.to_str()?);
    let (control, _) = number.split_once(':')?;
    let mut key = control.to_owned();
    let ends = number.char_indices().filter(|(_, char)| *char == ':');
    let ends = ends.map(|(end, _)| end).skip(1).chain([number.len()]);
    for zone in ends.filter_map(|end| number.get(..end)) {
        let name = text(&root.join(zone).join("name")).ok()?;
        if name.is_empty() || key.len() > 256 {
            return None;
        }
        key = format!("{key}/{name}");
    }
    Some(key)
}
