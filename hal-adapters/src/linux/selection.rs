//! The selection of sensors.

use std::string::String;
use std::vec::Vec;

/// A selection of sensors, by parts of their identities. By default all.
///
/// ```
/// use bellwether_hal::linux::selection::Selection;
/// let selection = Selection { allow: vec!["/temp".into()], deny: vec!["nvme".into()] };
/// assert!(selection.admits("0000:00:18.3/k10temp/temp1:Tctl"));
/// assert!(!selection.admits("nvme0/nvme/temp1:Composite"));
/// assert!(!selection.admits("nct6775.656/nct6798/fan2"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Allowed parts: if not empty, only identities that contain one of these are read.
    pub allow: Vec<String>,
    /// Denied parts: identities that contain one of these are never read, allowed or not.
    pub deny: Vec<String>,
}

impl Selection {
    /// Whether the selection has the sensor.
    pub fn admits(&self, identity: &str) -> bool {
        let any = |parts: &[String]| parts.iter().any(|part| identity.contains(part.as_str()));
        (self.allow.is_empty() || any(&self.allow)) && !any(&self.deny)
    }
}
