//! Groups of incidents: one kind at one time on nodes of one job or one rack, largest groups first.

use super::incident::{Incident, Severity, points};
use super::racks::Racks;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The thing that the nodes of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A job.
    Job(String),
    /// A rack.
    Rack(String),
    /// Nothing: a node.
    Node(String),
}

/// A line of the ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Points by which it is ranked.
    pub points: f64,
    /// The highest severity.
    pub severity: Severity,
    /// The kind.
    pub kind: String,
    /// The thing that its nodes have in common.
    pub place: Place,
    /// The nodes, ascending.
    pub nodes: Vec<String>,
    /// Number of incidents.
    pub incidents: usize,
    /// Begin of the first, in seconds.
    pub since: f64,
    /// Seconds that the longest lasts.
    pub lasts: f64,
    /// Whether one of them is not over.
    pub on: bool,
    /// The subject of the gravest.
    pub what: String,
}

impl Group {
    fn of(kind: &str, place: Place, incidents: &[&Incident]) -> Self {
        let nodes: BTreeSet<&String> = incidents.iter().map(|of| &of.node).collect();
        let severity = incidents.iter().map(|of| of.severity).max();
        let severity = severity.unwrap_or(Severity::Info);
        let lasts = incidents.iter().map(|of| of.lasts()).fold(0.0, f64::max);
        let mut gravest: Option<&&Incident> = None;
        for incident in incidents {
            let weight = |of: &Incident| (of.severity, of.lasts());
            if gravest.is_none_or(|of| weight(of) < weight(incident)) {
                gravest = Some(incident);
            }
        }
        Self {
            points: points(severity, lasts, nodes.len()),
            severity,
            kind: kind.to_owned(),
            place,
            nodes: nodes.into_iter().cloned().collect(),
            incidents: incidents.len(),
            since: incidents.iter().map(|of| of.since).fold(f64::MAX, f64::min),
            lasts,
            on: incidents.iter().any(|of| of.on),
            what: gravest.map_or_else(String::new, |of| of.what.clone()),
        }
    }
}

/// Groups of incidents, the most points first. Incidents within `within` seconds of each other are at one time.
pub fn grouped(incidents: &[Incident], racks: &Racks, within: f64) -> Vec<Group> {
    let mut free: BTreeSet<usize> = (0..incidents.len()).collect();
    let mut groups = Vec::new();
    // Larger groups take their incidents first.
    while let Some((kind, place, members)) = largest(incidents, &free, racks, within) {
        let of: Vec<&Incident> = members.iter().filter_map(|k| incidents.get(*k)).collect();
        groups.push(Group::of(&kind, place, &of));
        for place in &members {
            free.remove(place);
        }
    }
    let mut single: BTreeMap<(&str, &str), Vec<&Incident>> = BTreeMap::new();
    for incident in free.iter().filter_map(|k| incidents.get(*k)) {
        let key = (incident.node.as_str(), incident.kind.as_str());
        single.entry(key).or_default().push(incident);
    }
    let single = single.into_iter();
    groups.extend(
        single.map(|((node, kind), of)| Group::of(kind, Place::Node(node.to_owned()), &of)),
    );
    groups.sort_by(|a, b| {
        let order = b.points.total_cmp(&a.points);
        order.then_with(|| (&a.place, &a.kind).cmp(&(&b.place, &b.kind)))
    });
    groups
}

/// The free incidents of one kind, place and time that have the most nodes, at least two.
fn largest(
    incidents: &[Incident],
    free: &BTreeSet<usize>,
    racks: &Racks,
    within: f64,
) -> Option<(String, Place, Vec<usize>)> {
    let mut by_place: BTreeMap<(&str, Place), Vec<usize>> = BTreeMap::new();
    for place in free {
        let Some(incident) = incidents.get(*place) else {
            continue;
        };
        let job = incident.job.clone().map(Place::Job);
        let rack = racks.of(&incident.node);
        let rack = rack.map(|rack| Place::Rack(rack.to_owned()));
        for common in job.into_iter().chain(rack) {
            let key = (incident.kind.as_str(), common);
            by_place.entry(key).or_default().push(*place);
        }
    }
    let mut best: Option<(usize, (&str, Place), Vec<usize>)> = None;
    for (key, members) in by_place {
        for run in at_one_time(incidents, members, within) {
            let names = run.iter().filter_map(|k| incidents.get(*k));
            let nodes = names.map(|of| &of.node).collect::<BTreeSet<_>>().len();
            if nodes > 1 && best.as_ref().is_none_or(|(most, ..)| *most < nodes) {
                best = Some((nodes, key.clone(), run));
            }
        }
    }
    best.map(|(_, (kind, place), members)| (kind.to_owned(), place, members))
}

