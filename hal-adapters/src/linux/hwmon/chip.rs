//! The current folder of a chip.

use crate::linux::file::text;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::string::String;
use std::{format, fs};

/// The chips below a root by identity. `None` for an identity with more than one chip.
pub(super) fn locate(root: &Path) -> BTreeMap<String, Option<PathBuf>> {
    let mut chips = BTreeMap::new();
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let folder = entry.path();
        if let Some(identity) = identity(&folder) {
            chips
                .entry(identity)
                .and_modify(|known| *known = None)
                .or_insert(Some(folder));
        }
    }
    chips
}

/// The kernel's name of the device and the chip's own name. A chip without a device, as a virtual
/// driver's, has only its name.
pub(super) fn identity(folder: &Path) -> Option<String> {
    let name = text(&folder.join("name"))
        .ok()
        .filter(|name| !name.is_empty())?;
    let device = fs::read_link(folder.join("device")).ok();
    let device = device.as_deref().and_then(Path::file_name);
    Some(match device {
        Some(device) => format!("{}/{name}", device.to_string_lossy()),
        None => name,
    })
}
