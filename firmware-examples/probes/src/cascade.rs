//! Rows of a cascade: those that both detectors learn from, then rows of which the watcher finds some odd.

use crate::counting::counted;
use crate::sentinel::V;
use crate::workload::Workload;
use bellwether::cascade::{Cascade, Rules, Settings, Verdict, Wake};
use bellwether::quartet::{self, Shape, fitting};
use bellwether::sigma::{self, Sigma};
use bellwether::{Detector, Reading, Tick, fitting_of};
use bellwether_firmware::console::fail;
use core::hint::black_box;
use semihosting::println;

const SHAPE: Shape = Shape::new(V as u16);

/// The cascade, of the default shape.
pub type State = Cascade<Sigma<V>, fitting_of!(SHAPE)>;

/// Rows to learn from, rows before the counted ones, and counted rows, as of the sentinel.
const LEARN: u32 = 1000;
const BEFORE: u64 = 1500;
const COUNTED: u64 = 1000;

/// Counts rows.
pub fn counted_rows(state: &mut State) {
    type RulesOf<'r> = <State as Detector>::Rules<'r>;
    #[inline(never)]
    fn decide(state: &mut State, rules: &RulesOf<'_>, tick: u64, row: &[Reading]) -> Verdict {
        state.decide(rules, Tick(tick), row)
    }
    let settings = Settings {
        watcher: sigma::Settings {
            learn: LEARN,
            ..sigma::Settings::DEFAULT
        },
        costly: fitting::Settings {
            quartet: quartet::Settings::new(SHAPE),
            rows: LEARN,
        },
        wake: Wake::DEFAULT,
    };
    let Ok(rules) = Rules::try_from(settings) else {
        fail("the settings fit")
    };
    println!("detector name=cascade bytes={}", State::STATE_BYTES);
    let mut workload = Workload::new();
    for tick in 0..BEFORE + COUNTED {
        let [row @ .., _] = workload.next_frame();
        if tick < BEFORE {
            decide(state, &rules, tick, &row);
            continue;
        }
        let verdict = counted(|| decide(state, &rules, tick, black_box(&row)));
        let name = match verdict.costly {
            Some(_) => "awake",
            None => "asleep",
        };
        let word = verdict.assessment().state.name();
        println!("counted detector name=cascade-{name} state={word}");
    }
}
