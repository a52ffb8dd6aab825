//! From what watchers and groups found to the findings of the book.

use super::book::Found;
use super::context::Context;
use super::group::Group;
use super::message;
use super::watch::KINDS;
use super::{Judge, peers};
use crate::event::{Blamed, Kind, Severity};
use bellwether::node::{Confidence, Doubt};
use bellwether_hal::linux::probe::Channel;

/// The group of findings about peers.
pub(super) const PEERS: &str = "peers";
/// Channels that an event of a watcher names, at most.
const LISTED: usize = 16;

impl Judge {
    /// Takes the last sample to the watchers, and their news to the book.
    pub(super) fn watch(&mut self, elapsed_s: f32) {
        let at_s = (self.at_ms / 1000) as u32;
        let limit_ms = u64::from(self.settings.pause_limit_s) * 1000;
        for place in 0..self.groups.len() {
            let Some(group) = self.groups.get_mut(place) else {
                continue;
            };
            let since = self.book.flagged(&group.name);
            let paused = since.is_some_and(|since| self.at_ms.saturating_sub(since) < limit_ms);
            group.gather(
                &self.readings,
                bellwether::Reading::Absent(bellwether::Cause::Missing),
            );
            let Group {
                watchers,
                readings,
                members,
                first,
                ..
            } = group;
            let known = |member: usize, value: f32| {
                let channel = members.get(member);
                channel.is_some_and(|channel| {
                    self.known
                        .is(*channel, value, || first.as_ref()?.expected(member))
                })
            };
            let news = watchers.take((at_s, elapsed_s), readings, !paused, self.watch, known);
            for (kind, of) in KINDS.into_iter().enumerate() {
                if news >> kind & 1 == 1 {
                    self.tell_watcher(place, kind, of);
                }
            }
        }
    }

    /// Tells which channels of a group complain of a kind.
    fn tell_watcher(&mut self, place: usize, kind: usize, of: Kind) {
        let Some(group) = self.groups.get(place) else {
            return;
        };
        let states = group.watchers.states.iter().enumerate();
        let told = states.filter(|(_, state)| state.is_told(kind));
        let told: Vec<usize> = told.map(|(member, _)| member).collect();
        // Most of a group at once is one finding of another kind, and stays that until it is over.
        let mut on = [Kind::Missing, Kind::Source].into_iter();
        let on = on.find(|of| self.book.since(&group.name, *of).is_some());
        let most = 2 * told.len() >= group.members.len() && told.len() >= 4;
        let of = match (of, on) {
            (Kind::Missing, Some(on)) => on,
            (Kind::Missing, None) if most => Kind::Source,
            _ => of,
        };
        if told.is_empty() {
            self.end(place, of, None);
            return;
        }
        let share = 1.0 / told.len() as f32;
        let blamed = told.iter().take(LISTED).filter_map(|member| {
            let channel = self.channels.get(*group.members.get(*member)?)?;
            let value = group.readings.get(*member)?.usable().ok();
            Some(Blamed {
                channel: channel.identity.clone(),
                unit: channel.unit.to_owned(),
                value,
                expected: group
                    .first
                    .as_ref()
                    .and_then(|model| model.expected(*member)),
                share,
            })
        });
        let blamed: Vec<Blamed> = blamed.collect();
        let pairs = told.iter().zip(&blamed);
        let evidence: Vec<String> = pairs
            .map(|(member, blamed)| evidence(group, *member, of, &blamed.unit))
            .collect();
        let message = message::watcher(of, &blamed, &evidence, told.len());
        let severity = match of {
            Kind::Source => Severity::Critical,
            _ => Severity::Warning,
        };
        let found = Found {
            kind: of,
            severity,
            score: None,
            variables: blamed,
            message,
        };
        let name = group.name.clone();
        self.book.on((&self.node, &name), self.at_ms, found);
    }

