//! The first two lines: the node, its job, and the node anomaly ratio.

use crate::commands::watch::figure::clean;
use crate::commands::watch::view::View;
use crate::recording::time::clock;
use crate::text::number::counted;
use bellwether_agent::status::Health;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::LineGauge;

/// Draws them.
pub fn draw(frame: &mut Frame<'_>, top: Rect, ratio: Rect, view: &View) {
    frame.render_widget(first(view), top);
    let [gauge, counts] =
        Layout::horizontal([Constraint::Fill(2), Constraint::Fill(3)]).areas(ratio);
    let share = f64::from(view.status.anomaly_ratio);
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let colour = match share {
        0.0 => Color::Green,
        ..0.1 => Color::Yellow,
        _ => Color::Red,
    };
    let gauge_of = LineGauge::default()
        .ratio(share)
        .label(format!("anomaly ratio {:3.0} %", 100.0 * share))
        .filled_style(colour)
        .unfilled_style(Color::DarkGray);
    frame.render_widget(gauge_of, gauge);
    frame.render_widget(numbers(view), counts);
}

fn first(view: &View) -> Line<'static> {
    let status = &view.status;
    let seconds = i64::try_from(status.at_ms / 1000).unwrap_or(0);
    let mut spans = vec![
        clean(&status.node).bold(),
        format!("  {}:{:02} UTC", clock(seconds), seconds % 60).into(),
    ];
    spans.push(match &status.job {
        Some(job) => format!("  job {}", clean(job)).cyan(),
        None => "  no job".dark_gray(),
    });
    let warming = status.groups.iter().map(|group| group.warming).max();
    if let Some(frames @ 1..) = warming {
        spans.push(format!("  learning, {} to go", counted(frames.into(), "frame")).yellow());
    }
    for (on, word) in [
        (status.silenced, "  silenced"),
        (status.paused, "  learning paused"),
        (view.paused, "  SCREEN PAUSED"),
    ] {
        if on {
            spans.push(word.yellow().bold());
        }
    }
    Line::from(spans)
}

/// Channels by their state.
fn numbers(view: &View) -> Line<'static> {
    let channels = &view.status.channels;
    let mut spans = vec![Span::raw(format!("  {} channels", channels.len()))];
    for (health, word, colour) in [
        (Health::Learning, "learning", Color::Cyan),
        (Health::Anomalous, "anomalous", Color::Red),
        (Health::Faulty, "faulty", Color::Magenta),
        (Health::Missing, "missing", Color::Yellow),
    ] {
        let count = channels
            .iter()
            .filter(|channel| channel.health == health)
            .count();
        if count > 0 {
            spans.push(format!(", {count} {word}").fg(colour));
        }
    }
    Line::from(spans)
}
