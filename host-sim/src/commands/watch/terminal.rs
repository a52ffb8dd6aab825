//! The terminal: drawn, asked for keys, and given back as it was, on a panic too.

use super::draw::draw;
use super::feed::{Feed, News};
use super::keys::{Asked, press};
use super::view::View;
use anyhow::Context as _;
use ratatui::crossterm::event::{self, Event};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The time between two looks at keys and news.
const TICK: Duration = Duration::from_millis(50);

/// Shows a feed until a key or a signal ends it.
///
/// # Errors
/// There is no terminal, or the feed fails.
pub fn show(feed: &Feed) -> anyhow::Result<()> {
    let ended = Arc::new(AtomicBool::new(false));
    let signal = Arc::clone(&ended);
    ctrlc::set_handler(move || signal.store(true, Ordering::Relaxed))?;
    // With a hook that gives the terminal back before a panic is told.
    let mut terminal =
        ratatui::try_init().context("no terminal; with --once the state is printed as text")?;
    let shown = run(&mut terminal, feed, &ended);
    ratatui::restore();
    shown
}

fn run(
    terminal: &mut ratatui::DefaultTerminal,
    feed: &Feed,
    ended: &AtomicBool,
) -> anyhow::Result<()> {
    let (mut view, mut changed) = (View::default(), true);
    while !ended.load(Ordering::Relaxed) {
        while let Some(news) = feed.news() {
            changed = true;
            match news {
                News::Seen(status, told) => view.take(*status, told),
                News::Acknowledged(id, true) => {
                    view.acknowledged.insert(id);
                }
                News::Acknowledged(id, false) => view.notice = format!("event {id} is not on"),
                News::Ended(Ok(said)) => view.notice = said,
                News::Ended(Err(error)) => return Err(error),
            }
        }
        if changed {
            terminal.draw(|frame| draw(frame, &view))?;
        }
        changed = event::poll(TICK)?;
        if changed && let Event::Key(key) = event::read()? {
            match press(&mut view, key) {
                Asked::Nothing => {}
                Asked::Quit => return Ok(()),
                Asked::Acknowledge(id) => feed.acknowledge(id),
            }
        }
    }
    Ok(())
}
