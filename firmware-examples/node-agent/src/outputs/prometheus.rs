//! The text of metrics that Prometheus reads (exposition format 0.0.4), written as a stream.
//!
//! Metrics of a channel have the labels `channel` (its identity), `chip` and `sensor` (as node_exporter makes
//! them, so that `on (instance, chip, sensor)` joins) and `group`. Samples have no times. What is unknown has no
//! sample: a channel that is being learned has no score.

mod text;

use crate::event::{Kind, Severity};
use crate::status::{ChannelStatus, GroupStatus, Health, Status};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write};
use text::{Labels, Text, Type};

/// The kind of content, for HTTP.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every kind of event, for a counter that exists before its first event.
const KINDS: [Kind; 8] = [
    Kind::Anomaly,
    Kind::Missing,
    Kind::Stuck,
    Kind::Range,
    Kind::Rate,
    Kind::Errors,
    Kind::Peers,
    Kind::Source,
];

/// Every state of a channel.
const HEALTHS: [Health; 5] = [
    Health::Learning,
    Health::Normal,
    Health::Anomalous,
    Health::Faulty,
    Health::Missing,
];

/// Writes the metrics of a state.
///
/// Labels are whatever the machine says, and may be hostile. Of channels or groups with equal labels the first is
/// written, because Prometheus refuses a whole page with a sample twice.
///
/// # Errors
/// Those of `out`.
pub fn write(status: &Status, out: &mut impl Write) -> io::Result<()> {
    let mut text = Text::new(out);
    node(status, &mut text)?;
    groups(status, &mut text)?;
    channels(status, &mut text)?;
    agent(status, &mut text)
}

fn node(status: &Status, text: &mut Text<impl Write>) -> io::Result<()> {
    let help = "Version of the agent.";
    text.family("bellwether_build_info", Type::Gauge, help)?;
    text.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1)?;
    let help = "Share of channels that are anomalous, faulty or missing, 0 to 1.";
    text.single(
        "bellwether_node_anomaly_ratio",
        Type::Gauge,
        help,
        status.anomaly_ratio,
    )?;
    let help = "Time of the last reading, in seconds since 1970.";
    let at = status.at_ms as f64 / 1e3;
    text.single(
        "bellwether_last_reading_timestamp_seconds",
        Type::Gauge,
        help,
        at,
    )?;
    let help = "Whether events are silenced.";
    text.single(
        "bellwether_silenced",
        Type::Gauge,
        help,
        u8::from(status.silenced),
    )?;
    let help = "Whether learning is paused.";
    text.single(
        "bellwether_learning_paused",
        Type::Gauge,
        help,
        u8::from(status.paused),
    )?;
    if let Some(job) = &status.job {
        text.family("bellwether_job_info", Type::Gauge, "The job that runs.")?;
        text.sample(&[("job_id", job)], 1)?;
    }
    let help = "Events that have started, by kind.";
    text.family("bellwether_events_total", Type::Counter, help)?;
    for kind in KINDS {
        let started = status.started.get(&kind).copied().unwrap_or(0);
        text.sample(&[("kind", kind_name(kind))], started)?;
    }
    let help = "Events that are on, by severity.";
    text.family("bellwether_active_events", Type::Gauge, help)?;
    for severity in [Severity::Info, Severity::Warning, Severity::Critical] {
        let active = status.active.iter();
        let active = active.filter(|event| event.severity == severity).count();
        text.sample(&[("severity", severity_name(severity))], active)?;
    }
    Ok(())
}

fn groups(status: &Status, text: &mut Text<impl Write>) -> io::Result<()> {
    let mut known = Known::default();
    let named = |group: &&GroupStatus| known.is_new(&[("group", &group.name)]);
    let groups: Vec<_> = status.groups.iter().filter(named).collect();
    let mut family = |name, help, value: &dyn Fn(&GroupStatus) -> Option<f64>| {
        text.family(name, Type::Gauge, help)?;
        for group in &groups {
            if let Some(value) = value(group) {
                text.sample(&[("group", &group.name)], value)?;
            }
        }
        io::Result::Ok(())
    };
    let help = "Variables of a group.";
    family("bellwether_group_variables", help, &|group| {
        Some(group.variables as f64)
    })?;
    let help = "Frames that a group still needs before it judges.";
    family("bellwether_group_warming_frames", help, &|group| {
        Some(group.warming.into())
    })?;
    let help =
        "Severity of the last frame over that at which an alarm starts: above 1 it is anomalous.";
    family("bellwether_group_score", help, &|group| {
        let score = f64::from(group.severity?) / f64::from(group.alarm_at);
        score.is_finite().then_some(score)
    })?;
    let help = "Whether an alarm of the group is on.";
    family("bellwether_group_alarm", help, &|group| {
        Some(group.alarmed.into())
    })
}

