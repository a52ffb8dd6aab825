//! The order of frames: which tick comes next, and which one is refused.

use crate::error::SnapshotError;
use crate::sample::Tick;
use crate::wire::snapshot::{Reader, Writer};

/// The tick of the last frame, as every detector keeps it. All zeros when new.
///
/// A tick that does not advance is refused. The first tick after a restore is taken whatever it is,
/// so that a device whose counter begins at 0 again goes on; from there on ticks must advance.
///
/// ```
/// use bellwether::{Clock, Tick};
/// let mut clock = Clock::new();
/// assert_eq!(clock.advance(Tick(7)), Some(0));
/// assert_eq!(clock.advance(Tick(10)), Some(2), "two frames are missing");
/// assert_eq!(clock.advance(Tick(10)), None);
/// let mut restored = Clock::restored(clock.last());
/// assert_eq!(restored.next(), Tick(11));
/// assert_eq!(restored.advance(Tick(0)), Some(0), "the device was switched off and on");
/// assert_eq!(restored.advance(Tick(0)), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Clock {
    last: Tick,
    /// Whether there is a last tick.
    started: bool,
    /// Whether the next tick may be any.
    restored: bool,
}

impl Clock {
    /// No frame has come.
    pub const fn new() -> Self {
        Self {
            last: Tick(0),
            started: false,
            restored: false,
        }
    }

    /// A clock that goes on after `last`, in this or another count.
    pub fn restored(last: Option<Tick>) -> Self {
        Self {
            last: last.unwrap_or(Tick(0)),
            started: last.is_some(),
            restored: last.is_some(),
        }
    }

    /// Appends the clock to a snapshot.
    pub(crate) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.started, self.last));
    }

    /// The restored clock of a snapshot, whose body has one since a version of the format.
    pub(crate) fn saved(body: &mut Reader<'_>, since: u16) -> Result<Self, SnapshotError> {
        let (started, last) = body.take_since(since, (false, Tick(0)))?;
        Ok(Self::restored(started.then_some(last)))
    }

    /// Takes the tick of a frame; the number of frames missing before it, or `None` for a tick that
    /// does not advance.
    #[inline]
    pub fn advance(&mut self, tick: Tick) -> Option<u64> {
        let missing = if !self.started {
            0
        } else if tick > self.last {
            tick.0 - self.last.0 - 1
        } else if self.restored {
            0
        } else {
            return None;
        };
        *self = Self {
            last: tick,
            started: true,
            restored: false,
        };
        Some(missing)
    }

    /// The tick of the last frame.
    pub const fn last(&self) -> Option<Tick> {
        if self.started { Some(self.last) } else { None }
    }

    /// The tick after the last one; 0 before the first.
    pub const fn next(&self) -> Tick {
        if self.started {
            Tick(self.last.0.saturating_add(1))
        } else {
            Tick(0)
        }
    }
}
