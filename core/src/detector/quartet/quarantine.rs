//! Candidates for the memories wait before they are learned: what an event brings is not normal while
//! the event lasts.
//!
//! ```text
//! slots   Q + 1, a short and a long vector each: Q that wait, and the one that is learned from
//! ```

use super::Shape;
use super::learning::Task;
use super::memory::Memory;
use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// Which slots are in use, and what is being learned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Quarantine {
    task: Task,
    /// Rows since the last candidate was due.
    row: u16,
    waiting: u8,
    /// The slot of the next candidate.
    next: u8,
}

impl Quarantine {
    pub(super) const fn new() -> Self {
        Self {
            task: Task::new(),
            row: 0,
            waiting: 0,
            next: 0,
        }
    }

    /// Takes the windows of a row that was judged. Every `every`-th is a candidate; the oldest one of a
    /// full quarantine is learned, by at most `budget` distances per row.
    pub(super) fn take(
        &mut self,
        shape: Shape,
        (every, budget): (u16, u32),
        slots: &mut [i8],
        memories: &mut [Memory<'_>; 2],
        now: [&[i8]; 2],
    ) {
        let [short, long] = now;
        let each = short.len() + long.len();
        if self.row == 0 && self.task.is_idle() {
            let following = match usize::from(self.next) + 1 {
                next if next < shape.slots() => next as u8,
                _ => 0,
            };
            if u16::from(self.waiting) == shape.candidates {
                // Of Q + 1 slots in a circle, the one after the free one is the oldest.
                self.task.begin(following, &memories[0]);
            } else {
                self.waiting += 1;
            }
            let slot = slots.iter_mut().skip(usize::from(self.next) * each);
            let now = short.iter().chain(long);
            slot.zip(now).for_each(|(to, from)| *to = *from);
            self.next = following;
        }
        if !self.task.is_idle() {
            let at = usize::from(self.task.slot) * each;
            let candidate = slots.get(at..).unwrap_or_default();
            let (of_short, rest) = candidate.split_at_checked(short.len()).unwrap_or_default();
            let of_long = rest.get(..long.len()).unwrap_or_default();
            self.task.work(memories, [of_short, of_long], budget);
        }
        self.row += 1;
        if self.row >= every {
            self.row = 0;
        }
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.row, self.waiting, self.next));
        self.task.save(body);
    }

    /// Reads one of a shape, over memories of `stored` vectors.
    pub(super) fn saved(
        body: &mut Reader<'_>,
        shape: Shape,
        stored: [u16; 2],
    ) -> Result<Self, SnapshotError> {
        let (row, waiting, next) = body.take()?;
        let within = u16::from(waiting) <= shape.candidates
            && (usize::from(next) < shape.slots() || next == 0)
            && row < u16::MAX;
        if !within {
            return Err(body.content());
        }
        Ok(Self {
            task: Task::saved(body, shape, stored)?,
            row,
            waiting,
            next,
        })
    }
}
