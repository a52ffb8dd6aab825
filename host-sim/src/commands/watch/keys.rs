//! Keys, and what they change.

use super::view::{Focus, View};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The line of help.
pub const HELP: &str =
    "q quit  ↑↓ PgUp PgDn move  Tab list  / filter  s sort  p pause  a acknowledge";
/// Characters in a filter, at most.
const LONGEST: usize = 64;

/// What a key asks of the program, beyond the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    Nothing,
    /// The end.
    Quit,
    /// The acknowledgement of an event.
    Acknowledge(u64),
}

/// Takes a key.
pub fn press(view: &mut View, key: KeyEvent) -> Asked {
    if key.kind == KeyEventKind::Release {
        return Asked::Nothing;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if control && matches!(key.code, KeyCode::Char('c' | 'd')) {
        return Asked::Quit;
    }
    if view.editing {
        edit(view, key.code);
        return Asked::Nothing;
    }
    let page = isize::try_from(view.page.get().max(1)).unwrap_or(1);
    match key.code {
        KeyCode::Char('q') => return Asked::Quit,
        KeyCode::Esc => view.filter.clear(),
        KeyCode::Char('/') => {
            view.editing = true;
            view.focus = Focus::Channels;
        }
        KeyCode::Char('s') => view.sort = view.sort.next(),
        KeyCode::Char('p' | ' ') => view.paused = !view.paused,
        KeyCode::Char('a') => {
            let meant = view.meant().map(|event| event.id);
            return meant.map_or(Asked::Nothing, Asked::Acknowledge);
        }
        KeyCode::Tab | KeyCode::BackTab => {
            view.focus = match view.focus {
                Focus::Channels => Focus::Events,
                Focus::Events => Focus::Channels,
            }
        }
        KeyCode::Up | KeyCode::Char('k') => view.step(-1),
        KeyCode::Down | KeyCode::Char('j') => view.step(1),
        KeyCode::PageUp => view.step(-page),
        KeyCode::PageDown => view.step(page),
        KeyCode::Home => view.step(isize::MIN),
        KeyCode::End => view.step(isize::MAX),
        _ => {}
    }
    view.stay();
    Asked::Nothing
}

/// A key of the filter's line.
fn edit(view: &mut View, code: KeyCode) {
    match code {
        KeyCode::Enter => view.editing = false,
        KeyCode::Esc => {
            view.editing = false;
            view.filter.clear();
        }
        KeyCode::Backspace => {
            view.filter.pop();
        }
        KeyCode::Char(c) if view.filter.chars().count() < LONGEST => view.filter.push(c),
        _ => {}
    }
    view.chosen[0] = 0;
    view.stay();
}
