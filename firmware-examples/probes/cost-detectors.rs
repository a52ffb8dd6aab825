//! Shows: the cost of the rows of named detectors, as instructions. A program of its own: smaller boards have
//! no room for them beside an ensemble.
//! Run: `bellwether cost --board qemu-mps2-an386`
//! Expected: COSTS.md, made from tests/expect/costs.txt.
#![no_std]
#![no_main]

use bellwether::consensus::{self, Consensus};
use bellwether::half_space::{self, HalfSpace};
use bellwether::mahalanobis::{self, Mahalanobis};
use bellwether::node::{Node, Pairs, Wide, fit::Work};
use bellwether_firmware::console;
use bellwether_probes::cost::{STORED, detector, node, worst_rows};
use board::{LARGE, VARIABLES};
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut MAHALANOBIS: Mahalanobis<VARIABLES> = Mahalanobis::new();
    static mut CONSENSUS: Consensus<VARIABLES, 18> = Consensus::new();
    // Not linked where it is not called.
    static mut HALF_SPACE: HalfSpace<VARIABLES, 12, 512> = HalfSpace::new();
    static mut NODE: (Node<Wide<VARIABLES>, VARIABLES>, Pairs<VARIABLES>) =
        (Node::new(), Pairs::new());
    static mut WORK: (Work<VARIABLES>, [[f32; VARIABLES]; STORED]) =
        (Work::new(), [[0.0; VARIABLES]; STORED]);
    let settings = mahalanobis::Settings::DEFAULT;
    detector("mahalanobis", MAHALANOBIS, settings);
    detector("consensus", CONSENSUS, consensus::Settings::DEFAULT);
    worst_rows("consensus-worst", CONSENSUS, consensus::Settings::DEFAULT);
    if LARGE {
        node(&mut NODE.0, &mut NODE.1, &mut WORK.0, &mut WORK.1);
        let settings = half_space::Settings::DEFAULT;
        detector("half_space", HALF_SPACE, settings);
    }
    console::finish()
}
