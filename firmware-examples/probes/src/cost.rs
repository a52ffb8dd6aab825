//! Probe `cost`: calls to be counted, and the depth of the stack.
//!
//! After each counted call one line on standard output names it.

use crate::counting::counted;
use crate::stack;
use crate::workload::{VARIABLES, Workload};
use bellwether::math::{Libm, Math, Micromath, Pade};
use bellwether::node::{self, Node, Pairs, Wide, fit::Work, wide};
use bellwether::repad2::predictor::{FixedSeedLstm, Predictor, TabulatedLstm, fit};
use bellwether::repad2::{self, Repad2};
use bellwether::rola::{Rola, Rules, Settings};
use bellwether::sigma::{self, Sigma};
use bellwether::{Assessment, Detector, Reading, Tick, Verdict};
use bellwether_firmware::console::fail;
use core::hint::black_box;
use semihosting::println;

/// Frames of a measurement.
const FRAMES: u64 = 500;
/// Frames before it: every window is full by then.
const BEFORE: u64 = 1500;

#[inline(never)]
fn observe_frame<'a, const W: usize, const P: usize>(
    rola: &'a mut Rola<VARIABLES, W, P>,
    rules: &Rules<VARIABLES, W, P>,
    tick: u64,
    frame: &[Reading],
) -> &'a Verdict<VARIABLES> {
    rola.decide(rules, Tick(tick), frame)
}

/// Frames of the ensemble, with how many lanes trained and flagged in each; then the depth of
/// the stack over as many more.
pub fn ensemble<const W: usize, const P: usize>(rola: &mut Rola<VARIABLES, W, P>) {
    let Ok(rules) = Rules::new(Settings::DEFAULT) else {
        fail("the defaults fit")
    };
    println!("state bytes={}", Rola::<VARIABLES, W, P>::STATE_BYTES);
    let mut workload = Workload::new();
    for tick in 0..BEFORE {
        rola.decide(&rules, Tick(tick), &workload.next_frame());
    }
    for tick in BEFORE..BEFORE + FRAMES {
        let frame = workload.next_frame();
        let verdict = counted(|| observe_frame(rola, &rules, tick, black_box(&frame)));
        let trained = verdict.lanes().iter().filter(|lane| lane.trained).count();
        let flagged = verdict.flagged().count();
        println!("counted frame tick={tick} trained={trained} flagged={flagged}");
    }
    let depth = stack::used_by(|| {
        for tick in BEFORE + FRAMES..BEFORE + 2 * FRAMES {
            let frame = workload.next_frame();
            observe_frame(rola, &rules, tick, black_box(&frame));
        }
    });
    println!("stack bytes={depth}");
}

/// Pairs of a frame, in a vote that is spread.
const PAIRS: u16 = 4;
/// A value that every lane flags, in one frame of so many.
const DROP: (f32, u64) = (1.0, 250);

/// The dearest frames: those in which every lane trains and flags, with the vote at once, and all
/// frames with the vote spread.
pub fn worst<const W: usize, const P: usize>(rola: &mut Rola<VARIABLES, W, P>) {
    for (vote, pairs_per_frame) in [("at-once", None), ("spread", Some(PAIRS))] {
        let mut settings = Settings::DEFAULT;
        settings.vote.pairs_per_frame = pairs_per_frame;
        let Ok(rules) = Rules::new(settings) else {
            fail("the settings fit")
        };
        rola.reset();
        let (mut workload, mut all) = (Workload::new(), false);
        for tick in 0..BEFORE + FRAMES {
            let mut frame = workload.next_frame();
            if tick % DROP.1 == DROP.1 - 1 {
                frame = [Reading::Value(DROP.0); VARIABLES];
            }
            if tick < BEFORE {
                observe_frame(rola, &rules, tick, &frame);
                continue;
            }
            let verdict = counted(|| observe_frame(rola, &rules, tick, black_box(&frame)));
            let flagged = verdict.flagged().count();
            all |= flagged == VARIABLES;
            println!("counted worst vote={vote} flagged={flagged}");
        }
        if !all {
            fail("there is no frame in which every lane flags");
        }
    }
}

#[inline(never)]
fn observe_reading<const W: usize>(
    lane: &mut Repad2<W>,
    rules: &repad2::Rules<W>,
    tick: u64,
    reading: Reading,
) -> Assessment {
    lane.observe(rules, Tick(tick), &[reading])
}

/// Samples of a single lane, with the state and whether it trained.
pub fn lane<const W: usize>(lane: &mut Repad2<W>) {
    let Ok(rules) = repad2::Rules::new(repad2::Settings::DEFAULT) else {
        fail("the defaults fit")
    };
    let mut workload = Workload::new();
    for tick in 0..BEFORE {
        let [_, reading, ..] = workload.next_frame();
        observe_reading(lane, &rules, tick, reading);
    }
    for tick in BEFORE..BEFORE + FRAMES {
        let [_, reading, ..] = workload.next_frame();
        let answer = counted(|| observe_reading(lane, &rules, tick, black_box(reading)));
        println!(
            "counted lane state={} trained={}",
            answer.state.name(),
            u8::from(answer.trained)
        );
    }
}

