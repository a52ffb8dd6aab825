//! An incident: one alert of one node from its begin to its end.

use serde::{Deserialize, Serialize};

/// Seconds of the unit of persistence.
const LASTING: f64 = 600.0;

/// The severity, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a line in a log.
    Info,
    /// An alarm.
    Warning,
    /// An alarm that a third of the promise would raise too.
    Critical,
}

impl Severity {
    /// As in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// Of a name; any other is info.
    pub fn of(name: &str) -> Self {
        match name {
            "critical" => Self::Critical,
            "warning" => Self::Warning,
            _ => Self::Info,
        }
    }

    const fn weight(self) -> f64 {
        match self {
            Self::Info => 1.0,
            Self::Warning => 4.0,
            Self::Critical => 16.0,
        }
    }
}

/// An incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// The node.
    pub node: String,
    /// The kind.
    pub kind: String,
    /// The highest severity.
    pub severity: Severity,
    /// Begin, in seconds.
    pub since: f64,
    /// The last that was heard of it.
    pub until: f64,
    /// Whether it is not over.
    pub on: bool,
    /// Job of the node.
    pub job: Option<String>,
    /// Its subject, in a sentence or the name of a variable.
    pub what: String,
}

impl Incident {
    /// Seconds that it lasts.
    pub fn lasts(&self) -> f64 {
        (self.until - self.since).max(0.0)
    }
}

/// Points of something of this severity that lasts as many seconds and is shared by as many nodes.
pub fn points(severity: Severity, lasts: f64, nodes: usize) -> f64 {
    let persistence = 1.0 + (1.0 + lasts / LASTING).log2();
    severity.weight() * persistence * (1.0 + (nodes.max(1) as f64).log2())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: a warning of one node for ten minutes has 4 · 2 · 1 points.
    #[test]
    fn points_grow_with_all_three() {
        assert_eq!(points(Severity::Warning, 600.0, 1), 8.0);
        assert_eq!(points(Severity::Warning, 600.0, 4), 24.0);
        assert_eq!(points(Severity::Critical, 0.0, 1), 16.0);
        assert!(points(Severity::Warning, 86_400.0, 1) > points(Severity::Critical, 0.0, 1));
    }
}
