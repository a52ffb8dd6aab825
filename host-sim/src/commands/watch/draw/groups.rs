//! The groups: score against threshold.

use super::{GROUPS, title};
use crate::commands::watch::figure::{tail, value};
use crate::commands::watch::view::View;
use crate::text::number::counted;
use bellwether_agent::status::GroupStatus;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Text};

/// Characters of the bar up to the threshold; it goes on for as many behind it.
const BAR: usize = 10;

/// Draws as many as there is room for, alarms and high scores first.
pub fn draw(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let room = usize::from(area.height.saturating_sub(1)).min(GROUPS);
    let mut groups: Vec<&GroupStatus> = view.status.groups.iter().collect();
    groups.sort_by(|a, b| {
        let alarmed = b.alarmed.cmp(&a.alarmed);
        alarmed.then(part(b).total_cmp(&part(a)))
    });
    let hidden = groups.len().saturating_sub(room);
    let more = if hidden > 0 {
        format!(", {hidden} more")
    } else {
        String::new()
    };
    let mut lines = vec![title(
        format!("groups{more}: score against threshold"),
        false,
    )];
    lines.extend(groups.into_iter().take(room).map(line));
    frame.render_widget(Text::from(lines), area);
}

/// The score in thresholds; 0 where nothing is judged.
fn part(group: &GroupStatus) -> f32 {
    match (group.score, group.threshold) {
        (Some(score), Some(threshold)) if threshold > 0.0 && score.is_finite() => score / threshold,
        _ => 0.0,
    }
}

fn line(group: &GroupStatus) -> Line<'static> {
    let name = format!(
        "{:14} {:4} variables  ",
        tail(&group.name, 14),
        group.variables
    );
    if group.warming > 0 {
        let text = format!("learning, {} to go", counted(group.warming.into(), "frame"));
        return Line::from(vec![name.into(), text.cyan()]);
    }
    let filled = (part(group) * BAR as f32).clamp(0.0, 2.0 * BAR as f32) as usize;
    let above = filled > BAR;
    let colour = match (group.alarmed, above) {
        (true, _) => Color::Red,
        (false, true) => Color::Yellow,
        (false, false) => Color::Green,
    };
    let below = "━".repeat(filled.min(BAR)) + &"─".repeat(BAR.saturating_sub(filled));
    let beyond = "━".repeat(filled.saturating_sub(BAR));
    let figures = format!(" {:>8} /{:>8}", value(group.score), value(group.threshold));
    Line::from(vec![
        name.into(),
        below.fg(colour),
        "│".into(),
        format!("{beyond:BAR$}").fg(colour),
        figures.into(),
        if group.alarmed {
            "  ALARM".red().bold()
        } else {
            "".into()
        },
    ])
}
