//! Shows: the sentinel on a board. A stream of frames (docs/formats/stream.md) comes in, a quartet fits
//! itself to the first thousand, alarms are raised about the others, framed reports
//! (docs/formats/report.md) go out, and a summary at the end.
//! Run: `bellwether device run RECORDING.csv --board qemu-mps2-an386`
//! Expected: the lines of `bellwether run --set fit=device --set preset=small`; `cargo verify qemu` compares
//! them.
#![no_std]
#![no_main]

use bellwether::autoencoder::Contribution;
use bellwether::port::{FrameSource, ReportSink};
use bellwether::quartet::Shape;
use bellwether::report::{Notice, Record, hello, notice_records};
use bellwether::sentinel::{Rules, Sentinel, Settings};
use bellwether::{Cause, Detector, Reading, Summary, sentinel_of};
use bellwether_firmware::console::{Input, Output, fail, finish};
use bellwether_firmware::shape::shape;
use bellwether_hal::{FrameReader, Writer};
use board::entry;

const SHAPE: Shape = shape(board::VARIABLES);
type Guard = sentinel_of!(SHAPE);

/// Rows to fit to.
const ROWS: u32 = 1000;

#[entry]
fn main() -> ! {
    static mut GUARD: Guard = Sentinel::new();
    let source = FrameReader::open(Input::open());
    let mut source = source.unwrap_or_else(|_| fail("standard input is no stream of frames"));
    let opening = source.opening();
    let variables = opening.variables;
    let settings = Settings::of_shape(Shape { variables, ..SHAPE }, ROWS);
    let Ok(rules) = Rules::try_from(settings) else {
        fail("more variables than this firmware has room for")
    };
    let basis = rules.alarm().promise().basis();
    let mut sink = Writer::new(Output::open());
    let mut send = |record: &Record| match sink.send(&record.frame()) {
        Ok(()) => {}
        Err(_) => fail("standard output is gone"),
    };
    let sizes = [ROWS, SHAPE.vectors.into(), 0];
    send(&hello::<Guard>("sentinel", variables, &rules, sizes));
    let mut summary = Summary::new();
    let mut frame = [Reading::Absent(Cause::Missing); SHAPE.variables as usize];
    loop {
        let Ok(next) = source.next_frame(&mut frame) else {
            fail("the stream of frames broke off")
        };
        let Some(tick) = next else {
            send(&summary.take());
            finish()
        };
        let used = frame.get(..variables.into()).unwrap_or_default();
        let answer = GUARD.observe(&rules, tick, used);
        let event = GUARD.event();
        summary.observe(&answer);
        summary.alarm(&event);
        let notice = Notice::of(&event, basis);
        let means = GUARD.detector().quartet().means();
        let parts = GUARD.shares().zip(used.iter().zip(means));
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
        let complaints = GUARD.complaints();
        let finding = GUARD.finding();
        notice_records(
            tick,
            &answer,
            notice,
            finding,
            complaints,
            parts,
            opening.detail,
        )
        .for_each(|record| send(&record));
    }
}
