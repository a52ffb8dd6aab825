//! Shows: the whole detector on a board. A stream of frames (docs/formats/stream.md) comes in, each
//! frame is judged with the preset's default settings, framed reports (docs/formats/report.md) go
//! out.
//! Run: `bellwether device run RECORDING.csv --board qemu-mps2-an386`
//! Expected: the bits of `bellwether run` on the host; `cargo verify qemu` compares them.
#![no_std]
#![no_main]

use bellwether::port::{FrameSource, ReportSink};
use bellwether::report::{Record, records};
use bellwether::{Cause, Reading, Settings};
use bellwether_firmware::console::{Input, Output, fail, finish};
use bellwether_hal::{FrameReader, Writer};
use board::{Preset, VARIABLES};
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Preset = Preset::new();
    let mut source = match FrameReader::open(Input::open()) {
        Ok(source) => source,
        Err(_) => fail("standard input is no stream of frames"),
    };
    let opening = source.opening();
    let settings = Settings {
        variables: opening.variables,
        ..Settings::DEFAULT
    };
    let Ok(rules) = Preset::rules(settings) else {
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
        state_bytes: Preset::STATE_BYTES as u32,
    });
    let mut frame = [Reading::Absent(Cause::Missing); VARIABLES];
    loop {
        match source.next_frame(&mut frame) {
            Ok(Some(tick)) => {
                let verdict = ROLA.observe(&rules, tick, &frame);
                records(verdict, opening.detail).for_each(|record| send(&record));
            }
            Ok(None) => finish(),
            Err(_) => fail("the stream of frames broke off"),
        }
    }
}
