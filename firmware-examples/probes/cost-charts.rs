//! Shows: the cost of the rows of control charts, ten half-space trees of depth 6 and a golden run of 30 rows, as
//! instructions. A program of its own: the micro:bit has no room for them beside an ensemble.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md, made from tests/expect/costs.txt.
#![no_std]
#![no_main]

use bellwether::chart::{
    Charts, Cusum, Gaussian, Limits, PageHinkley, Profile, Window, cusum, gaussian, limits,
    page_hinkley, profile, window,
};
use bellwether::golden::{self, Begin, Golden};
use bellwether::half_space::{self, HalfSpace};
use bellwether_firmware::console;
use bellwether_probes::charts::counted_rows;
use bellwether_probes::cost::detector;
use board::VARIABLES;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut LIMITS: Charts<Limits, VARIABLES> = Charts::new();
    static mut CUSUM: Charts<Cusum, VARIABLES> = Charts::new();
    static mut PAGE_HINKLEY: Charts<PageHinkley, VARIABLES> = Charts::new();
    static mut GAUSSIAN: Charts<Gaussian, VARIABLES> = Charts::new();
    static mut WINDOW: Charts<Window<64>, VARIABLES> = Charts::new();
    static mut PROFILE: Charts<Profile<24>, VARIABLES> = Charts::new();
    static mut OTHERS: (HalfSpace<VARIABLES, 10, 128>, Golden<VARIABLES, 32, 17>) =
        (HalfSpace::new(), Golden::new());
    counted_rows(LIMITS, limits::Settings::DEFAULT);
    counted_rows(CUSUM, cusum::Settings::DEFAULT);
    counted_rows(PAGE_HINKLEY, page_hinkley::Settings::DEFAULT);
    counted_rows(GAUSSIAN, gaussian::Settings::DEFAULT);
    counted_rows(WINDOW, window::Settings::DEFAULT);
    counted_rows(PROFILE, profile::Settings::DEFAULT);
    let settings = half_space::Settings::DEFAULT;
    detector("half_space_10_6", &mut OTHERS.0, settings);
    let settings = golden::Settings {
        begin: Begin::Every(30),
        ..golden::Settings::DEFAULT
    };
    detector("golden", &mut OTHERS.1, settings);
    console::finish()
}
