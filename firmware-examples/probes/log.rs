//! Shows: settings, verdicts, missing data and refusals, logged with defmt.
//! Run: `cargo verify log`
//! Expected: tests/expect/log.txt
#![no_std]
#![no_main]

use bellwether::rola::{self, Rules, Settings};
use bellwether::{Cause, Reading, Snapshot, Tick};
use bellwether_firmware::console;
use bellwether_probes::workload::{VARIABLES, Workload};
use cortex_m as _; // Its critical section is the logger's.
use cortex_m_rt::entry;
use defmt::{error, info, warn};
use defmt_semihosting as _; // Standard output is the logger's alone.

type Rola = rola::Rola<VARIABLES, 32, 32>;

const FRAMES: u64 = 740;
/// A frame in which one sensor does not answer, and which.
const BROKEN: (u64, usize) = (700, 4);

#[entry]
fn main() -> ! {
    static mut ROLA: Rola = Rola::new();
    static mut SNAPSHOT: [u8; Rola::SNAPSHOT_MAX] = [0; Rola::SNAPSHOT_MAX];
    let mut settings = Settings::DEFAULT;
    settings.vote.limit = 1.0;
    if let Err(refusal) = Rules::<VARIABLES, 32, 32>::new(settings) {
        error!("settings refused: {}", refusal);
    }
    let Ok(rules) = Rules::new(Settings::DEFAULT) else {
        console::fail("the defaults fit")
    };
    info!("{}", rules.settings());
    let mut workload = Workload::new();
    for tick in 0..FRAMES {
        let mut frame = workload.next_frame();
        if tick == BROKEN.0 {
            frame[BROKEN.1] = Reading::Absent(Cause::Sensor);
        }
        let verdict = ROLA.decide(&rules, Tick(tick), &frame);
        if verdict.flagged().next().is_some() {
            warn!("{}: {}", verdict.tick, verdict.alert());
        }
        for (k, (reading, lane)) in frame.iter().zip(verdict.lanes()).enumerate() {
            let outcome = verdict.outcome(k);
            if outcome.is_flagged() {
                warn!("  variable {}: {}, {}", k, outcome, lane);
            } else if reading.usable().is_err() {
                info!(
                    "{}: variable {}: {}, {}",
                    verdict.tick, k, reading, lane.state
                );
            }
        }
    }
    let half = ROLA.save(&rules, SNAPSHOT).map_or(0, |bytes| bytes / 2);
    if let Err(refusal) = ROLA.restore(&rules, &SNAPSHOT[..half]) {
        error!("half a snapshot refused: {}", refusal);
    }
    console::finish()
}
