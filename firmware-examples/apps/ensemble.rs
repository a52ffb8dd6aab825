//! Shows: the whole detector on a board. A stream of frames (docs/formats/stream.md) comes in, each
//! frame is judged with the preset's default settings, framed reports (docs/formats/report.md) go
//! out.
//! Run: `bellwether device run RECORDING.csv --board qemu-mps2-an386`
//! Expected: the bits of `bellwether run` on the host; `cargo verify qemu` compares them.
#![no_std]
#![no_main]

use bellwether::port::{FrameSource, ReportSink};
use bellwether::report::{Record, hello, records};
use bellwether::rola::{Rules, Settings};
use bellwether::{Cause, Reading};
use bellwether_firmware::console::{Input, Output, fail, finish};
use bellwether_hal::{FrameReader, Writer};
use board::{Preset, VARIABLES, entry};

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
    let Ok(rules) = Rules::new(settings) else {
        fail("more variables than this firmware has room for")
    };
    let mut sink = Writer::new(Output::open());
    let mut send = |record: &Record| {
        if sink.send(&record.frame()).is_err() {
            fail("standard output is gone");
        }
    };
    let sizes = [rules.lane().window() as u32, rules.history() as u32, 0];
    let variables = opening.variables;
    send(&hello::<Preset>("rola", variables, &rules, sizes));
    let mut frame = [Reading::Absent(Cause::Missing); VARIABLES];
    loop {
        match source.next_frame(&mut frame) {
            Ok(Some(tick)) => {
                ROLA.decide(&rules, tick, &frame);
                let (verdict, voted) = (ROLA.verdict(), ROLA.correlations(&rules));
                records(verdict, voted, opening.detail).for_each(|record| send(&record));
            }
            Ok(None) => finish(),
            Err(_) => fail("the stream of frames broke off"),
        }
    }
}
