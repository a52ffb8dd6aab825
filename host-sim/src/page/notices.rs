//! Alarms and complaints as rows of the table of events.

use super::view::{EventView, ticks};
use crate::detect::Profile;
use crate::detect::events::{Ailment, Alarm, Events};
use crate::output::jsonl::name;
use crate::recording::time::Stamps;
use crate::text::number::{counted, pair};
use bellwether::alarm::{Grade, Promise};
use bellwether::health::Symptom;

/// Alarms and complaints in their order.
pub(super) fn rows(events: &Events, profile: &Profile, stamps: Stamps) -> Vec<EventView> {
    let alarms = events.alarms.iter().chain(&events.infos);
    let mut rows: Vec<EventView> = alarms.map(|of| of_alarm(of, profile, stamps)).collect();
    let ailments = events.ailments.iter();
    rows.extend(ailments.map(|of| of_ailment(of, profile, stamps)));
    rows.sort_by_key(|row| row.first);
    rows
}

fn of_alarm(alarm: &Alarm, profile: &Profile, stamps: Stamps) -> EventView {
    let scores = profile.limits.len();
    let plots = alarm.variables.iter().map(|part| scores + part.variable);
    let indices: Vec<String> = plots.chain(0..scores).map(|k| k.to_string()).collect();
    let names = alarm.variables.iter();
    let grade = alarm.grade.name();
    let (severity, threshold) = pair(alarm.peak, alarm.threshold);
    let parts = alarm.variables.iter().map(|part| {
        let (value, expected) = pair(part.value, part.expected);
        let name = name(&profile.names, part.variable);
        format!("{name} {value} where {expected} is usual")
    });
    let parts: Vec<String> = parts.collect();
    let rate = Promise::rate_of(alarm.peak);
    EventView {
        first: alarm.ticks.0,
        last: alarm.ticks.1,
        indices: indices.join(" "),
        when: stamps.show(&alarm.first),
        ticks: ticks(
            alarm.ticks.0,
            alarm.ticks.1,
            stamps,
            &alarm.first,
            &alarm.last,
        ),
        verdict: grade,
        confirmed: counted(alarm.rows, "row"),
        variables: names
            .map(|part| (name(&profile.names, part.variable).to_owned(), grade))
            .collect(),
        why: format!(
            "{}. Severity up to {severity}, alarms begin at {threshold}; healthy data get this far \
             {} per 10,000 rows.",
            parts.join(", "),
            times(rate)
        ),
        sure: alarm.grade > Grade::Info,
    }
}

/// A rate in words: `0.06 times`, `less than 0.01 times`.
fn times(rate: f32) -> String {
    match rate {
        rate if rate < 0.01 => "less than 0.01 times".to_owned(),
        rate if rate < 1.0 => format!("{rate:.2} times"),
        rate if rate < 1.5 => "once".to_owned(),
        rate => format!("{rate:.0} times"),
    }
}

fn of_ailment(of: &Ailment, profile: &Profile, stamps: Stamps) -> EventView {
    let name = name(&profile.names, of.variable).to_owned();
    let (value, before) = pair(of.value, of.before);
    let why = match of.symptom {
        Symptom::Missing => format!("{name} sends no value in most rows."),
        Symptom::Stuck => format!("{name} repeats {value} for longer than is usual."),
        Symptom::Range => format!("{name} {value} is outside of its usual range."),
        _ => format!("{name} went from {before} to {value} in a row, faster than is usual."),
    };
    EventView {
        first: of.ticks.0,
        last: of.ticks.1,
        indices: (profile.limits.len() + of.variable).to_string(),
        when: stamps.show(&of.first),
        ticks: ticks(of.ticks.0, of.ticks.1, stamps, &of.first, &of.last),
        verdict: of.symptom.name(),
        confirmed: String::new(),
        variables: vec![(name, if of.is_grave() { "blind" } else { "odd" })],
        why,
        sure: false,
    }
}
