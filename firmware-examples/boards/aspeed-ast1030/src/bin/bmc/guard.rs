//! The sentinel of the small preset, which fits itself to the first rows.

use crate::V;
use bellwether::autoencoder::Contribution;
use bellwether::port::ReportSink;
use bellwether::quartet::Shape;
use bellwether::report::{Detail, Notice, hello, notice_records};
use bellwether::sentinel::{Rules, Settings};
use bellwether::{Detector, Reading, Tick, sentinel_of};
use bellwether_hal::Writer;
use board::{Kept, Uart, restart};
use embedded_hal::i2c::I2c;

const SHAPE: Shape = Shape::small(V as u16);
/// Rows to fit to. A device in the field takes those of a day or more.
const ROWS: u32 = 400;

/// Its state.
pub type State = sentinel_of!(SHAPE);

/// The sentinel and its port.
pub struct Guard {
    state: &'static mut State,
    rules: <State as Detector>::Rules<'static>,
    sink: Writer<Uart>,
}

impl Guard {
    /// A new sentinel; its port gets the greeting.
    pub fn new(state: &'static mut State, port: Uart) -> Self {
        let rules = Rules::try_from(Settings::of_shape(SHAPE, ROWS));
        let rules = rules.unwrap_or_else(|_| restart());
        let mut sink = Writer::new(port);
        let sizes = [ROWS, SHAPE.vectors.into(), 0];
        let greeting = hello::<State>("sentinel", V as u16, &rules, sizes);
        let _ = sink.send(&greeting.frame());
        Self { state, rules, sink }
    }

    /// Judges a row and reports it. The port may have no listener: what it does not take is lost, and the rows
    /// go on.
    pub fn watch(&mut self, tick: Tick, frame: &[Reading; V]) {
        let answer = self.state.observe(&self.rules, tick, frame);
        let state = &*self.state;
        let notice = Notice::of(&state.event(), self.rules.alarm().promise().basis());
        let means = state.detector().quartet().means();
        let parts = state.shares().zip(frame.iter().zip(means));
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
        let complaints = state.complaints();
        let (finding, detail) = (state.finding(), Detail::Everything);
        let records = notice_records(tick, &answer, notice, finding, complaints, parts, detail);
        for record in records {
            let _ = self.sink.send(&record.frame());
        }
    }

    /// Keeps the state. If the memory fails, the one before stays.
    pub fn save(&mut self, kept: &mut Kept<impl I2c>) {
        let _ = kept.save(self.state, &self.rules);
    }

    /// The kept state, and the tick it continues from.
    pub fn restore(&mut self, kept: &mut Kept<impl I2c>) -> Option<Tick> {
        kept.restore(self.state, &self.rules)
    }
}
