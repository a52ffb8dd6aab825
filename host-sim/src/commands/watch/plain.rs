//! The state as text, for a terminal that is none, for a mail or a ticket.

use super::figure::{age, clean, value};
use super::view::View;
use crate::text::number::counted;
use std::io::Write;

/// Writes everything: node, groups, channels by surprise, events.
///
/// # Errors
/// It cannot be written.
pub fn write(out: &mut impl Write, view: &View) -> std::io::Result<()> {
    let status = &view.status;
    let job = status
        .job
        .as_deref()
        .map_or_else(|| "no job".to_owned(), |job| format!("job {}", clean(job)));
    let percent = 100.0 * status.anomaly_ratio;
    writeln!(
        out,
        "{}: {job}, anomaly ratio {percent:.0} %",
        clean(&status.node)
    )?;
    for group in &status.groups {
        let (name, score, threshold) = (
            clean(&group.name),
            value(group.score),
            value(group.threshold),
        );
        let state = match (group.warming, group.alarmed) {
            (frames @ 1.., _) => format!("learning, {} to go", counted(frames.into(), "frame")),
            (0, alarmed) => format!(
                "score {score}, threshold {threshold}{}",
                if alarmed { ", ALARM" } else { "" }
            ),
        };
        writeln!(out, "group {name}: {} variables, {state}", group.variables)?;
    }
    for channel in view.rows().iter().filter_map(|at| status.channels.get(*at)) {
        let usual = channel.usual.map_or_else(String::new, |(low, high)| {
            format!(", usual {} to {}", value(Some(low)), value(Some(high)))
        });
        let health = format!("{:?}", channel.health).to_lowercase();
        let (name, now) = (clean(&channel.identity), value(channel.value));
        let gap = if channel.unit.is_empty() { "" } else { " " };
        writeln!(
            out,
            "{name}: {now}{gap}{}{usual}, {health}",
            clean(channel.unit)
        )?;
    }
    for event in view.events() {
        let since = age(status.at_ms.saturating_sub(event.since_ms) / 1000);
        writeln!(
            out,
            "event {}, {since} ago: {}",
            event.id,
            clean(&event.message)
        )?;
    }
    Ok(())
}
