//! Shows: a RePAD2 lane per variable on a board, without a vote. A stream of frames
//! (docs/formats/stream.md) comes in, every lane assesses its variable, framed reports
//! (docs/formats/report.md) go out.
//! Run: `bellwether device run RECORDING.csv --detector repad2 --board qemu-mps2-an386`
//! Expected: the lines of `bellwether run --detector repad2`; `cargo verify device` compares them.
#![no_std]
#![no_main]

use bellwether::port::{FrameSource, ReportSink};
use bellwether::repad2::{Repad2, Rules, Settings};
use bellwether::report::{Detail, Name, Outcome, Record};
use bellwether::{Assessment, Cause, Detector, Reading, State};
use bellwether_firmware::console::{Input, Output, fail, finish};
use bellwether_hal::{FrameReader, Writer};
use board::{VARIABLES, WINDOW, entry};

type Lane = Repad2<WINDOW>;

#[entry]
fn main() -> ! {
    static mut LANES: [Lane; VARIABLES] = [const { Lane::new() }; VARIABLES];
    let source = FrameReader::open(Input::open());
    let mut source = source.unwrap_or_else(|_| fail("standard input is no stream of frames"));
    let opening = source.opening();
    let Some(lanes) = LANES.get_mut(..opening.variables.into()) else {
        fail("more variables than this firmware has room for")
    };
    let rules = Rules::new(Settings::DEFAULT).unwrap_or_else(|_| fail("settings out of range"));
    let mut sink = Writer::new(Output::open());
    let mut send = |record: &Record| match sink.send(&record.frame()) {
        Ok(()) => {}
        Err(_) => fail("standard output is gone"),
    };
    send(&Record::Hello {
        detector: Name::new("repad2"),
        variables: opening.variables,
        warm_up: Lane::warm_up(&rules),
        sizes: [WINDOW as u32, 0, 0],
        state_bytes: size_of_val(lanes) as u32,
    });
    let mut frame = [Reading::Absent(Cause::Missing); VARIABLES];
    let mut answers = [Assessment::bare(State::Warming { left: 0 }); VARIABLES];
    loop {
        let Ok(next) = source.next_frame(&mut frame) else {
            fail("the stream of frames broke off")
        };
        let Some(tick) = next else { finish() };
        let inputs = lanes.iter_mut().zip(&frame);
        for (answer, (lane, reading)) in answers.iter_mut().zip(inputs) {
            *answer = lane.observe(&rules, tick, &[*reading]);
        }
        let everything = opening.detail == Detail::Everything;
        let judged = answers.iter().zip(&frame).take(lanes.len()).enumerate();
        let sent = judged.filter(|(_, (answer, _))| everything || answer.is_anomalous());
        let records = sent.clone().map(|(k, (answer, reading))| Record::Lane {
            variable: k as u16,
            outcome: if answer.is_anomalous() {
                Outcome::Local
            } else {
                Outcome::Quiet
            },
            value: reading.usable().unwrap_or(f32::NAN),
            answer: answer.into(),
        });
        let count = sent.count() as u16;
        if count > 0 {
            send(&Record::Verdict {
                tick,
                vote_tick: None,
                lanes: count,
                correlations: 0,
            });
            records.for_each(|record| send(&record));
        }
    }
}
