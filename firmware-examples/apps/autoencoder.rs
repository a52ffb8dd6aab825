//! Shows: a trained network on a board. A stream of frames (docs/formats/stream.md) comes in, the
//! model assesses each, framed reports (docs/formats/report.md) go out.
//! Run: `bellwether device run RECORDING.csv --detector autoencoder --model net.bwm --board
//! qemu-mps2-an386` builds it around the model (BELLWETHER_MODEL, feature `model`).
//! Expected: the lines of `bellwether run` with the same model; `cargo verify models` compares them.
#![no_std]
#![no_main]

use bellwether::autoencoder::windowed::Rules;
use bellwether::autoencoder::{Alarm, Reason, Windowed};
use bellwether::model::{Aligned, arena_len, feature_count, window};
use bellwether::port::{FrameSource, ReportSink};
use bellwether::report::{Record, assessment_records, hello};
use bellwether::{Cause, Detector, Model, Reading};
use bellwether_firmware::console::{Input, Output, fail, finish};
use bellwether_hal::{FrameReader, Writer};
use board::entry;

static MODEL: &Aligned<[u8]> = &Aligned(*include_bytes!(env!("BELLWETHER_MODEL")));
const V: usize = feature_count(&MODEL.0);
const W: usize = window(&MODEL.0);
const N: usize = arena_len(&MODEL.0);
/// Bit of a reason that says that k of n were anomalous.
const CONFIRMED: u8 = 0x80;

#[entry]
fn main() -> ! {
    static mut DETECTOR: Windowed<V, W, N> = Windowed::new();
    static mut ALARM: Alarm = Alarm::new();
    let model = Model::parse(&MODEL.0).unwrap_or_else(|_| fail("no model, or a damaged one"));
    let rules = Rules::new(model).unwrap_or_else(|_| fail("the model has nothing to decide with"));
    let source = FrameReader::open(Input::open());
    let mut source = source.unwrap_or_else(|_| fail("standard input is no stream of frames"));
    let mut sink = Writer::new(Output::open());
    let mut send = |record: &Record| match sink.send(&record.frame()) {
        Ok(()) => {}
        Err(_) => fail("standard output is gone"),
    };
    let sizes = [W as u32, N as u32, 0];
    send(&hello::<Windowed<V, W, N>>(
        "autoencoder",
        V as u16,
        &rules,
        sizes,
    ));
    let mut frame = [Reading::Absent(Cause::Missing); V];
    loop {
        let Ok(next) = source.next_frame(&mut frame) else {
            fail("the stream of frames broke off")
        };
        let Some(tick) = next else { finish() };
        let answer = DETECTOR.observe(&rules, tick, &frame);
        let answer = ALARM.observe(rules.whole(), DETECTOR.detector(), answer);
        let top = match (answer.score, model.reconstructed()) {
            (Some(_), 1..) => DETECTOR.top_variables::<3>(&rules),
            (Some(_), 0) if answer.is_anomalous() => DETECTOR.occluded(&rules),
            _ => [None; 3],
        };
        let confirmed = if ALARM.is_confirmed() { CONFIRMED } else { 0 };
        let reason = ALARM.reason().map_or(0, Reason::code) | confirmed;
        let top = top.into_iter().flatten();
        let detail = source.opening().detail;
        assessment_records(tick, &answer, reason, top, detail).for_each(|record| send(&record));
    }
}
