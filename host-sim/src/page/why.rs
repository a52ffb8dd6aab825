//! Why a row is anomalous, in a sentence.

use crate::detect::{Contribution, LaneRecord, Profile, Record};
use crate::output::jsonl::name;
use crate::text::number::pair;

/// Why the score of a row is above its threshold, and the variables with the largest contributions.
pub(super) fn of_score(record: &Record, profile: &Profile) -> String {
    let about = &record.assessment;
    let (names, units) = (&profile.names, &profile.units);
    let (score, threshold) = pair(
        about.score.unwrap_or(f32::NAN),
        about.threshold.unwrap_or(f32::NAN),
    );
    let part = |part: Contribution| {
        let (value, expected) = pair(part.value, part.expected);
        let unit = match name(units, part.variable) {
            "" => String::new(),
            unit => format!(" {unit}"),
        };
        let (name, error) = (name(names, part.variable), part.error);
        if profile.contributions.adds {
            format!("{name} {value}{unit} adds {error:+.3} against its mean {expected}")
        } else {
            format!("{name} {value}{unit} where {expected} was expected (error {error:+.3})")
        }
    };
    let parts: Vec<String> = record.top().map(part).collect();
    format!(
        "{} {score} > threshold {threshold} at tick {}: {}.",
        record.measure.unwrap_or(""),
        record.tick,
        parts.join(", ")
    )
}

/// The rule of a detector with alarms.
pub(super) const PROMISE: &str = "An alarm begins where the severity reaches its threshold, which follows the \
     promise: the number of false alarms that you accept. The health of sensors is watched beside it.";

/// The variables behind an alarm at a row: those with the largest shares, largest first.
pub(super) fn behind(record: &Record) -> impl Iterator<Item = Contribution> {
    record.top().filter(|part| part.error > 0.0)
}

/// Names with correlations: `a (r = 0.99) and b (r = -0.97)`.
fn listed(partners: &[(usize, f32)], names: &[String]) -> String {
    /// Named before the rest is counted.
    const NAMED: usize = 3;
    let mut said: Vec<String> = partners
        .iter()
        .take(NAMED)
        .map(|(k, r)| format!("{} (r = {r:.3})", name(names, *k)))
        .collect();
    if partners.len() > NAMED {
        said.push(format!("{} more", partners.len() - NAMED));
    }
    match said.pop() {
        Some(last) if said.is_empty() => last,
        Some(last) => format!("{} and {last}", said.join(", ")),
        None => String::new(),
    }
}

/// The reason of a lane's flag, and the answers of the related lanes.
pub(super) fn of_lane(record: &Record, lane: &LaneRecord, names: &[String]) -> String {
    let about = &lane.assessment;
    let (value, expected) = pair(lane.value, about.expected.unwrap_or(f32::NAN));
    let (score, threshold) = pair(
        about.score.unwrap_or(f32::NAN),
        about.threshold.unwrap_or(f32::NAN),
    );
    let what = format!(
        "{} {value} where {expected} was expected (score {score} > threshold {threshold})",
        name(names, lane.variable)
    );
    let partners = record.correlations.iter().filter_map(|c| {
        if c.a == lane.variable {
            Some((c.b, c.r))
        } else {
            (c.b == lane.variable).then_some((c.a, c.r))
        }
    });
    let flagged = |k: usize| record.flagged().any(|lane| lane.variable == k);
    let (with, against): (Vec<_>, Vec<_>) = partners.partition(|(k, _)| flagged(*k));
    let verb = |partners: &[(usize, f32)], one: &str, many: &str| {
        if partners.len() == 1 {
            one.to_owned()
        } else {
            many.to_owned()
        }
    };
    let agree = verb(&with, "agrees", "agree");
    let see = verb(&against, "sees", "see");
    let (with_names, against_names) = (listed(&with, names), listed(&against, names));
    match (with.is_empty(), against.is_empty()) {
        (true, true) => format!("{what}; no variable correlates with it now, so nobody was asked."),
        (false, true) => format!("{what}; {with_names} {agree}."),
        (true, false) => format!("{what}; {against_names} {see} nothing unusual."),
        (false, false) => {
            format!("{what}; {with_names} {agree}, {against_names} {see} nothing unusual.")
        }
    }
}
