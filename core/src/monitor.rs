//! A detector, its rules and its ticks in one: three calls for most users.

use crate::assessment::Assessment;
use crate::detector::Detector;
use crate::detector::snapshot::Snapshot;
use crate::error::{SettingsError, SnapshotError, TransferError};
use crate::sample::{Reading, Tick};

/// A detector with its rules, which counts its frames itself. The monitor borrows the state, so
/// that the state can be a `static`.
///
/// ```
/// use bellwether::{Alert, Monitor, rola::{Rola, Settings}};
/// let mut state = Rola::<3, 240, 240>::new(); // firmware: a `static` cell
/// let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
/// let answer = monitor.observe([21.5, 48.0, 0.7]); // °C, %, A: one frame a minute
/// assert_eq!(answer.alert(), Alert::None);
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
///
/// The learned state leaves and returns in pieces, without a buffer for all of it:
///
/// ```
/// use bellwether::{Monitor, repad2::{Repad2, Settings}};
/// let (mut state, mut after_reboot) = (Repad2::<64>::new(), Repad2::<64>::new());
/// let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
/// for k in 0..40 {
///     monitor.observe([20.0 + (k % 5) as f32]);
/// }
/// let mut flash = Vec::new(); // firmware: pages of a flash driver
/// let length = monitor.save_to(&mut |piece| Ok::<(), ()>(flash.extend_from_slice(piece)));
/// assert_eq!(length, Ok(flash.len()));
///
/// let mut restored = Monitor::new(&mut after_reboot, Settings::DEFAULT)?;
/// let next = restored.restore_from(&mut |offset, piece| {
///     let stored = flash.get(offset..offset + piece.len()).ok_or("flash ends")?;
///     Ok::<(), &str>(piece.copy_from_slice(stored))
/// });
/// assert_eq!(next, Ok(monitor.next_tick()));
/// assert_eq!(restored.observe([70.0]), monitor.observe([70.0]));
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Debug)]
pub struct Monitor<'s, 'r, D: Detector> {
    state: &'s mut D,
    rules: D::Rules<'r>,
    next: Tick,
}

impl<'s, 'r, D: Detector> Monitor<'s, 'r, D> {
    /// Checks the settings and continues after the last frame of the state; a new state starts at
    /// tick 0.
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

    /// Assesses the next frame and learns from it.
    ///
    /// A frame has one number (NaN is missing), `Option`, sensor's `Result` or [`Reading`] per
    /// variable. A short frame lacks its last variables. A frame that is too long for the detector
    /// does not compile.
    pub fn observe<R: Into<Reading>, const K: usize>(&mut self, frame: [R; K]) -> Assessment {
        const { assert!(K <= D::MAX_VARIABLES, "more readings than variables") };
        let tick = self.next;
        self.skip(1);
        self.state
            .observe(&self.rules, tick, &frame.map(Into::into))
    }

    /// Skips the ticks of frames that never came.
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

    /// The checked settings.
    pub const fn rules(&self) -> &D::Rules<'r> {
        &self.rules
    }

    /// Forgets everything that was learned. Ticks continue.
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
    /// Saves the learned state piece by piece and returns the number of bytes; see
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

    /// Replaces the learned state by a saved one, read piece by piece, and continues after its last
    /// frame. Returns the next tick; see [`Snapshot::restore_from`].
    ///
    /// # Errors
    /// The reason why the snapshot was refused, or the storage's error.
    pub fn restore_from<E>(
        &mut self,
        source: &mut impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<Tick, TransferError<E>> {
        self.next = self.state.restore_from(&self.rules, source)?;
        Ok(self.next)
    }

    /// Saves the learned state to memory and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.state.save(&self.rules, buffer)
    }

    /// Replaces the learned state by a saved one and continues after its last frame. Returns the
    /// next tick.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<Tick, SnapshotError> {
        self.next = self.state.restore(&self.rules, bytes)?;
        Ok(self.next)
    }
}