/// Frames of `sigma`: those that it learns from, then assessed ones.
pub fn sigma(sigma: &mut Sigma<VARIABLES>) {
    #[inline(never)]
    fn observe(
        sigma: &mut Sigma<VARIABLES>,
        rules: &sigma::Rules<VARIABLES>,
        tick: u64,
        frame: &[Reading],
    ) -> Assessment {
        sigma.observe(rules, Tick(tick), frame)
    }
    let settings = sigma::Settings {
        learn: BEFORE as u32,
        ..sigma::Settings::DEFAULT
    };
    let Ok(rules) = sigma::Rules::try_from(settings) else {
        fail("the settings fit")
    };
    println!(
        "detector name=sigma bytes={}",
        Sigma::<VARIABLES>::STATE_BYTES
    );
    let mut workload = Workload::new();
    for tick in 0..BEFORE + FRAMES {
        let frame = workload.next_frame();
        let answer = counted(|| observe(sigma, &rules, tick, black_box(&frame)));
        println!("counted detector name=sigma state={}", answer.state.name());
    }
}

/// Frames of a detector by its name: those that it learns from, then assessed ones.
pub fn detector<D: Detector>(name: &str, state: &mut D, settings: D::Settings<'_>) {
    #[inline(never)]
    fn observe<D: Detector>(
        state: &mut D,
        rules: &D::Rules<'_>,
        tick: u64,
        frame: &[Reading],
    ) -> Assessment {
        state.observe(rules, Tick(tick), frame)
    }
    let Ok(rules) = D::Rules::try_from(settings) else {
        fail("the settings fit")
    };
    println!("detector name={name} bytes={}", D::STATE_BYTES);
    let mut workload = Workload::new();
    for tick in 0..BEFORE + FRAMES {
        let frame = workload.next_frame();
        let answer = counted(|| observe(state, &rules, tick, black_box(&frame)));
        println!("counted detector name={name} state={}", answer.state.name());
    }
}

/// Rows of a trained detector that ask most of it: every value is far from the one before.
pub fn worst_rows<D: Detector>(name: &str, state: &mut D, settings: D::Settings<'_>) {
    let Ok(rules) = D::Rules::try_from(settings) else {
        fail("the settings fit")
    };
    for far in 0..FRAMES {
        let far = if far % 2 == 0 { far } else { 0 };
        let frame = [Reading::Value(1e3 * far as f32); VARIABLES];
        let tick = state.next_tick();
        let answer = counted(|| state.observe(&rules, tick, black_box(&frame)));
        println!("counted detector name={name} state={}", answer.state.name());
    }
}

/// Rows that a node is fitted to.
pub const STORED: usize = 300;

/// Rows of a node with wide lanes that is fitted here, and of the vote of its pairs.
pub fn node(
    node: &mut Node<Wide<VARIABLES>, VARIABLES>,
    pairs: &mut Pairs<VARIABLES>,
    work: &mut Work<VARIABLES>,
    stored: &mut [[f32; VARIABLES]; STORED],
) {
    let settings = node::Settings::new(wide::Settings {
        variables: VARIABLES as u16,
    });
    let Ok(rules) = node::Rules::try_from(settings) else {
        fail("the settings fit")
    };
    let mut workload = Workload::new();
    for row in stored.iter_mut() {
        *row = workload.next_frame().map(|x| x.usable().unwrap_or(0.0));
    }
    let stored = &mut stored.as_slice();
    if node.fit(&rules, stored, work).is_err() {
        fail("the rows are enough")
    }
    pairs.fit(node, stored, work);
    println!(
        "detector name=node bytes={}",
        Node::<Wide<VARIABLES>, VARIABLES>::STATE_BYTES
    );
    println!(
        "detector name=pairs bytes={}",
        size_of::<Pairs<VARIABLES>>()
    );
    for tick in 0..FRAMES {
        let frame = workload.next_frame();
        let answer = counted(|| node.observe(&rules, Tick(tick), black_box(&frame)));
        println!("counted detector name=node state={}", answer.state.name());
        let blamed = counted(|| pairs.blamed(node).count());
        println!("counted detector name=pairs state=normal blamed={blamed}");
    }
}

/// Trainings of one predictor on three values.
pub fn training<F: Predictor>(functions: &str) {
    #[inline(never)]
    fn train<F: Predictor>(context: &[f32; 3]) -> F {
        fit(context)
    }
    for context in [
        [91.958, 94.798, 92.208],
        [94.798, 92.208, 93.722],
        [34.324, 34.324, 34.322],
    ] {
        let model: F = counted(|| train(black_box(&context)));
        black_box(model);
        println!(
            "counted training predictor={} functions={functions}",
            F::NAME
        );
    }
}

/// Trainings that fit in little memory.
pub fn trainings() {
    training::<TabulatedLstm>("none");
    training::<FixedSeedLstm<Libm>>(Libm::NAME);
    training::<FixedSeedLstm<Pade>>(Pade::NAME);
    training::<FixedSeedLstm<Micromath>>(Micromath::NAME);
}

/// Calls of the functions that trainings use.
pub fn functions() {
    of::<Libm>();
    of::<Pade>();
    of::<Micromath>();
}

/// A function of one argument.
type Function = fn(f32) -> f32;

fn of<M: Math>() {
    #[inline(never)]
    fn call(function: Function, x: f32) -> f32 {
        function(x)
    }
    let functions: [(&str, Function); 4] = [
        ("exp", M::exp),
        ("tanh", M::tanh),
        ("sigmoid", M::sigmoid),
        ("sqrt", M::sqrt),
    ];
    for (name, function) in functions {
        for x in [0.1f32, 0.7, 1.3, 2.9] {
            black_box(counted(|| call(black_box(function), black_box(x))));
            println!("counted function name={name} functions={}", M::NAME);
        }
    }
}
