//! Parts: folders of the kernel with numbers in them, each found by a key that survives renumbering.
//!
//! A folder is looked at again every tenth reading and after an error; a tenth of the files is compared with their
//! paths at each reading. So a chip that returns under another number is found within ten readings, and its old number
//! is never taken for it.

// Each source uses a part of it.
#![cfg_attr(
    not(all(
        feature = "edac",
        feature = "hwmon",
        feature = "powercap",
        feature = "proc",
        feature = "thermal"
    )),
    allow(dead_code)
)]

use crate::linux::file::{Files, Text, text};
use crate::linux::probe::{Channel, Probe, Raw};
use crate::linux::rates::Counter;
use bellwether::Cause;
use std::borrow::ToOwned;
use std::boxed::Box;
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{fs, io};

/// Readings after which a part is looked at again.
const AGAIN: usize = 10;
/// Entries of a folder at most. No kernel has as many; a hostile tree may.
pub(super) const ENTRIES: usize = 16_384;

/// A number of a part.
pub(super) struct Input {
    value: Text,
    fault: Option<Text>,
    divisor: f64,
    /// File of its label and the label it had; empty for none.
    label: Option<(String, String)>,
    /// Whether the label is still that one.
    here: bool,
    /// A counter that starts again at a known number, and its sum.
    wraps: Option<Box<(Counter, f64)>>,
}

impl Input {
    pub(super) fn new(file: String, divisor: f64) -> Self {
        Self {
            value: Text::new(file),
            fault: None,
            divisor,
            label: None,
            here: true,
            wraps: None,
        }
    }

    /// With a file that tells whether the sensor is broken.
    pub(super) fn with_fault(mut self, file: Option<String>) -> Self {
        self.fault = file.map(Text::new);
        self
    }

    /// With a label that must stay.
    pub(super) fn with_label(mut self, file: String, label: String) -> Self {
        self.label = Some((file, label));
        self
    }

    /// With a range, in the kernel's unit, beyond which it starts again at 0.
    pub(super) fn with_range(mut self, range: f64) -> Self {
        self.wraps = Some(Box::new((Counter::with_range(range), 0.0)));
        self
    }

    fn read(&mut self, folder: &Path, files: &Files) -> Raw {
        if !self.here {
            return Err(Cause::Missing);
        }
        if let Some(fault) = &mut self.fault {
            match fault.number(folder, files) {
                Ok(0.0) | Err(Cause::Missing) => {}
                _ => return Err(Cause::Sensor),
            }
        }
        let mut value = self.value.number(folder, files)?;
        if let Some(wraps) = &mut self.wraps {
            let (counter, sum) = &mut **wraps;
            if value < 0.0 {
                return Err(Cause::Sensor);
            }
            *sum += counter.growth(value).unwrap_or(0.0);
            value = *sum;
        }
        Ok(value / self.divisor)
    }

    fn close(&mut self) {
        self.value.close();
        if let Some(fault) = &mut self.fault {
            fault.close();
        }
    }

    fn check(&mut self, folder: &Path) {
        self.value.check(folder);
        if let Some(fault) = &mut self.fault {
            fault.check(folder);
        }
    }

    /// Looks whether it is the same sensor in a new folder.
    fn enter(&mut self, folder: &Path) {
        self.close();
        if let Some((file, label)) = &self.label {
            self.here = text(&folder.join(file)).unwrap_or_default() == *label;
        }
    }
}

/// Name of the part below a folder, if it is one.
pub(super) type Key = fn(&Path) -> Option<String>;

/// A part as a probe.
struct Part {
    name: String,
    key: String,
    key_of: Key,
    root: PathBuf,
    folder: Option<PathBuf>,
    channels: Vec<Channel>,
    inputs: Vec<Input>,
    files: Files,
    readings: usize,
    /// Reading at which it was looked for last.
    sought: usize,
}

