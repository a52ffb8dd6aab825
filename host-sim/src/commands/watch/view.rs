//! The state of the screen: what was seen last, and what the user asked to see.

use super::history::History;
use bellwether_agent::event::{Event, Phase};
use bellwether_agent::status::{ChannelStatus, Status};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Events that are over and still listed.
const PAST: usize = 50;

/// The order of the channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The most surprising first.
    #[default]
    Surprise,
    /// By identity.
    Name,
    /// By group, within it by surprise.
    Group,
}

impl Sort {
    /// The order after this one.
    pub fn next(self) -> Self {
        match self {
            Self::Surprise => Self::Name,
            Self::Name => Self::Group,
            Self::Group => Self::Surprise,
        }
    }

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Surprise => "surprise",
            Self::Name => "name",
            Self::Group => "group",
        }
    }
}

/// The list that arrows move in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The channels.
    #[default]
    Channels,
    /// The events.
    Events,
}

/// Everything that a drawing needs.
#[derive(Default)]
pub struct View {
    /// The last state.
    pub status: Status,
    /// The values before it.
    pub history: History,
    /// Events that are over, newest first.
    pub past: VecDeque<Event>,
    /// Sentences of the events that are on: the clear tells of its own only.
    sentences: BTreeMap<u64, String>,
    /// Events that the user has acknowledged.
    pub acknowledged: BTreeSet<u64>,
    /// The order of the channels.
    pub sort: Sort,
    /// A part of the identity, group or unit of all channels shown.
    pub filter: String,
    /// Whether keys go into the filter.
    pub editing: bool,
    /// Whether the screen stands still.
    pub paused: bool,
    /// The list that arrows move in.
    pub focus: Focus,
    /// The chosen rows of channels and events.
    pub chosen: [usize; 2],
    /// Rows of channels on the screen, as drawn last.
    pub page: Cell<usize>,
    /// A line for the user: the recording's end, an error.
    pub notice: String,
}

impl View {
    /// Takes a state and the events since the last one. Events count while the screen stands still.
    pub fn take(&mut self, status: Status, told: Vec<Event>) {
        for mut event in told {
            if event.phase != Phase::Clear {
                self.sentences.insert(event.id, event.message);
                continue;
            }
            self.acknowledged.remove(&event.id);
            if let Some(sentence) = self.sentences.remove(&event.id) {
                event.message = format!("{sentence}. {}", event.message);
            }
            self.past.push_front(event);
            self.past.truncate(PAST);
        }
        if !self.paused {
            self.history.take(&status.channels);
            self.status = status;
        }
        self.stay();
    }

    /// The channels that the filter lets through, in order, as places in the status.
    pub fn rows(&self) -> Vec<usize> {
        let wanted = self.filter.to_lowercase();
        let suits = |channel: &ChannelStatus| {
            let parts = [&channel.identity, &channel.group, &channel.sensor];
            parts
                .iter()
                .any(|part| part.to_lowercase().contains(&wanted))
        };
        let channels = &self.status.channels;
        let mut rows: Vec<usize> = (0..channels.len())
            .filter(|row| wanted.is_empty() || channels.get(*row).is_some_and(suits))
            .collect();
        let key = |row: &usize| channels.get(*row);
        match self.sort {
            Sort::Surprise => rows.sort_by(|a, b| surprise(key(b)).total_cmp(&surprise(key(a)))),
            Sort::Name => rows.sort_by_key(|row| key(row).map(|channel| &channel.identity)),
            Sort::Group => rows.sort_by(|a, b| {
                let group = |row| key(row).map(|channel| &channel.group);
                let by_surprise = surprise(key(b)).total_cmp(&surprise(key(a)));
                group(a).cmp(&group(b)).then(by_surprise)
            }),
        }
        rows
    }

    /// Events: those that are on, newest first, then those that are over.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.status.active.iter().rev().chain(&self.past)
    }

    /// The event that the user means: the chosen one, or in the list of channels the newest that nobody has
    /// acknowledged.
    pub fn meant(&self) -> Option<&Event> {
        match self.focus {
            Focus::Events => self.events().nth(self.chosen[1]),
            Focus::Channels => {
                let mut on = self.status.active.iter().rev();
                on.find(|event| !self.acknowledged.contains(&event.id))
            }
        }
    }

    /// The channel at the cursor, as a place in the status.
    pub fn channel(&self) -> Option<usize> {
        self.rows().get(self.chosen[0]).copied()
    }

    /// Moves the cursor of the list in focus.
    pub fn step(&mut self, by: isize) {
        let place = &mut self.chosen[self.focus as usize];
        *place = place.saturating_add_signed(by);
        self.stay();
    }

    /// Keeps both cursors within their lists.
    pub fn stay(&mut self) {
        let lengths = [self.rows().len(), self.events().count()];
        for (place, length) in self.chosen.iter_mut().zip(lengths) {
            *place = (*place).min(length.saturating_sub(1));
        }
    }
}

/// The surprise of a channel; what cannot be compared is at the end.
fn surprise(channel: Option<&ChannelStatus>) -> f32 {
    let surprise = channel.map_or(f32::NEG_INFINITY, |channel| channel.surprise);
    if surprise.is_nan() {
        f32::NEG_INFINITY
    } else {
        surprise
    }
}
