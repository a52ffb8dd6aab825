//! Judgement: from the readings of a second to events.

mod context;
mod settings;

pub use context::{Context, Job, PeerValue, Peers};
pub use settings::{GroupRule, Settings, Suppress};

use crate::event::Event;
use crate::status::Status;
use bellwether::Reading;
use bellwether_hal::linux::probe::Channel;
use std::path::Path;

/// The judgement of one node.
pub struct Judge {
    node: String,
    at_ms: u64,
}

impl Judge {
    /// Starts to learn. `folder` keeps the rows for the fits; without it they are in memory.
    ///
    /// # Errors
    /// A setting is out of range, or the folder cannot be written.
    pub fn new(
        node: &str,
        _channels: &[Channel],
        settings: &Settings,
        _folder: Option<&Path>,
    ) -> anyhow::Result<Self> {
        settings.check()?;
        Ok(Self {
            node: node.to_owned(),
            at_ms: 0,
        })
    }

    /// Takes a sample, a reading per channel, and appends what is to be told. True when a frame was judged.
    pub fn take(
        &mut self,
        at_ms: u64,
        _readings: &[Reading],
        _context: &Context,
        _told: &mut Vec<Event>,
    ) -> bool {
        self.at_ms = at_ms;
        false
    }

    /// Fills in the state: everything but the agent's own cost, of which only the bytes of state.
    pub fn status(&self, status: &mut Status) {
        status.node.clone_from(&self.node);
        status.at_ms = self.at_ms;
    }

    /// The learned state as bytes.
    pub fn save(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Takes over a saved state, channel by channel and group by group; answers in one line what was taken over.
    ///
    /// # Errors
    /// The bytes are damaged. Nothing has changed.
    pub fn restore(&mut self, _bytes: &[u8]) -> anyhow::Result<String> {
        Ok(String::new())
    }

    /// Tells nothing until a time, in milliseconds since 1970; `None` ends the silence.
    pub fn silence(&mut self, _until_ms: Option<u64>) {}

    /// Someone has seen an event: only its clear is told from now on. False if no such event is on.
    pub fn acknowledge(&mut self, _id: u64) -> bool {
        false
    }

    /// The present state of a group is normal from now on. False if there is no such group.
    pub fn accept(&mut self, _group: &str) -> bool {
        false
    }

    /// The values of the last frame in deviations of their own learned mean, a number per channel, for peers; NaN
    /// where nothing is known.
    pub fn scaled(&self) -> Vec<f32> {
        Vec::new()
    }
}
