//! Shows: fixed limits, learned on a board. A stream of frames (docs/formats/stream.md) comes in,
//! `sigma` learns from the first day of minutes and assesses the others, framed reports
//! (docs/formats/report.md) go out.
//! Run: `bellwether device run RECORDING.csv --detector sigma --board qemu-mps2-an386`
//! Expected: the lines of `bellwether run --detector sigma`; `cargo verify device` compares them.
#![no_std]
#![no_main]

use bellwether::port::{FrameSource, ReportSink};
use bellwether::report::{Record, assessment_records, hello};
use bellwether::sigma::{Rules, Settings, Sigma};
use bellwether::{Cause, Detector, Reading};
use bellwether_firmware::console::{Input, Output, fail, finish};
use bellwether_hal::{FrameReader, Writer};
use board::{VARIABLES, entry};

#[entry]
fn main() -> ! {
    static mut SIGMA: Sigma<VARIABLES> = Sigma::new();
    let source = FrameReader::open(Input::open());
    let mut source = source.unwrap_or_else(|_| fail("standard input is no stream of frames"));
    let opening = source.opening();
    let settings = Settings {
        variables: opening.variables,
        ..Settings::DEFAULT
    };
    let Ok(rules) = Rules::try_from(settings) else {
        fail("more variables than this firmware has room for")
    };
    let mut sink = Writer::new(Output::open());
    let mut send = |record: &Record| match sink.send(&record.frame()) {
        Ok(()) => {}
        Err(_) => fail("standard output is gone"),
    };
    let (variables, sizes) = (opening.variables, [settings.learn, 0, 0]);
    send(&hello::<Sigma<VARIABLES>>(
        "sigma", variables, &rules, sizes,
    ));
    let mut frame = [Reading::Absent(Cause::Missing); VARIABLES];
    loop {
        let Ok(next) = source.next_frame(&mut frame) else {
            fail("the stream of frames broke off")
        };
        let Some(tick) = next else { finish() };
        let answer = SIGMA.observe(&rules, tick, &frame);
        let parts = answer.score.map(|_| SIGMA.contributions(&rules, &frame));
        let parts = parts.into_iter().flatten();
        assessment_records(tick, &answer, 0, parts, opening.detail)
            .for_each(|record| send(&record));
    }
}
