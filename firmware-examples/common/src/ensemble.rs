//! Program `ensemble`: frames in, verdicts out.

use crate::console::{Input, Output, fail, finish};
use bellwether::port::{FrameSource, ReportSink};
use bellwether::report::{Record, records};
use bellwether::{Cause, Ensemble, Reading, Settings};
use bellwether_hal::{FrameReader, Writer};

/// Reads a stream of frames (docs/stream.md) from standard input, judges each with the preset's
/// default settings, and writes framed reports (docs/report.md) to standard output.
pub fn run<const V: usize, const W: usize, const P: usize>(rola: &mut Ensemble<V, W, P>) -> ! {
    let mut source = match FrameReader::open(Input::open()) {
        Ok(source) => source,
        Err(_) => fail("standard input is no stream of frames"),
    };
    let opening = source.opening();
    let settings = Settings {
        variables: opening.variables,
        ..Settings::DEFAULT
    };
    let Ok(rules) = Ensemble::<V, W, P>::rules(settings) else {
        fail("more variables than this firmware has room for")
    };
    let mut sink = Writer::new(Output::open());
    let mut send = |record: &Record| {
        if sink.send(&record.frame()).is_err() {
            fail("standard output is gone");
        }
    };
    send(&Record::Hello {
        variables: opening.variables,
        window: rules.lane().window() as u16,
        history: rules.history() as u16,
        state_bytes: Ensemble::<V, W, P>::STATE_BYTES as u32,
    });
    let mut frame = [Reading::Absent(Cause::Missing); V];
    loop {
        match source.next_frame(&mut frame) {
            Ok(Some(tick)) => {
                let verdict = rola.observe(&rules, tick, &frame);
                records(verdict, opening.detail).for_each(|record| send(&record));
            }
            Ok(None) => finish(),
            Err(_) => fail("the stream of frames broke off"),
        }
    }
}
