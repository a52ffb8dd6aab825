//! Probes of a Linux host, over trees made for the test.
#![cfg(unix)]

mod edac;
mod hostile;
mod hwmon;
mod powercap;
mod proc;
mod thermal;

use bellwether_hal::linux::file::Files;
use bellwether_hal::linux::probe::{Probe, Raw};
use bellwether_hal::linux::selection::Selection;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const MISSING: Raw = Err(bellwether::Cause::Missing);
const BROKEN: Raw = Err(bellwether::Cause::Sensor);

/// A folder in place of the kernel's.
struct Tree(TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(TempDir::new().unwrap());
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, to: &str, path: &str) {
        symlink(to, self.path(path)).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }
}

fn all() -> Selection {
    Selection::default()
}

/// More files than any test opens.
fn files() -> Files {
    Files::keeping(1000)
}

fn identities(probes: &[Box<dyn Probe>]) -> Vec<&str> {
    let channels = probes.iter().flat_map(|probe| probe.channels());
    channels.map(|channel| channel.identity.as_str()).collect()
}

/// One reading of all, in order.
fn read(probes: &mut [Box<dyn Probe>]) -> Vec<Raw> {
    let mut values = Vec::new();
    for probe in probes {
        let first = values.len();
        values.resize(first + probe.channels().len(), Ok(-1.0));
        probe.read(&mut values[first..]);
    }
    values
}

/// The first of several readings that is as expected, at most the eleventh.
fn read_until(probes: &mut [Box<dyn Probe>], expected: &[Raw]) {
    let last = (0..11)
        .map(|_| read(probes))
        .find(|values| values == expected);
    assert!(last.is_some(), "{:?} is not {expected:?}", read(probes));
}
