//! The detector and the reports about its answers.

use bellwether::autoencoder::Contribution;
use bellwether::port::ReportSink;
use bellwether::quartet::Shape;
use bellwether::report::{Detail, Notice, Record, hello, notice_records};
use bellwether::sentinel::{Sentinel, Settings};
use bellwether::{Alert, Monitor, Reading, SettingsError, sentinel_of};

/// Variables of a frame.
pub const VARIABLES: usize = SHAPE.variables as usize;
/// Frames that the detector fits itself to. It is silent until then.
pub const ROWS: u32 = 1000;

const SHAPE: Shape = Shape::small(3);

/// The default detector, in its small form. All of its memory is in this type.
pub type Guard = sentinel_of!(SHAPE);

/// A detector that reports.
pub struct Node {
    monitor: Monitor<'static, 'static, Guard>,
}

impl Node {
    /// A node around a new state, which is a `static` of the firmware.
    ///
    /// # Errors
    /// Names the setting that is out of range.
    pub fn new(state: &'static mut Guard) -> Result<Self, SettingsError> {
        let monitor = Monitor::new(state, Settings::of_shape(SHAPE, ROWS))?;
        Ok(Self { monitor })
    }

    /// The state of an empty cell.
    pub const fn state() -> Guard {
        Sentinel::new()
    }

    /// The detector with its rules: to save and to restore.
    pub const fn monitor(&mut self) -> &mut Monitor<'static, 'static, Guard> {
        &mut self.monitor
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

    /// Judges a frame and hands its records to a sink. The sink is a ring, so that neither a slow line nor a
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
}
