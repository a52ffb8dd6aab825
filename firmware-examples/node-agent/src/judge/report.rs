//! The state of everything, for outputs.

use super::Judge;
use super::peers::Beside;
use crate::event::Kind;
use crate::status::{ChannelStatus, GroupStatus, Health, Status};
use bellwether::Reading;
use bellwether_hal::linux::probe::{Channel, Measure};
use std::collections::HashSet;

/// Bytes of a channel beside its group: its description, its place, its last value, and what is beside it.
const PER_CHANNEL: usize =
    size_of::<Channel>() + size_of::<(usize, usize)>() + size_of::<Reading>() + size_of::<Beside>();

impl Judge {
    /// Fills in the state: everything but the agent's own cost, of which only the bytes of state.
    pub fn status(&self, status: &mut Status) {
        status.node.clone_from(&self.node);
        status.at_ms = self.at_ms;
        status.job.clone_from(&self.job);
        status.silenced = self.is_silenced();
        status.active = self.book.active().cloned().collect();
        status.started.clone_from(self.book.started());
        status.channels.clear();
        status.groups.clear();
        status.paused = false;
        let anomalous: HashSet<&str> = status
            .active
            .iter()
            .filter(|event| event.kind == Kind::Anomaly || event.kind == Kind::Peers)
            .flat_map(|event| event.variables.iter().map(|of| of.channel.as_str()))
            .collect();
        let mut bad = 0_usize;
        let surprises: Vec<Vec<f32>> = self
            .groups
            .iter()
            .map(|group| group.counted().map(super::model::Model::surprises))
            .map(Option::unwrap_or_default)
            .collect();
        for (place, channel) in self.channels.iter().enumerate() {
            let (of_group, within) = self.places.get(place).copied().unwrap_or_default();
            let Some(group) = self.groups.get(of_group) else {
                continue;
            };
            let value = self.readings.get(place);
            let value = value.and_then(|reading| reading.usable().ok());
            let state = group.watchers.states.get(within);
            let (faulty, missing) = state.map_or((false, false), super::watch::Watch::state);
            let health = if missing {
                Health::Missing
            } else if faulty {
                Health::Faulty
            } else if anomalous.contains(channel.identity.as_str()) {
                Health::Anomalous
            } else if value.is_none() && state.is_some_and(|state| state.gap() > 0.5) {
                Health::Missing
            } else if group.first.is_none() {
                Health::Learning
            } else {
                Health::Normal
            };
            bad += usize::from(missing || faulty || health == Health::Anomalous);
            let model = group.counted();
            let usual = group.watchers.sensors.usual(within);
            status.channels.push(ChannelStatus {
                identity: channel.identity.clone(),
                chip: channel.chip.clone(),
                sensor: channel.sensor.clone(),
                group: group.name.clone(),
                unit: channel.unit,
                value,
                expected: model.and_then(|model| model.expected(within)),
                usual: usual.filter(|_| channel.measure == Measure::Gauge),
                surprise: surprises
                    .get(of_group)
                    .and_then(|surprises| surprises.get(within))
                    .copied()
                    .unwrap_or(0.0),
                health,
            });
        }
        for group in &self.groups {
            status.paused |= self.book.flagged(&group.name).is_some() && group.first.is_none();
            let alarmed = group.last.alarmed;
            status.groups.push(GroupStatus {
                name: group.name.clone(),
                variables: group.members.len(),
                warming: group.warming(&self.choices),
                score: group.last.score,
                threshold: group.last.threshold,
                severity: alarmed.severity,
                alarm_at: match alarmed.alarm_at {
                    0.0 => self.choices.rules.warning(),
                    alarm_at => alarm_at,
                },
                alarmed: alarmed.is_on,
            });
        }
        let trained = self.trained.as_ref();
        status.groups.extend(trained.map(super::Trained::status));
        status.anomaly_ratio = bad as f32 / self.channels.len().max(1) as f32;
        status.agent.state_bytes = self.state_bytes() as u64;
    }

    /// Bytes of state.
    pub fn state_bytes(&self) -> usize {
        let names = self
            .channels
            .iter()
            .map(|channel| channel.identity.len() + channel.chip.len() + channel.sensor.len());
        self.groups
            .iter()
            .map(super::group::Group::bytes)
            .sum::<usize>()
            + self.frames.bytes()
            + names.sum::<usize>()
            + self.channels.len() * PER_CHANNEL
            + self.trained.as_ref().map_or(0, super::Trained::state_bytes)
    }
}
