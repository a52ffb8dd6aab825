//! The last values of every channel, for sparklines.

use bellwether_agent::status::ChannelStatus;
use std::collections::VecDeque;

/// Values that are kept of each channel.
pub const KEPT: usize = 64;

/// A ring for each channel.
#[derive(Default)]
pub struct History(Vec<VecDeque<Option<f32>>>);

impl History {
    /// Takes the present values. Another number of channels is another machine: everything is forgotten.
    pub fn take(&mut self, channels: &[ChannelStatus]) {
        if self.0.len() != channels.len() {
            self.0 = vec![VecDeque::with_capacity(KEPT); channels.len()];
        }
        for (ring, channel) in self.0.iter_mut().zip(channels) {
            if ring.len() == KEPT {
                ring.pop_front();
            }
            ring.push_back(channel.value.filter(|value| value.is_finite()));
        }
    }

    /// The last values of a channel, at most as many, oldest first.
    pub fn last(&self, channel: usize, most: usize) -> Vec<Option<f32>> {
        let ring = self.0.get(channel);
        ring.map_or_else(Vec::new, |ring| {
            ring.iter()
                .skip(ring.len().saturating_sub(most))
                .copied()
                .collect()
        })
    }
}