    /// Ends findings that no watcher sees: those adopted after a crash whose causes ended with it.
    pub(super) fn end_unseen(&mut self) {
        for place in 0..self.groups.len() {
            for (kind, of) in KINDS.into_iter().enumerate() {
                let group = self.groups.get(place);
                let seen = group.is_some_and(|group| {
                    let mut states = group.watchers.states.iter();
                    states.any(|state| state.is_told(kind))
                });
                if !seen {
                    self.end(place, of, None);
                    if of == Kind::Missing {
                        self.end(place, Kind::Source, None);
                    }
                }
            }
        }
    }

    /// Tells the alarm of a group after a frame.
    pub(super) fn tell_group(&mut self, place: usize) {
        let Some(group) = self.groups.get_mut(place) else {
            return;
        };
        let alarmed = group.last.alarmed;
        let since = self.book.since(&group.name, Kind::Anomaly);
        if !alarmed.is_on {
            group.hushed = false;
            let accepted = std::mem::take(&mut group.accepted);
            if since.is_some() {
                let text = "It has lasted, and counts as normal from now on";
                self.end(place, Kind::Anomaly, accepted.then_some(text));
            }
            return;
        }
        let score = alarmed
            .severity
            .map(|severity| (severity, alarmed.alarm_at));
        let Some((severity, alarm_at)) = score else {
            return;
        };
        let blamed = group.blamed();
        if since.is_none() && group.is_known(&self.known, &blamed) {
            self.suppressed += u64::from(!group.hushed);
            group.hushed = true;
            return;
        }
        // Only a frame that is still beyond the threshold says what is behind the alarm.
        if since.is_some() && severity < alarm_at {
            return;
        }
        let variables = blamed.into_iter().filter_map(|(member, share)| {
            let channel = self.channels.get(*group.members.get(member)?)?;
            Some(Blamed {
                channel: channel.identity.clone(),
                unit: channel.unit.to_owned(),
                value: group.readings.get(member)?.usable().ok(),
                expected: group.counted()?.expected(member),
                share,
            })
        });
        let variables: Vec<Blamed> = variables.collect();
        let found = Found {
            kind: Kind::Anomaly,
            severity: match alarmed.critical {
                true => Severity::Critical,
                false => Severity::Warning,
            },
            score,
            message: message::anomaly(&group.name, &variables, (severity, alarm_at)),
            variables,
        };
        self.book.on((&self.node, &group.name), self.at_ms, found);
    }

    /// Compares the last frame with the peers, and tells who is apart.
    pub(super) fn compare(&mut self, context: &Context) {
        let peers = peers::usable(context.peers.as_ref(), self.job.as_deref());
        let learns = self.book.since(PEERS, Kind::Peers).is_none();
        let mut news = false;
        let values = self.beside.iter_mut().zip(self.frames.means());
        for (place, (beside, value)) in values.enumerate() {
            let of = peers.and_then(|peers| peers.values.get(place));
            news |= beside.take(*value, of, learns);
            if peers.is_none() {
                news |= beside.alone();
            }
        }
        self.peers = peers.cloned();
        if !news {
            return;
        }
        let apart = self.beside.iter().enumerate().filter(|(_, of)| of.apart);
        let apart: Vec<usize> = apart.map(|(place, _)| place).collect();
        if apart.is_empty() {
            if let Some(since) = self.book.since(PEERS, Kind::Peers) {
                let lasted = self.at_ms.saturating_sub(since) / 1000;
                let message = message::clear(Kind::Peers, lasted);
                self.book.off(PEERS, Kind::Peers, self.at_ms, message);
            }
            return;
        }
        let share = 1.0 / apart.len() as f32;
        let blamed = apart.iter().take(LISTED).filter_map(|place| {
            let channel = self.channels.get(*place)?;
            let median = self.peers.as_ref()?.values.get(*place)?.median;
            let value = self.frames.means().get(*place).copied();
            Some(Blamed {
                channel: channel.identity.clone(),
                unit: channel.unit.to_owned(),
                value: value.filter(|value| value.is_finite()),
                expected: Some(median).filter(|median| median.is_finite()),
                share,
            })
        });
        let variables: Vec<Blamed> = blamed.collect();
        let nodes = self.peers.as_ref().map_or(0, |peers| peers.nodes);
        let text = |of: &Blamed| {
            let number = |value: Option<f32>| match value {
                Some(value) => message::number(value, &of.unit),
                None => "no value".to_owned(),
            };
            let (own, median) = (number(of.value), number(of.expected));
            format!("{own}, median of {nodes} peers {median}")
        };
        let evidence: Vec<String> = variables.iter().map(text).collect();
        let found = Found {
            kind: Kind::Peers,
            severity: Severity::Warning,
            score: None,
            message: message::watcher(Kind::Peers, &variables, &evidence, apart.len()),
            variables,
        };
        self.book.on((&self.node, PEERS), self.at_ms, found);
    }

