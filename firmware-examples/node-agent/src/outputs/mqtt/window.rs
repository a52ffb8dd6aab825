//! The window of messages on their way: they are confirmed in any order, and taken off the queues in theirs.

use std::collections::VecDeque;

/// The origin of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The queue of events.
    Events,
    /// The queue of scores.
    Scores,
    /// No queue: the state of the connection.
    Notice,
}

#[derive(Debug)]
struct Slot {
    origin: Origin,
    number: u64,
    identifier: Option<u16>,
    over: bool,
}

/// Messages on their way, oldest first.
#[derive(Debug, Default)]
pub struct Window(VecDeque<Slot>);

impl Window {
    /// Messages in it.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a message that is handed to the client next.
    pub fn add(&mut self, origin: Origin, number: u64) {
        self.0.push_back(Slot {
            origin,
            number,
            identifier: None,
            over: false,
        });
    }

    /// Adds a message that is not to be sent.
    pub fn skip(&mut self, origin: Origin, number: u64) {
        self.add(origin, number);
        if let Some(slot) = self.0.back_mut() {
            slot.over = true;
        }
    }

    /// Notes the identifier under which the oldest one without has left.
    pub fn sent(&mut self, identifier: u16) {
        if let Some(slot) = self.unsent() {
            slot.identifier = Some(identifier);
        }
    }

    /// The oldest message that has not left.
    pub fn stuck(&mut self) -> Option<(Origin, u64)> {
        self.unsent().map(|slot| (slot.origin, slot.number))
    }

    /// Notes that the broker has decided on a message. An unknown identifier changes nothing.
    pub fn over(&mut self, identifier: u16) {
        let known = |slot: &&mut Slot| slot.identifier == Some(identifier) && !slot.over;
        if let Some(slot) = self.0.iter_mut().find(known) {
            slot.over = true;
        }
    }

    /// Takes out the oldest message, if it is decided on.
    pub fn finished(&mut self) -> Option<(Origin, u64)> {
        let over = self.0.front().is_some_and(|slot| slot.over);
        let slot = if over { self.0.pop_front() } else { None };
        slot.map(|slot| (slot.origin, slot.number))
    }

    fn unsent(&mut self) -> Option<&mut Slot> {
        let unsent = |slot: &&mut Slot| slot.identifier.is_none() && !slot.over;
        self.0.iter_mut().find(unsent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a message leaves its queue before an older one was confirmed.
    #[test]
    fn confirmations_in_any_order_take_off_in_order() {
        let mut window = Window::default();
        for number in 0..3 {
            window.add(Origin::Events, number);
            window.sent(10 + number as u16);
        }
        window.over(12);
        window.over(99);
        assert_eq!(window.finished(), None);
        window.over(10);
        assert_eq!(window.finished(), Some((Origin::Events, 0)));
        assert_eq!(window.finished(), None);
        window.over(11);
        assert_eq!(window.finished(), Some((Origin::Events, 1)));
        assert_eq!(window.finished(), Some((Origin::Events, 2)));
        assert_eq!(window.len(), 0);
    }

    /// Broken if a skipped message takes another's identifier or holds up the queue.
    #[test]
    fn a_skipped_message_is_passed_over() {
        let mut window = Window::default();
        window.skip(Origin::Events, 0);
        window.add(Origin::Events, 1);
        assert_eq!(window.stuck(), Some((Origin::Events, 1)));
        window.sent(5);
        assert_eq!(window.stuck(), None);
        assert_eq!(window.finished(), Some((Origin::Events, 0)));
        assert_eq!(window.finished(), None);
    }
}
