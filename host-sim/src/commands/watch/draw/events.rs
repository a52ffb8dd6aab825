//! The events: those that are on, then those that are over.

use super::{colour, first, title};
use crate::commands::watch::figure::{age, clean};
use crate::commands::watch::view::{Focus, View};
use bellwether_agent::event::{Event, Phase};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize;
use ratatui::text::{Line, Text};

/// Draws the rows around the cursor.
pub fn draw(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let room = usize::from(area.height.saturating_sub(1));
    let (on, past) = (view.status.active.len(), view.past.len());
    let head = format!("events: {on} on, {past} over");
    let mut lines = vec![title(head, view.focus == Focus::Events)];
    let from = first(view.chosen[1], on + past, room);
    for (row, event) in view.events().enumerate().skip(from).take(room) {
        let line = line(event, view);
        let chosen = row == view.chosen[1] && view.focus == Focus::Events;
        lines.push(if chosen { line.reversed() } else { line });
    }
    if on + past == 0 {
        lines.push("nothing was found".dark_gray().into());
    }
    frame.render_widget(Text::from(lines), area);
}

fn line(event: &Event, view: &View) -> Line<'static> {
    let over = event.phase == Phase::Clear;
    let since = age(view.status.at_ms.saturating_sub(event.since_ms) / 1000);
    let mark = match (over, view.acknowledged.contains(&event.id)) {
        (true, _) => "over",
        (false, true) => "seen",
        (false, false) => "  on",
    };
    let message = clean(&event.message);
    let colour = colour(event.severity);
    let line = Line::from(vec![
        format!("{since:>6} ago {mark} ").into(),
        if over {
            message.dark_gray()
        } else {
            message.fg(colour)
        },
    ]);
    if over { line.dark_gray() } else { line }
}
