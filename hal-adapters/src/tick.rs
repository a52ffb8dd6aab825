//! Ticks of a source without a clock: one per frame.

use bellwether::Tick;

#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Ticks {
    next: u64,
}

impl Ticks {
    pub(crate) const fn from(first: Tick) -> Self {
        Self { next: first.0 }
    }

    pub(crate) const fn skip(&mut self, frames: u64) {
        self.next = self.next.saturating_add(frames);
    }

    pub(crate) const fn take(&mut self) -> Tick {
        let tick = Tick(self.next);
        self.skip(1);
        tick
    }
}
