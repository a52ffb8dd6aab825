//! The detector, the reports about its answers, and its snapshots.

use bellwether::autoencoder::Contribution;
use bellwether::port::ReportSink;
use bellwether::quartet::Shape;
use bellwether::report::{Detail, Notice, Record, hello, notice_records};
use bellwether::sentinel::{Sentinel, Settings};
use bellwether::{Alert, Monitor, Reading, SettingsError, Snapshot, sentinel_of};
use bellwether_hal::storage::snapshots::Snapshots;
use embedded_storage::nor_flash::NorFlash;

/// Variables of a frame.
pub const VARIABLES: usize = SHAPE.variables as usize;
/// Frames that the detector fits itself to. It is silent until then.
const ROWS: u32 = 1000;

const SHAPE: Shape = Shape::small(3);

/// The default detector, in its small form. All of its memory is in this type.
pub type Guard = sentinel_of!(SHAPE);

/// Frames between two snapshots.
const SAVED_EVERY: u64 = 3600;

/// A detector that reports, and remembers.
pub struct Node<F> {
    monitor: Monitor<'static, 'static, Guard>,
    /// `None` where the region in flash is of no use: the detector learns anew after every start.
    snapshots: Option<Snapshots<F>>,
}

impl<F: NorFlash> Node<F> {
    /// A node around a new state, which is a `static` of the firmware, restored from the newest snapshot in
    /// `length` bytes of flash from `start` on.
    ///
    /// # Errors
    /// Names the setting that is out of range.
    pub fn start(
        state: &'static mut Guard,
        flash: F,
        start: u32,
        length: usize,
    ) -> Result<Self, SettingsError> {
        let settings = Settings::of_shape(SHAPE, ROWS);
        let rules = settings.try_into()?;
        let mut snapshots = Snapshots::open(flash, start, length, Guard::SNAPSHOT_MAX).ok();
        if let Some(snapshots) = &mut snapshots {
            // A snapshot of another detector is refused, and this one learns anew.
            let _ = snapshots.restore(state, &rules);
        }
        let monitor = Monitor::new(state, settings)?;
        Ok(Self { monitor, snapshots })
    }

    /// Sends the greeting with which a stream of reports begins.
    ///
    /// # Errors
    /// The sink's own.
    pub fn greet<S: ReportSink>(&self, sink: &mut S) -> Result<(), S::Error> {
        let sizes = [ROWS, SHAPE.vectors.into(), 0];
        let rules = self.monitor.rules();
        sink.send(&hello::<Guard>("sentinel", SHAPE.variables, rules, sizes).frame())
    }

    /// Judges a frame, hands its records to a sink. The sink is a ring, so that neither a slow line nor a
    /// missing listener delays the next frame.
    pub fn observe<S: ReportSink>(&mut self, frame: [Reading; VARIABLES], sink: &mut S) -> Alert {
        let tick = self.monitor.next_tick();
        let answer = self.monitor.observe(frame);
        let guard = self.monitor.detector();
        let notice = Notice::of(
            &guard.event(),
            self.monitor.rules().alarm().promise().basis(),
        );
        let means = guard.detector().quartet().means();
        let parts = guard.shares().zip(frame.iter().zip(means));
        let parts = parts.filter_map(|((feature, error), (reading, expected))| {
            Some(Contribution {
                feature,
                frame: 0,
                value: reading.usable().ok()?,
                expected,
                error,
            })
        });
        let parts = answer.score.map(|_| parts).into_iter().flatten();
        let (finding, complaints) = (guard.finding(), guard.complaints());
        let detail = Detail::Flagged;
        notice_records(tick, &answer, notice, finding, complaints, parts, detail)
            // A record that finds no room is counted by the ring.
            .for_each(|record: Record| drop(sink.send(&record.frame())));
        answer.alert()
    }

    /// Saves the state after every hour of frames. Flash stops the program while it is erased: not within a
    /// critical section.
    pub fn keep(&mut self) {
        let is_due = self.monitor.next_tick().0.is_multiple_of(SAVED_EVERY);
        if let Some(snapshots) = self.snapshots.as_mut().filter(|_| is_due) {
            // The snapshot before stays where this one fails; the next hour tries again.
            let _ = snapshots.save(self.monitor.detector(), self.monitor.rules());
        }
    }
}

/// The state of an empty cell.
pub const fn state() -> Guard {
    Sentinel::new()
}
