//! Shows: a quartet on a board, without alarms. A stream of frames (docs/formats/stream.md) comes in, the
//! quartet fits itself to the first thousand and scores the others, framed reports (docs/formats/report.md)
//! go out.
//! Run: `bellwether device run RECORDING.csv --detector quartet --board qemu-mps2-an386`
//! Expected: the lines of `bellwether run --detector quartet --set fit=device --set preset=small`; `cargo
//! verify qemu` compares them.
#![no_std]
#![no_main]

use bellwether::autoencoder::Contribution;
use bellwether::port::{FrameSource, ReportSink};
use bellwether::quartet::fitting::{Fitting, Rules, Settings};
use bellwether::quartet::{self, Shape};
use bellwether::report::{Record, assessment_records, hello};
use bellwether::{Cause, Detector, Reading, fitting_of};
use bellwether_firmware::console::{Input, Output, fail, finish};
use bellwether_firmware::shape::shape;
use bellwether_hal::{FrameReader, Writer};
use board::entry;

const SHAPE: Shape = shape(board::VARIABLES);
type Quartet = fitting_of!(SHAPE);

/// Rows to fit to.
const ROWS: u32 = 1000;

#[entry]
fn main() -> ! {
    static mut QUARTET: Quartet = Fitting::new();
    let source = FrameReader::open(Input::open());
    let mut source = source.unwrap_or_else(|_| fail("standard input is no stream of frames"));
    let opening = source.opening();
    let variables = opening.variables;
    let settings = Settings {
        quartet: quartet::Settings::new(Shape { variables, ..SHAPE }),
        rows: ROWS,
    };
    let Ok(rules) = Rules::try_from(settings) else {
        fail("more variables than this firmware has room for")
    };
    let mut sink = Writer::new(Output::open());
    let mut send = |record: &Record| match sink.send(&record.frame()) {
        Ok(()) => {}
        Err(_) => fail("standard output is gone"),
    };
    let sizes = [ROWS, SHAPE.vectors.into(), 0];
    send(&hello::<Quartet>("quartet", variables, &rules, sizes));
    let mut frame = [Reading::Absent(Cause::Missing); SHAPE.variables as usize];
    loop {
        let Ok(next) = source.next_frame(&mut frame) else {
            fail("the stream of frames broke off")
        };
        let Some(tick) = next else { finish() };
        let used = frame.get(..variables.into()).unwrap_or_default();
        let mut shares = [0.0; SHAPE.variables as usize];
        let answer = match QUARTET.fitted(&rules) {
            Some(fitted) => {
                let verdict = fitted.explain(rules.quartet(), tick, used, &mut shares);
                verdict.assessment
            }
            None => QUARTET.observe(&rules, tick, used),
        };
        let means = QUARTET.quartet().means();
        let parts = used.iter().zip(means).zip(shares).enumerate();
        let parts = parts.filter_map(|(feature, ((reading, expected), error))| {
            Some(Contribution {
                feature,
                frame: 0,
                value: reading.usable().ok()?,
                expected,
                error,
            })
        });
        let parts = answer.score.map(|_| parts).into_iter().flatten();
        assessment_records(tick, &answer, 0, parts, opening.detail)
            .for_each(|record| send(&record));
    }
}
