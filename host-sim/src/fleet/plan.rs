//! The plan of a run: its nodes and the way in which they are judged, the same for every task.

use serde::{Deserialize, Serialize};

/// Name of the plan in a folder of results.
pub const FILE: &str = "fleet.json";

/// Version of plans and results.
pub const VERSION: u32 = 1;

/// The plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of the results.
    pub version: u32,
    /// The detector.
    pub detector: String,
    /// Its settings as given.
    pub settings: Vec<String>,
    /// Digest of the model or the fit; empty without one.
    #[serde(default)]
    pub from: String,
    /// Whether every frame has a line.
    pub all: bool,
    /// Names of the nodes, ascending.
    pub nodes: Vec<String>,
}

impl Plan {
    /// The first difference to another plan, in words.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let of = |plan: &Self| format!("{} {}", plan.detector, plan.settings.join(" "));
        if self.version != other.version {
            return Some(format!("version {} and {}", self.version, other.version));
        }
        if (&self.detector, &self.settings) != (&other.detector, &other.settings) {
            return Some(format!(
                "detector `{}` and `{}`",
                of(self).trim(),
                of(other).trim()
            ));
        }
        if self.from != other.from {
            return Some("another model or fit".to_owned());
        }
        if self.all != other.all {
            return Some("with and without --all".to_owned());
        }
        let (mine, its) = (&self.nodes, &other.nodes);
        let only = |a: &[String], b: &[String]| a.iter().find(|name| !b.contains(name)).cloned();
        let odd = only(mine, its).or_else(|| only(its, mine))?;
        Some(format!(
            "{} and {} nodes; {odd} is only in one",
            mine.len(),
            its.len()
        ))
    }
}