fn channels(status: &Status, text: &mut Text<impl Write>) -> io::Result<()> {
    let help = "Channels in each state.";
    text.family("bellwether_channels", Type::Gauge, help)?;
    for health in HEALTHS {
        let channels = status.channels.iter();
        let channels = channels.filter(|channel| channel.health == health).count();
        text.sample(&[("state", health_name(health))], channels)?;
    }
    let mut known = Known::default();
    let named = |channel: &&ChannelStatus| known.is_new(&labels(channel));
    let channels: Vec<_> = status.channels.iter().filter(named).collect();
    let mut family = |name, help, value: &dyn Fn(&ChannelStatus) -> Option<f32>| {
        text.family(name, Type::Gauge, help)?;
        for channel in &channels {
            if let Some(value) = value(channel) {
                text.sample(&labels(channel), value)?;
            }
        }
        io::Result::Ok(())
    };
    let help =
        "Distance of the last frame from what all others say of it, beyond the usual; 0 is usual.";
    family("bellwether_anomaly_score", help, &|channel| {
        (channel.health != Health::Learning).then_some(channel.surprise)
    })?;
    let help = "Whether a channel is anomalous, faulty or missing.";
    family(
        "bellwether_anomaly",
        help,
        &|channel| match channel.health {
            Health::Learning => None,
            Health::Normal => Some(0.0),
            Health::Anomalous | Health::Faulty | Health::Missing => Some(1.0),
        },
    )?;
    let help = "The last value, in the unit that node_exporter has.";
    family("bellwether_value", help, &|channel| channel.value)?;
    let help = "The usual value.";
    family("bellwether_expected_value", help, &|channel| {
        channel.expected
    })?;
    let help = "Upper end of the usual range.";
    family("bellwether_upper_bound", help, &|channel| {
        Some(channel.usual?.1)
    })?;
    let help = "Lower end of the usual range.";
    family("bellwether_lower_bound", help, &|channel| {
        Some(channel.usual?.0)
    })?;
    let help =
        "State of a channel: the one that it is in has the value 1, the others have no sample.";
    text.family("bellwether_channel_state", Type::Gauge, help)?;
    for channel in &channels {
        let [identity, chip, sensor, group] = labels(channel);
        let state = ("state", health_name(channel.health));
        text.sample(&[identity, chip, sensor, group, state], 1)?;
    }
    Ok(())
}

fn agent(status: &Status, text: &mut Text<impl Write>) -> io::Result<()> {
    let agent = &status.agent;
    let seconds = |ns: u64| ns as f64 / 1e9;
    let help = "Seconds since the agent's start.";
    text.single(
        "bellwether_uptime_seconds",
        Type::Gauge,
        help,
        agent.uptime_s,
    )?;
    let help = "Work of a wake-up.";
    text.family("bellwether_step_seconds", Type::Summary, help)?;
    text.part("_sum", seconds(agent.step_sum_ns))?;
    text.part("_count", agent.wakeups)?;
    let help = "The longest work of a wake-up.";
    let longest = seconds(agent.step_max_ns);
    text.single(
        "bellwether_step_longest_seconds",
        Type::Gauge,
        help,
        longest,
    )?;
    let help = "Wake-ups that came too late for their second.";
    text.single(
        "bellwether_missed_wakeups_total",
        Type::Counter,
        help,
        agent.missed,
    )?;
    let help = "Duration of the last reading of a source.";
    text.family("bellwether_sensor_read_seconds", Type::Gauge, help)?;
    for (source, &read) in &agent.read_s {
        text.sample(&[("source", source)], read)?;
    }
    let help = "Failed or late readings of a source.";
    text.family("bellwether_sensor_read_failures_total", Type::Counter, help)?;
    for (source, &failures) in &agent.read_failures {
        text.sample(&[("source", source)], failures)?;
    }
    let help = "Resident memory of the agent.";
    text.single(
        "bellwether_resident_bytes",
        Type::Gauge,
        help,
        agent.resident_bytes,
    )?;
    let help = "State of the judgement.";
    text.single(
        "bellwether_state_bytes",
        Type::Gauge,
        help,
        agent.state_bytes,
    )?;
    let help = "Events and records that an output had to drop.";
    text.family("bellwether_dropped_total", Type::Counter, help)?;
    for (output, &dropped) in &agent.dropped {
        text.sample(&[("output", output)], dropped)?;
    }
    let help = "Messages that wait in the queue of an output.";
    text.family("bellwether_waiting", Type::Gauge, help)?;
    for (output, &waiting) in &agent.waiting {
        text.sample(&[("output", output)], waiting)?;
    }
    let help =
        "Messages that an output has sent again, because nobody had confirmed the first time.";
    text.family("bellwether_repeated_total", Type::Counter, help)?;
    for (output, &repeated) in &agent.repeated {
        text.sample(&[("output", output)], repeated)?;
    }
    Ok(())
}

fn labels(channel: &ChannelStatus) -> [(&str, &str); 4] {
    [
        ("channel", &channel.identity),
        ("chip", &channel.chip),
        ("sensor", &channel.sensor),
        ("group", &channel.group),
    ]
}

/// Labels that were seen, by their hash: a page of ten thousand channels keeps no copy of them.
#[derive(Default)]
struct Known {
    hashes: HashSet<u64>,
    text: Vec<u8>,
}

impl Known {
    /// Whether these, as they are written, were not seen before.
    fn is_new(&mut self, labels: Labels) -> bool {
        self.text.clear();
        // Writing into memory does not fail.
        let _ = text::write_labels(&mut self.text, labels);
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        self.hashes.insert(hasher.finish())
    }
}

/// The name of a kind, as in the JSON of events.
pub const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Anomaly => "anomaly",
        Kind::Missing => "missing",
        Kind::Stuck => "stuck",
        Kind::Range => "range",
        Kind::Rate => "rate",
        Kind::Errors => "errors",
        Kind::Peers => "peers",
        Kind::Source => "source",
    }
}

/// The name of a severity, as in the JSON of events.
pub const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

/// The name of a channel's state, as in the JSON of the status.
pub const fn health_name(health: Health) -> &'static str {
    match health {
        Health::Learning => "learning",
        Health::Normal => "normal",
        Health::Anomalous => "anomalous",
        Health::Faulty => "faulty",
        Health::Missing => "missing",
    }
}

#[cfg(test)]
mod shipped;
#[cfg(test)]
mod tests;