/// Runs of incidents that follow each other within some seconds.
fn at_one_time(incidents: &[Incident], mut members: Vec<usize>, within: f64) -> Vec<Vec<usize>> {
    let since = |k: &usize| incidents.get(*k).map_or(0.0, |of| of.since);
    let until = |k: &usize| incidents.get(*k).map_or(0.0, |of| of.until.max(of.since));
    members.sort_by(|a, b| since(a).total_cmp(&since(b)).then(a.cmp(b)));
    let mut runs: Vec<(f64, Vec<usize>)> = Vec::new();
    for place in members {
        match runs.last_mut() {
            Some((end, run)) if since(&place) <= *end + within => {
                *end = end.max(until(&place));
                run.push(place);
            }
            _ => runs.push((until(&place), vec![place])),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(node: &str, kind: &str, since: f64, job: Option<&str>) -> Incident {
        Incident {
            node: node.to_owned(),
            kind: kind.to_owned(),
            severity: Severity::Warning,
            since,
            until: since + 60.0,
            on: false,
            job: job.map(str::to_owned),
            what: format!("{node} {kind}"),
        }
    }

    fn racks() -> Racks {
        Racks::new(Some("r{rack}n*".parse().unwrap()), None).unwrap()
    }

    /// Broken by a line per node, by which a shift would see the same event many times.
    #[test]
    fn nodes_of_a_rack_or_a_job_share_a_line() {
        let mut incidents = vec![
            incident("r1n1", "anomaly", 0.0, Some("7")),
            incident("r1n2", "anomaly", 30.0, None),
            incident("r1n3", "anomaly", 90.0, None),
            incident("r2n1", "anomaly", 20.0, Some("7")),
            incident("r3n1", "stuck", 20.0, Some("7")),
        ];
        let groups = grouped(&incidents, &racks(), 600.0);
        assert_eq!(groups[0].place, Place::Rack("1".to_owned()));
        assert_eq!(groups[0].nodes, ["r1n1", "r1n2", "r1n3"]);
        assert_eq!(groups.len(), 3, "{groups:?}");
        // A second node of the job on other racks makes the job the larger group.
        for node in ["r4n1", "r5n1", "r6n1"] {
            incidents.push(incident(node, "anomaly", 40.0, Some("7")));
        }
        let groups = grouped(&incidents, &racks(), 600.0);
        assert_eq!(groups[0].place, Place::Job("7".to_owned()));
        assert_eq!(groups[0].nodes.len(), 5);
        assert_eq!(groups[1].place, Place::Rack("1".to_owned()));
        let all: usize = groups.iter().map(|of| of.incidents).sum();
        assert_eq!(all, incidents.len(), "every incident is in one line");
    }

    /// Broken if what happened at other times is one event.
    #[test]
    fn other_times_and_kinds_are_other_lines() {
        let incidents = [
            incident("r1n1", "anomaly", 0.0, None),
            incident("r1n2", "anomaly", 5000.0, None),
            incident("r1n3", "stuck", 0.0, None),
        ];
        let groups = grouped(&incidents, &racks(), 600.0);
        assert_eq!(groups.len(), 3);
        assert!(groups.iter().all(|of| matches!(of.place, Place::Node(_))));
        let again = [
            incident("n1", "anomaly", 0.0, None),
            incident("n1", "anomaly", 5000.0, None),
        ];
        let groups = grouped(&again, &racks(), 600.0);
        assert_eq!((groups.len(), groups[0].incidents), (1, 2));
    }
}
