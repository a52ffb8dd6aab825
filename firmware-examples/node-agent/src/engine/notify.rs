//! Words with systemd: ready, reloading, alive, and a line about the state. Without systemd they go nowhere.

use sd_notify::NotifyState;
use std::time::{Duration, Instant};

/// The watchdog and the last sign of life.
#[derive(Debug)]
pub struct Notify {
    every: Option<Duration>,
    last: Instant,
}

impl Notify {
    /// Asks for the watchdog's time.
    pub fn new(now: Instant) -> Self {
        // A third of its time: one sign that is late kills nobody.
        let every = sd_notify::watchdog_enabled().map(|time| time / 3);
        Self { every, last: now }
    }

    /// The longest sleep between two signs of life.
    pub fn at_latest(&self) -> Option<Instant> {
        Some(self.last + self.every?)
    }

    /// A sign of life, if one is due.
    pub fn alive(&mut self, now: Instant) {
        if self.at_latest().is_some_and(|due| now >= due) {
            self.last = now;
            say(&[NotifyState::Watchdog]);
        }
    }

    /// The configuration is in force.
    pub fn ready(line: &str) {
        say(&[NotifyState::Ready, NotifyState::Status(line)]);
    }

    /// A line about the state.
    pub fn status(line: &str) {
        say(&[NotifyState::Status(line)]);
    }

    /// The configuration is being read again.
    pub fn reloading() {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => say(&[NotifyState::Reloading, now]),
            Err(_) => say(&[NotifyState::Reloading]),
        }
    }

    /// The daemon ends.
    pub fn stopping() {
        say(&[NotifyState::Stopping]);
    }
}

fn say(words: &[NotifyState<'_>]) {
    // A manager that does not listen is no reason to stop.
    let _ = sd_notify::notify(words);
}
