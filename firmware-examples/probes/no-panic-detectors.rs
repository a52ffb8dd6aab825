//! Shows: control charts, `mahalanobis`, `half_space`, `consensus`, `golden`, `node` and one that moves, a cascade, a weighted vote and bursts, linked;
//! nothing in them can panic. A
//! program of its own, because the smallest flash has no room for them beside all the rest.
//! Run: `cargo verify no-panic`
//! Expected: no symbol of a panic in the linked program, and some with `panic-on-purpose`.
#![no_std]
#![no_main]

use bellwether::cascade::Cascade;
use bellwether::chart::{
    Charts, Cusum, Gaussian, Limits, PageHinkley, Profile, Window, cusum, gaussian, limits,
    page_hinkley, profile, window,
};
use bellwether::consensus::Consensus;
use bellwether::golden::Golden;
use bellwether::half_space::HalfSpace;
use bellwether::mahalanobis::Mahalanobis;
use bellwether::node::{Moving, Pairs, Probes, Wide, fit::Work};
use bellwether::sigma::Sigma;
use bellwether::signal::Burst;
use bellwether_firmware as _;
use bellwether_probes::{charts, everything, front_end};
use core::hint::black_box;
use cortex_m_rt::entry;

/// A chart of each kind.
type Everything = (
    Charts<Limits, 3>,
    Charts<Cusum, 3>,
    Charts<PageHinkley, 3>,
    Charts<Gaussian, 3>,
    Charts<Window<8>, 3>,
    Charts<Profile<4>, 3>,
);

#[entry]
fn main() -> ! {
    static mut CHARTS: Everything = (
        Charts::new(),
        Charts::new(),
        Charts::new(),
        Charts::new(),
        Charts::new(),
        Charts::new(),
    );
    static mut MAHALANOBIS: (Mahalanobis<3>, Cascade<Sigma<3>, Mahalanobis<3>>) = (
        Mahalanobis::new(),
        Cascade::new(Sigma::new(), Mahalanobis::new()),
    );
    static mut HALF_SPACE: HalfSpace<3, 4, 32> = HalfSpace::new();
    static mut CONSENSUS: (Consensus<3, 4>, Golden<3, 16, 9>) = (Consensus::new(), Golden::new());
    static mut NODE: (Moving<Wide<3>, 3, 24>, Pairs<3>, Probes<2>) =
        (Moving::new(), Pairs::new(), Probes::new());
    static mut WORK: (Work<3>, Burst<64, 2>, [[f32; 64]; 2]) =
        (Work::new(), Burst::new(), [[0.0; 64]; 2]);
    static mut BUFFER: [u8; 4096] = [0; 4096];
    let mut done = charts::everything(&mut CHARTS.0, limits::Settings::DEFAULT, BUFFER);
    done += charts::everything(&mut CHARTS.1, cusum::Settings::DEFAULT, BUFFER);
    done += charts::everything(&mut CHARTS.2, page_hinkley::Settings::DEFAULT, BUFFER);
    done += charts::everything(&mut CHARTS.3, gaussian::Settings::DEFAULT, BUFFER);
    done += charts::everything(&mut CHARTS.4, window::Settings::DEFAULT, BUFFER);
    done += charts::everything(&mut CHARTS.5, profile::Settings::DEFAULT, BUFFER);
    done += everything::mahalanobis(&mut MAHALANOBIS.0, BUFFER);
    done += everything::cascade(&mut MAHALANOBIS.1, BUFFER);
    done += everything::weighted(BUFFER);
    done += everything::half_space(HALF_SPACE, BUFFER);
    done += everything::consensus(&mut CONSENSUS.0, BUFFER);
    done += everything::golden(&mut CONSENSUS.1, BUFFER);
    let (work, burst, samples) = WORK;
    done += front_end::everything(burst, samples);
    let (moving, pairs, probes) = NODE;
    done += everything::moving(moving, work, BUFFER);
    done += everything::node(moving.first(), pairs, probes, work, BUFFER);
    #[cfg(feature = "panic-on-purpose")]
    let done = done + usize::from(BUFFER[black_box(done)]);
    loop {
        black_box(done);
    }
}
