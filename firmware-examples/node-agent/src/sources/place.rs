//! Places of the kernel: keys that every local source has.

use super::Probes;
use anyhow::Context as _;
use bellwether_hal::linux::selection::Selection;
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};

/// A local source without keys of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Place {
    /// `true`: it must be there; `false`: it is not read; not given: it is read where it is there.
    pub enabled: Option<bool>,
    /// Parts of identities; if there are any, only channels with one of them are read.
    pub allow: Vec<String>,
    /// Parts of identities; channels with one of them are not read.
    pub deny: Vec<String>,
    /// The kernel's folder, if it is not in its usual place.
    pub root: Option<PathBuf>,
}

impl Place {
    /// The probes below the root, or below the usual one.
    ///
    /// # Errors
    /// It was asked for, and its root cannot be listed.
    pub(super) fn open(
        &self,
        name: &str,
        usual: &str,
        find: impl FnOnce(&Path, &Selection) -> io::Result<Probes>,
    ) -> anyhow::Result<Probes> {
        if self.enabled == Some(false) {
            return Ok(Vec::new());
        }
        let root = self.root.as_deref().unwrap_or(Path::new(usual));
        let selection = Selection {
            allow: self.allow.clone(),
            deny: self.deny.clone(),
        };
        match find(root, &selection) {
            Err(error) if self.enabled == Some(true) => {
                Err(error).with_context(|| format!("[sources.{name}] {}", root.display()))
            }
            found => Ok(found.unwrap_or_default()),
        }
    }
}
