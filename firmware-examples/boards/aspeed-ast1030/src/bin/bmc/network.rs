//! The trained network of `bmc.bwm`.

use crate::V;
use bellwether::autoencoder::windowed::Rules;
use bellwether::autoencoder::{Alarm, Reason, Windowed};
use bellwether::model::{Aligned, arena_len, window};
use bellwether::port::ReportSink;
use bellwether::report::{Detail, assessment_records, hello};
use bellwether::{Detector as _, Model, Reading, Tick};
use bellwether_hal::Writer;
use board::Uart;

static MODEL: &Aligned<[u8]> = &Aligned(*include_bytes!("../../../bmc.bwm"));
const W: usize = window(&MODEL.0);
const N: usize = arena_len(&MODEL.0);
/// Bit of a reason that says that k of n were anomalous.
const CONFIRMED: u8 = 0x80;

/// Its state.
pub type Detector = Windowed<V, W, N>;

/// The network and its port.
pub struct Network {
    state: &'static mut Detector,
    alarm: Alarm,
    rules: Rules<'static, V, W, N>,
    sink: Writer<Uart>,
}

impl Network {
    /// The network; its port gets the greeting. `None`: the model is damaged, or of other variables.
    pub fn new(state: &'static mut Detector, port: Uart) -> Option<Self> {
        let rules = Rules::new(Model::parse(&MODEL.0).ok()?).ok()?;
        let mut sink = Writer::new(port);
        let sizes = [W as u32, N as u32, 0];
        let greeting = hello::<Detector>("autoencoder", V as u16, &rules, sizes);
        let _ = sink.send(&greeting.frame());
        Some(Self {
            state,
            alarm: Alarm::new(),
            rules,
            sink,
        })
    }

    /// Judges a row and reports it.
    pub fn watch(&mut self, tick: Tick, frame: &[Reading; V]) {
        let answer = self.state.observe(&self.rules, tick, frame);
        let whole = self.rules.whole();
        let answer = self.alarm.observe(whole, self.state.detector(), answer);
        let top = answer
            .score
            .map(|_| self.state.top_variables::<3>(&self.rules));
        let confirmed = if self.alarm.is_confirmed() {
            CONFIRMED
        } else {
            0
        };
        let reason = self.alarm.reason().map_or(0, Reason::code) | confirmed;
        let top = top.into_iter().flatten().flatten();
        let records = assessment_records(tick, &answer, reason, top, Detail::Everything);
        for record in records {
            let _ = self.sink.send(&record.frame());
        }
    }
}
