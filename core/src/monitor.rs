//! A detector, its rules and its ticks in one: the three calls that most users want.

use crate::assessment::Assessment;
use crate::detector::Detector;
use crate::error::{SettingsError, SnapshotError, TransferError};
use crate::sample::{Reading, Tick};
use crate::wire::snapshot::Snapshot;

/// A detector that counts its frames itself. The state is the caller's, so that it can be a
/// `static`; the monitor borrows it.
///
/// ```
/// use bellwether::{Alert, Monitor, rola::{Rola, Settings}};
/// let mut state = Rola::<3, 240, 240>::new(); // firmware: a `static` cell
/// let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
/// let answer = monitor.observe([21.5, 48.0, 0.7]); // °C, %, A: one frame a minute
/// assert_eq!(answer.alert(), Alert::None);
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Debug)]
pub struct Monitor<'s, 'r, D: Detector> {
    state: &'s mut D,
    rules: D::Rules<'r>,
    next: Tick,
}

impl<'s, 'r, D: Detector> Monitor<'s, 'r, D> {
    /// Checks settings and goes on where the state is: at its first frame if it is new.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub fn new(state: &'s mut D, settings: D::Settings<'r>) -> Result<Self, SettingsError> {
        Ok(Self {
            rules: settings.try_into()?,
            next: state.next_tick(),
            state,
        })
    }

    /// Judges the next frame and learns from it: numbers (NaN is missing), `Option`s, `Result`s of
    /// sensors, or [`Reading`]s, one per variable. A short frame lacks its last variables; a frame
    /// that is too long for the detector does not compile.
    pub fn observe<R: Into<Reading>, const K: usize>(&mut self, frame: [R; K]) -> Assessment {
        const { assert!(K <= D::MAX_VARIABLES, "more readings than variables") };
        let tick = self.next;
        self.skip(1);
        self.state
            .observe(&self.rules, tick, &frame.map(Into::into))
    }

    /// Notes frames that never came.
    pub fn skip(&mut self, frames: u64) {
        self.next = Tick(self.next.0.saturating_add(frames));
    }

    /// The tick of the next frame.
    pub const fn next_tick(&self) -> Tick {
        self.next
    }

    /// The detector, for its longer answers.
    pub const fn detector(&self) -> &D {
        self.state
    }

    /// The rules.
    pub const fn rules(&self) -> &D::Rules<'r> {
        &self.rules
    }

    /// Forgets everything that was learned; ticks go on.
    pub fn reset(&mut self) {
        self.state.reset();
    }
}

#[cfg(feature = "defmt")]
impl<'r, D: Detector<Rules<'r>: defmt::Format> + defmt::Format> defmt::Format
    for Monitor<'_, 'r, D>
{
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { state, rules, next } = self;
        defmt::write!(
            f,
            "Monitor {{ state: {}, rules: {}, next: {} }}",
            state,
            rules,
            next
        );
    }
}

impl<D: Snapshot> Monitor<'_, '_, D> {
    /// Writes what was learned, piece by piece, and returns the number of bytes; see
    /// [`Snapshot::save_to`].
    ///
    /// # Errors
    /// The storage's error.
    pub fn save_to<E>(
        &self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<usize, TransferError<E>> {
        self.state.save_to(&self.rules, sink)
    }

    /// Replaces what was learned by a saved state, read piece by piece, and goes on after its last
    /// frame; see [`Snapshot::restore_from`].
    ///
    /// # Errors
    /// Why the snapshot was refused, or the storage's error.
    pub fn restore_from<E>(
        &mut self,
        source: &mut impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<Tick, TransferError<E>> {
        self.next = self.state.restore_from(&self.rules, source)?;
        Ok(self.next)
    }

    /// Writes what was learned to memory and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.state.save(&self.rules, buffer)
    }

    /// Replaces what was learned by a saved state and goes on after its last frame.
    ///
    /// # Errors
    /// Says why the bytes were refused; the state is as before.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<Tick, SnapshotError> {
        self.next = self.state.restore(&self.rules, bytes)?;
        Ok(self.next)
    }
}
