//! Alarms and complaints as rows of the table of events.

use super::evidence::{Scene, drawn};
use super::reel::Reel;
use super::view::{EventView, ticks};
use crate::detect::events::{Ailment, Alarm, Events};
use crate::detect::{NAMED, Profile, finding};
use crate::output::jsonl::name;
use crate::recording::time::Stamps;
use crate::text::number::{counted, pair};
use bellwether::alarm::{Grade, Promise};
use bellwether::health::Symptom;
use bellwether::kind::Kind;

/// Alarms and complaints in their order.
pub(super) fn rows(
    events: &Events,
    (profile, reel): (&Profile, &Reel),
    stamps: Stamps,
) -> Vec<EventView> {
    let of_alarm = |of| of_alarm(of, (profile, reel), stamps);
    let alarms = events.alarms.iter().chain(&events.infos);
    let mut rows: Vec<EventView> = alarms.map(of_alarm).collect();
    let same = |a: &Ailment, b: &Ailment| a.symptom == b.symptom && a.ticks.0 == b.ticks.0;
    let mut ailments = events.ailments.clone();
    ailments.sort_by_key(|of| (of.ticks.0, of.symptom, of.variable));
    let groups = ailments.chunk_by(same);
    rows.extend(groups.filter_map(|group| of_ailments(group, (profile, reel), stamps)));
    rows.sort_by_key(|row| row.first);
    rows
}

/// Whether an alarm, an event below one or a dead sensor begins in a row; whether it is an alarm.
pub(super) fn begins(events: &Events, tick: u64) -> Option<bool> {
    let is_new = |of: &Alarm| of.ticks.0 == tick;
    if events.alarms.last().is_some_and(is_new) {
        return Some(true);
    }
    let mut newest = events.ailments.iter().rev();
    let ill = newest.find(|of| of.is_grave() || of.ticks.0 != tick);
    let any = events.infos.last().is_some_and(is_new) || ill.is_some_and(|of| of.ticks.0 == tick);
    any.then_some(false)
}

/// The variables that are drawn of what began in a row.
pub(super) fn blamed(events: &Events, onset: u64) -> Vec<usize> {
    let alarms = events.alarms.iter().rev().chain(events.infos.iter().rev());
    let alarm = alarms.into_iter().find(|of| of.ticks.0 == onset);
    let grave = events.ailments.iter();
    let grave = grave.filter(|of| of.ticks.0 == onset && of.is_grave());
    let grave = grave.take(NAMED).map(|of| of.variable);
    alarm
        .map_or_else(Vec::new, of_an_alarm)
        .into_iter()
        .chain(grave)
        .collect()
}

/// Of an alarm: that of its kind, then those with the largest shares.
fn of_an_alarm(alarm: &Alarm) -> Vec<usize> {
    let kind = alarm.finding.iter().map(|of| of.variable.into());
    kind.chain(alarm.variables.iter().map(|part| part.variable))
        .collect()
}

fn of_alarm(alarm: &Alarm, (profile, reel): (&Profile, &Reel), stamps: Stamps) -> EventView {
    let scores = profile.limits.len();
    let plots = alarm.variables.iter().map(|part| scores + part.variable);
    let plots: Vec<usize> = plots.chain(0..scores).collect();
    let scene = Scene::of(alarm.ticks, alarm.finding.as_ref());
    let names = alarm.variables.iter();
    let grade = alarm.grade.name();
    let (severity, threshold) = pair(alarm.peak, alarm.threshold);
    let parts = alarm.variables.iter().map(|part| {
        let (value, expected) = pair(part.value, part.expected);
        let name = name(&profile.names, part.variable);
        format!("{name} {value} where {expected} is usual")
    });
    let parts: Vec<String> = parts.collect();
    let kind = alarm.finding.as_ref().map_or(String::new(), |of| {
        let said = finding::said(of, &profile.names);
        let mut letters = said.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        let said: String = first.into_iter().chain(letters).collect();
        format!("{said} ({}). ", finding::evidence(of))
    });
    let rate = Promise::rate_of(alarm.peak);
    EventView {
        first: alarm.ticks.0,
        last: alarm.ticks.1,
        plots,
        evidence: drawn(reel, &of_an_alarm(alarm), scene, &profile.names),
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
            "{kind}{}. Severity up to {severity}, alarms begin at {threshold}; healthy data get this far \
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

/// Sensors that fell ill in one row, with one symptom; `None` of none.
fn of_ailments(
    group: &[Ailment],
    (profile, reel): (&Profile, &Reel),
    stamps: Stamps,
) -> Option<EventView> {
    let longest = group.iter().max_by_key(|of| of.ticks.1)?;
    let name = |of: &Ailment| name(&profile.names, of.variable).to_owned();
    let one = |of: &Ailment| {
        let (name, (value, before)) = (name(of), pair(of.value, of.before));
        match of.symptom {
            Symptom::Missing => name,
            Symptom::Stuck | Symptom::Range => format!("{name} {value}"),
            _ => format!("{name} from {before} to {value}"),
        }
    };
    let all: Vec<String> = group.iter().map(one).collect();
    let said = match longest.symptom {
        Symptom::Missing => "No value in most rows",
        Symptom::Stuck => "Repeats one value for longer than is usual",
        Symptom::Range => "Outside of the usual range",
        _ => "Changed faster in a row than is usual",
    };
    let scores = profile.limits.len();
    let plots = group.iter().map(|of| scores + of.variable);
    let blamed: Vec<usize> = group.iter().take(NAMED).map(|of| of.variable).collect();
    let scene = Scene {
        ticks: longest.ticks,
        kind: match longest.symptom {
            Symptom::Missing => Some((Kind::Missing, None)),
            Symptom::Stuck => Some((Kind::Stuck, None)),
            _ => None,
        },
    };
    let ((first, last), class) = (
        longest.ticks,
        if longest.is_grave() { "blind" } else { "odd" },
    );
    Some(EventView {
        first,
        last,
        plots: plots.collect(),
        evidence: drawn(reel, &blamed, scene, &profile.names),
        when: stamps.show(&longest.first),
        ticks: ticks(first, last, stamps, &longest.first, &longest.last),
        verdict: longest.symptom.name(),
        confirmed: String::new(),
        variables: group.iter().map(|of| (name(of), class)).collect(),
        why: format!("{said}: {}.", all.join(", ")),
        sure: false,
    })
}
