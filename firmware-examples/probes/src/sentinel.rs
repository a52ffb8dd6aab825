//! Rows of the sentinel with each preset: those that it fits itself to, then judged ones.

use crate::counting::counted;
use crate::stack;
use crate::workload::Workload;
use bellwether::quartet::Shape;
use bellwether::quartet::fitting::Fitting;
use bellwether::sentinel::{Rules, Sentinel, Settings};
use bellwether::{Assessment, Detector, Reading, Tick, sentinel_of};
use bellwether_firmware::console::fail;
use core::hint::black_box;
use semihosting::println;

/// Variables of a row.
pub const V: usize = 8;
/// Sizes of the presets.
const DEFAULT: Shape = Shape::new(V as u16);
const SMALL: Shape = Shape::small(V as u16);
const TINY: Shape = Shape::tiny(V as u16);

/// Room for every preset, one after the other: one that does not learn needs more to fit itself.
pub type Roomy = Sentinel<
    Fitting<
        { DEFAULT.floats() },
        { DEFAULT.bytes() },
        { DEFAULT.distances() },
        V,
        { DEFAULT.work() },
        { SMALL.neighbours() },
    >,
    V,
    V,
>;

/// Rows to fit to.
const ROWS: u32 = 1000;
/// Rows before the judged ones that are counted: the quarantine is full by then, and memories learn.
const BEFORE: u64 = 1500;
/// Judged rows that are counted, and rows to find the depth of the stack.
const COUNTED: u64 = 1000;
const DEEP: u64 = 500;

/// Rows of every preset.
pub fn presets(state: &mut Roomy) {
    preset(
        state,
        "default",
        DEFAULT,
        <sentinel_of!(DEFAULT)>::STATE_BYTES,
    );
    preset(state, "small", SMALL, <sentinel_of!(SMALL)>::STATE_BYTES);
    preset(state, "tiny", TINY, <sentinel_of!(TINY)>::STATE_BYTES);
}

type RulesOf<'r> = <Roomy as Detector>::Rules<'r>;

/// The next row.
fn row(workload: &mut Workload) -> [Reading; V] {
    let [row @ .., _] = workload.next_frame();
    row
}

#[inline(never)]
fn observe(state: &mut Roomy, rules: &RulesOf<'_>, tick: u64, row: &[Reading]) -> Assessment {
    state.observe(rules, Tick(tick), row)
}

fn preset(state: &mut Roomy, name: &str, shape: Shape, bytes: usize) {
    let Ok(rules) = Rules::try_from(Settings::of_shape(shape, ROWS)) else {
        fail("the settings fit")
    };
    println!("detector name=sentinel-{name} bytes={bytes}");
    state.reset();
    let mut workload = Workload::new();
    for tick in 0..BEFORE + COUNTED {
        let row = row(&mut workload);
        if (ROWS.into()..BEFORE).contains(&tick) {
            observe(state, &rules, tick, &row);
            continue;
        }
        let answer = counted(|| observe(state, &rules, tick, black_box(&row)));
        let word = answer.state.name();
        println!("counted detector name=sentinel-{name} state={word}");
    }
    // By itself: what is inlined into the painting would be painted over.
    #[inline(never)]
    fn deep(state: &mut Roomy, rules: &RulesOf<'_>, workload: &mut Workload) {
        for tick in BEFORE + COUNTED..BEFORE + COUNTED + DEEP {
            observe(state, rules, tick, black_box(&row(workload)));
        }
    }
    let depth = stack::used_by(|| deep(state, &rules, &mut workload));
    println!("detector name=sentinel-{name} of=stack bytes={depth}");
}