impl Part {
    /// A part that is in `folder` now.
    fn new(
        source: &str,
        (key, key_of): (String, Key),
        (root, folder): (&Path, PathBuf),
        inputs: Vec<(Channel, Input)>,
        files: &Files,
    ) -> Self {
        let (channels, inputs) = inputs.into_iter().unzip();
        let stagger = key.bytes().map(usize::from).sum::<usize>() % AGAIN;
        Self {
            name: std::format!("{source}/{key}"),
            key,
            key_of,
            root: root.to_owned(),
            folder: Some(folder),
            channels,
            inputs,
            files: files.clone(),
            // Not all parts at the same reading.
            readings: stagger,
            sought: 0,
        }
    }

    /// Looks whether its folder is still its own, and for another one if not. `true` if it has moved.
    fn seek(&mut self) -> bool {
        self.sought = self.readings;
        let own = |folder: &PathBuf| (self.key_of)(folder).as_ref() == Some(&self.key);
        if self.folder.as_ref().is_some_and(own) {
            return false;
        }
        let mut found = folders(&self.root).filter(|folder| own(folder));
        let found = found.next().filter(|_| found.next().is_none());
        if let Some(folder) = &found {
            for input in &mut self.inputs {
                input.enter(folder);
            }
        } else {
            self.inputs.iter_mut().for_each(Input::close);
        }
        self.folder = found;
        self.folder.is_some()
    }

    fn values(&mut self, into: &mut [Raw]) {
        into.fill(Err(Cause::Missing));
        let Some(folder) = &self.folder else { return };
        for (k, (input, raw)) in self.inputs.iter_mut().zip(into).enumerate() {
            if (k + self.readings).is_multiple_of(AGAIN) {
                input.check(folder);
            }
            *raw = input.read(folder, &self.files);
        }
    }
}

impl Probe for Part {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn read(&mut self, into: &mut [Raw]) {
        self.readings += 1;
        if self.readings - self.sought >= AGAIN {
            self.seek();
        }
        self.values(into);
        // At an error at once, as the part may have moved; one that is gone waits for its turn.
        let failed = self.folder.is_some() && into.iter().any(Result::is_err);
        if failed && self.sought < self.readings && self.seek() {
            self.values(into);
        }
    }
}

/// Entries of a folder, none if it cannot be listed.
pub(super) fn folders(root: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().take(ENTRIES);
    entries.flatten().map(|entry| entry.path())
}

/// Names of the files in a folder, sorted.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let name = |path: PathBuf| path.file_name()?.to_str().map(ToOwned::to_owned);
    let mut names: Vec<_> = folders(folder).filter_map(name).collect();
    names.sort_unstable();
    names
}

/// The parts below a root by key, without keys that two folders have.
fn locate(root: &Path, key_of: Key) -> Vec<(String, PathBuf)> {
    let mut parts: Vec<_> = folders(root)
        .filter_map(|folder| Some((key_of(&folder)?, folder)))
        .collect();
    parts.sort_unstable();
    let same = |a: &(String, PathBuf), b: &(String, PathBuf)| a.0 == b.0;
    let once = parts.chunk_by(same).filter(|chunk| chunk.len() == 1);
    once.flat_map(<[_]>::to_vec).collect()
}

/// A label of node_exporter: lower case, other characters than letters, digits and colons are underscores.
pub(super) fn label(name: &str) -> String {
    let clean = |char: char| match char.to_ascii_lowercase() {
        char @ ('a'..='z' | '0'..='9' | ':' | '_') => char,
        _ => '_',
    };
    let clean: String = name.chars().map(clean).collect();
    clean.trim_matches('_').to_owned()
}

/// The parts below a root that have inputs, as probes.
///
/// # Errors
/// `root` cannot be listed.
pub(super) fn probes(
    source: &str,
    root: &Path,
    key_of: Key,
    files: &Files,
    inputs: impl Fn(&str, &Path) -> Vec<(Channel, Input)>,
) -> io::Result<Vec<Box<dyn Probe>>> {
    fs::read_dir(root)?;
    let parts = locate(root, key_of).into_iter();
    let parts = parts.filter_map(|(key, folder)| {
        let inputs = inputs(&key, &folder);
        if inputs.is_empty() {
            return None;
        }
        let part = Part::new(source, (key, key_of), (root, folder), inputs, files);
        Some(Box::new(part) as Box<dyn Probe>)
    });
    Ok(parts.collect())
}
