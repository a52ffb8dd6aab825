//! The terminal: drawn, asked for keys, and given back as it was, on a panic too.

use super::draw::draw;
use super::feed::{Feed, News};
use super::keys::{Asked, press};
use super::view::View;
use anyhow::Context as _;
use ratatui::crossterm::event::{self, Event};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// The time between two looks at news and signals.
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
    let shown = keys().and_then(|keys| run(&mut terminal, feed, &keys, &ended));
    if ratatui::try_restore().is_err() {
        // The terminal is gone, and the drop of its handle would complain to it.
        std::mem::forget(terminal);
    }
    shown
}

fn run(
    terminal: &mut ratatui::DefaultTerminal,
    feed: &Feed,
    keys: &Receiver<io::Result<Event>>,
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
        let event = match keys.recv_timeout(TICK) {
            Ok(event) => event?,
            Err(RecvTimeoutError::Timeout) => {
                changed = false;
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        changed = true;
        if let Event::Key(key) = event {
            match press(&mut view, key) {
                Asked::Nothing => {}
                Asked::Quit => return Ok(()),
                Asked::Acknowledge(id) => feed.acknowledge(id),
            }
        }
    }
    Ok(())
}

/// Keys and changes of size, read in a thread of their own: behind a terminal that is gone the library's own wait
/// does not return, and the signal that tells so must still end the program.
fn keys() -> anyhow::Result<Receiver<io::Result<Event>>> {
    let (send, keys) = channel();
    let read = move || {
        loop {
            let event = event::read();
            let failed = event.is_err();
            if send.send(event).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new().name("keys".into()).spawn(read)?;
    Ok(keys)
}
