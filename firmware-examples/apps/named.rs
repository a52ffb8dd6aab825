//! Shows: any of the small detectors on a board, chosen by name on the command line. A stream of frames
//! (docs/formats/stream.md) comes in, the detector learns and assesses with its defaults, framed reports
//! (docs/formats/report.md) go out.
//! Run: `bellwether device run RECORDING.csv --detector cusum --board qemu-mps2-an386`
//! Expected: the lines of `bellwether run --detector cusum`; `cargo verify qemu` compares them.
#![no_std]
#![no_main]

use bellwether::chart::{
    self, Charts, Cusum, Gaussian, Limits, PageHinkley, Profile, Window, cusum, gaussian, limits,
    page_hinkley, profile, window,
};
use bellwether::consensus::{self, Consensus};
use bellwether::half_space::{self, HalfSpace};
use bellwether::mahalanobis::{self, Mahalanobis};
use bellwether::port::{FrameSource, ReportSink};
use bellwether::report::{Record, assessment_records, hello};
use bellwether::{Cause, Reading};
use bellwether_firmware::console::{Argument, Input, Output, fail, finish};
use bellwether_firmware::explained::Explained;
use bellwether_hal::{FrameReader, Writer};
use board::{LARGE, VARIABLES as V, entry};

/// A detector over the frames of standard input, with settings for their number of variables.
fn watch<'r, D: Explained>(
    name: &str,
    state: &mut D,
    settings: impl FnOnce(u16) -> D::Settings<'r>,
) -> ! {
    let source = FrameReader::open(Input::open());
    let mut source = source.unwrap_or_else(|_| fail("standard input is no stream of frames"));
    let opening = source.opening();
    let Ok(rules) = D::Rules::try_from(settings(opening.variables)) else {
        fail("more variables than this firmware has room for")
    };
    let mut sink = Writer::new(Output::open());
    let mut send = |record: &Record| match sink.send(&record.frame()) {
        Ok(()) => {}
        Err(_) => fail("standard output is gone"),
    };
    send(&hello::<D>(name, opening.variables, &rules, [0; 3]));
    let mut frame = [Reading::Absent(Cause::Missing); V];
    loop {
        let Ok(next) = source.next_frame(&mut frame) else {
            fail("the stream of frames broke off")
        };
        let Some(tick) = next else { finish() };
        let used = frame.get(..opening.variables.into()).unwrap_or_default();
        let (answer, parts) = state.explain::<V>(&rules, tick, used);
        let parts = answer.score.map(|_| parts).into_iter().flatten().flatten();
        assessment_records(tick, &answer, 0, parts, opening.detail)
            .for_each(|record| send(&record));
    }
}

/// Charts of each kind.
type OfEach = (
    Charts<Limits, V>,
    Charts<Cusum, V>,
    Charts<PageHinkley, V>,
    Charts<Gaussian, V>,
    Charts<Window<64>, V>,
    Charts<Profile<24>, V>,
);

#[entry]
fn main() -> ! {
    static mut CHARTS: OfEach = (
        Charts::new(),
        Charts::new(),
        Charts::new(),
        Charts::new(),
        Charts::new(),
        Charts::new(),
    );
    static mut MAHALANOBIS: Mahalanobis<V> = Mahalanobis::new();
    // Not linked where they are not called.
    static mut CONSENSUS: Consensus<V, 18> = Consensus::new();
    static mut HALF_SPACE: HalfSpace<V, 12, 512> = HalfSpace::new();
    let argument = Argument::read();
    let name = argument.first();
    let (limits, cusum, page_hinkley, gaussian, window, profile) = CHARTS;
    match name {
        "limits" => watch(name, limits, |variables| {
            chart::Settings::new(variables, limits::Settings::DEFAULT)
        }),
        "cusum" => watch(name, cusum, |variables| {
            chart::Settings::new(variables, cusum::Settings::DEFAULT)
        }),
        "page-hinkley" => watch(name, page_hinkley, |variables| {
            chart::Settings::new(variables, page_hinkley::Settings::DEFAULT)
        }),
        "gaussian" => watch(name, gaussian, |variables| {
            chart::Settings::new(variables, gaussian::Settings::DEFAULT)
        }),
        "window" => watch(name, window, |variables| {
            chart::Settings::new(variables, window::Settings::DEFAULT)
        }),
        "profile" => watch(name, profile, |variables| {
            chart::Settings::new(variables, profile::Settings::DEFAULT)
        }),
        "mahalanobis" => watch(name, MAHALANOBIS, |variables| mahalanobis::Settings {
            variables,
            ..mahalanobis::Settings::DEFAULT
        }),
        "consensus" if LARGE => watch(name, CONSENSUS, |variables| consensus::Settings {
            variables,
            ..consensus::Settings::DEFAULT
        }),
        "half-space" if LARGE => watch(name, HALF_SPACE, |variables| half_space::Settings {
            variables,
            ..half_space::Settings::DEFAULT
        }),
        _ => fail("no detector of this name on this board"),
    }
}
