//! The drawing of a view: header, groups, channels, events, a line about the chosen channel, keys.

mod channels;
mod events;
mod groups;
mod header;

use super::keys::HELP;
use super::view::View;
use bellwether_agent::event::Severity;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::Line;

/// Rows of groups and of events, at most.
const GROUPS: usize = 6;
const EVENTS: usize = 6;

/// Draws it into whatever size there is. What has no room is left out, the channels last.
pub fn draw(frame: &mut Frame<'_>, view: &View) {
    let height = usize::from(frame.area().height);
    let groups = view.status.groups.len().min(GROUPS).min(height / 5);
    let events = view.events().count().clamp(1, EVENTS).min(height / 4);
    let titled = |rows: usize| if rows == 0 { 0 } else { rows as u16 + 1 };
    let [top, ratio, middle, list, bottom, detail, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(titled(groups)),
        Constraint::Fill(1),
        Constraint::Length(titled(events)),
        Constraint::Length(u16::from(height > 8)),
        Constraint::Length(u16::from(height > 4)),
    ])
    .areas(frame.area());
    header::draw(frame, top, ratio, view);
    groups::draw(frame, middle, view);
    channels::draw(frame, list, view);
    events::draw(frame, bottom, view);
    frame.render_widget(channels::detail(view), detail);
    frame.render_widget(foot(view), keys);
}

fn foot(view: &View) -> Line<'_> {
    if view.editing {
        return Line::from(vec![
            "filter: ".bold(),
            view.filter.as_str().into(),
            "_".into(),
        ]);
    }
    if !view.notice.is_empty() {
        return Line::from(view.notice.as_str()).style(Color::Yellow);
    }
    Line::from(HELP).dark_gray()
}

/// The title of a part of the screen; the one in focus is bright.
fn title(text: String, focus: bool) -> Line<'static> {
    let style = Style::new().bold();
    Line::from(text).style(if focus {
        style.fg(Color::White).underlined()
    } else {
        style.fg(Color::Gray)
    })
}

/// The first of as many rows that has the cursor in view.
fn first(cursor: usize, rows: usize, room: usize) -> usize {
    let furthest = rows.saturating_sub(room);
    cursor.saturating_sub(room / 2).min(furthest)
}

fn colour(severity: Severity) -> Color {
    match severity {
        Severity::Info => Color::Cyan,
        Severity::Warning => Color::Yellow,
        Severity::Critical => Color::Red,
    }
}

#[cfg(test)]
mod tests;
