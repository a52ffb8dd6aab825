//! The channels: value, usual range, sparkline, surprise.

use super::{first, title};
use crate::commands::watch::figure::{clean, tail, value};
use crate::commands::watch::spark;
use crate::commands::watch::view::{Focus, View};
use bellwether_agent::status::{ChannelStatus, Health};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span, Text};

/// Columns beside name and sparkline: mark, value with unit, range, surprise.
const FIXED: usize = 1 + 14 + 18 + 9;
/// The narrowest name and sparkline.
const NAME: usize = 16;
const SPARK: usize = 8;

/// Draws the rows around the cursor.
pub fn draw(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let room = usize::from(area.height.saturating_sub(1));
    view.page.set(room);
    let rows = view.rows();
    let width = usize::from(area.width);
    let spark = if width >= FIXED + NAME + SPARK {
        ((width - FIXED) / 3).clamp(SPARK, super::super::history::KEPT)
    } else {
        0
    };
    let name = width.saturating_sub(FIXED + spark).max(NAME);
    let total = view.status.channels.len();
    let shown = if view.filter.is_empty() {
        format!("{total} channels")
    } else {
        format!("{}/{total} \"{}\"", rows.len(), clean(&view.filter))
    };
    let head = format!("{shown} by {}", view.sort.name());
    let head = format!(
        "{head:cut$.cut$}{:>14}{:>17} {:>spark$}{:>9}",
        "value",
        "usual",
        if spark > 0 { "last" } else { "" },
        "surprise",
        cut = name + 1,
    );
    let mut lines = vec![title(head, view.focus == Focus::Channels)];
    let from = first(view.chosen[0], rows.len(), room);
    for (row, at) in rows.iter().enumerate().skip(from).take(room) {
        let Some(channel) = view.status.channels.get(*at) else {
            continue;
        };
        let values = view.history.last(*at, spark);
        let line = line(channel, &values, name, spark);
        let chosen = row == view.chosen[0] && view.focus == Focus::Channels;
        lines.push(if chosen { line.reversed() } else { line });
    }
    frame.render_widget(Text::from(lines), area);
}

fn line(
    channel: &ChannelStatus,
    values: &[Option<f32>],
    name: usize,
    spark: usize,
) -> Line<'static> {
    let (mark, style) = look(channel.health);
    let unit = clean(channel.unit);
    let usual = channel.usual.map_or_else(String::new, |(low, high)| {
        format!("{}…{}", value(Some(low)), value(Some(high)))
    });
    let surprise = channel.surprise;
    let mut spans = vec![
        Span::styled(mark, style),
        Span::styled(format!("{:name$}", tail(&channel.identity, name)), style),
        Span::styled(
            format!("{:>9} {unit:<4.4}", value(channel.value)),
            style.bold(),
        ),
        format!("{usual:>17} ").into(),
    ];
    if spark > 0 {
        spans.extend(spark::spans(values, channel.usual, spark));
    }
    let text = if surprise > 0.0 {
        value(Some(surprise))
    } else {
        String::new()
    };
    spans.push(Span::styled(format!("{text:>9}"), style));
    Line::from(spans)
}

fn look(health: Health) -> (&'static str, Style) {
    let (mark, colour) = match health {
        Health::Learning => ("?", Color::Cyan),
        Health::Normal => (" ", Color::Reset),
        Health::Anomalous => ("!", Color::Red),
        Health::Faulty => ("x", Color::Magenta),
        Health::Missing => ("-", Color::Yellow),
    };
    (mark, Style::new().fg(colour))
}

/// A line about the channel at the cursor, or about the event.
pub fn detail(view: &View) -> Line<'static> {
    if view.focus == Focus::Events {
        let event = view.meant();
        let names = event.map_or_else(String::new, |event| {
            let all = event.variables.iter().map(|blamed| {
                let expected = value(blamed.expected);
                format!(
                    "{} {} ({expected} expected)",
                    clean(&blamed.channel),
                    value(blamed.value)
                )
            });
            all.collect::<Vec<_>>().join(", ")
        });
        return Line::from(names).dark_gray();
    }
    let channel = view.channel().and_then(|at| view.status.channels.get(at));
    let Some(channel) = channel else {
        return Line::default();
    };
    let mut text = format!(
        "{}: group {}",
        clean(&channel.identity),
        clean(&channel.group)
    );
    for (word, of) in [("chip", &channel.chip), ("sensor", &channel.sensor)] {
        if !of.is_empty() && *of != channel.identity {
            text += &format!(", {word} {}", clean(of));
        }
    }
    if let Some(expected) = channel.expected {
        let shown = format!("{} {}", value(Some(expected)), clean(channel.unit));
        text += &format!(", expected {}", shown.trim_end());
    }
    Line::from(text).dark_gray()
}