    /// Ends a finding of a group.
    fn end(&mut self, place: usize, kind: Kind, text: Option<&str>) {
        let Some(group) = self.groups.get(place) else {
            return;
        };
        if let Some(since) = self.book.since(&group.name, kind) {
            let lasted = self.at_ms.saturating_sub(since) / 1000;
            let message = match text {
                Some(text) => format!("{text}, after {}", message::duration(lasted)),
                None => message::clear(kind, lasted),
            };
            self.book.off(&group.name, kind, self.at_ms, message);
        }
    }

    /// Ends the anomaly of a group, for a reason.
    pub(super) fn end_anomaly(&mut self, group: &str, text: &str) {
        let place = self.groups.iter().position(|of| of.name == group);
        if let Some(place) = place {
            self.end(place, Kind::Anomaly, Some(text));
        }
    }

    /// Ends the anomalies of all groups, for a reason.
    pub(super) fn end_anomalies(&mut self, text: &str) {
        for place in 0..self.groups.len() {
            self.end(place, Kind::Anomaly, Some(text));
        }
    }
}

/// The view of a watcher on a channel.
fn evidence(group: &Group, member: usize, kind: Kind, unit: &str) -> String {
    let state = group.watchers.states.get(member);
    let value = group.readings.get(member);
    let value = value.and_then(|reading| reading.usable().ok());
    let text = |value: f32| message::number(value, unit);
    match kind {
        Kind::Missing | Kind::Source => {
            let gap = state.map_or(0.0, super::watch::Watch::gap);
            format!("{:.0} % of the last samples", 100.0 * gap)
        }
        Kind::Errors => {
            let errors = state.map_or(0.0, super::watch::Watch::errors);
            format!("{} in about a minute", message::number(errors, ""))
        }
        _ => {
            let value = value.map_or_else(|| "no value".to_owned(), text);
            match group.watchers.sensors.usual(member) {
                Some((low, high)) => {
                    format!("{value}, usually {} to {}", text(low), text(high))
                }
                None => value,
            }
        }
    }
}

/// The remark about a fit: its rows, and what makes it doubtful.
pub(super) fn of_fit(
    group: &Group,
    channels: &[Channel],
    confidence: &Confidence,
    second: bool,
) -> String {
    let which = if second { "a second normal" } else { "a model" };
    let mut remark = format!(
        "{}: {which} is fitted to {} frames of {} channels",
        group.name,
        confidence.rows,
        group.members.len()
    );
    for doubt in confidence.doubts() {
        let text = match doubt {
            Doubt::HeldOut(rows) => format!(
                "limits come from {rows} frames, fewer than 300: the threshold is a fixed 2"
            ),
            Doubt::Drift(variable, deviations) => {
                let channel = group.members.get(usize::from(variable));
                let channel = channel.and_then(|channel| channels.get(*channel));
                let name = channel.map_or("a channel", |channel| &channel.identity);
                format!("{name} has moved by {deviations:.1} deviations in its last fifth")
            }
            doubt => doubt.to_string(),
        };
        remark = format!("{remark}; {text}");
    }
    remark
}
