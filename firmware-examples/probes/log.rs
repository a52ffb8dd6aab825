//! Shows: settings, verdicts, missing data and refusals, logged with defmt.
//! Run: `cargo verify log`
//! Expected: tests/expect/log.txt
#![no_std]
#![no_main]

use bellwether::{Cause, Ensemble, Reading, Settings, Snapshot, Tick};
use bellwether_firmware::console;
use bellwether_probes::workload::{VARIABLES, Workload};
use cortex_m as _; // Its critical section is the logger's.
use cortex_m_rt::entry;
use defmt::{error, info, warn};
use defmt_semihosting as _; // Standard output is the logger's alone.

type Rola = Ensemble<VARIABLES, 32, 32>;

const FRAMES: u64 = 740;
/// A frame in which one sensor does not answer, and which.
const BROKEN: (u64, usize) = (700, 4);

#[entry]
fn main() -> ! {
    static mut ROLA: Rola = Rola::new();
    static mut SNAPSHOT: [u8; Rola::SNAPSHOT_MAX] = [0; Rola::SNAPSHOT_MAX];
    let mut settings = Settings::DEFAULT;
    settings.vote.limit = 1.0;
    if let Err(refusal) = Rola::rules(settings) {
        error!("settings refused: {}", refusal);
    }
    let Ok(rules) = Rola::rules(Settings::DEFAULT) else {
        console::fail("the defaults fit")
    };
    info!("{}", rules.settings());
    let mut workload = Workload::new();
    for tick in 0..FRAMES {
        let mut frame = workload.next_frame();
        if tick == BROKEN.0 {
            frame[BROKEN.1] = Reading::Absent(Cause::Sensor);
        }
        let verdict = ROLA.observe(&rules, Tick(tick), &frame);
        let (flagged, confirmed) = (verdict.flagged, verdict.confirmed);
        if !flagged.is_empty() {
            warn!(
                "{}: flagged {}, confirmed {}",
                verdict.tick, flagged, confirmed
            );
        }
        for (k, (reading, lane)) in frame.iter().zip(verdict.lanes()).enumerate() {
            if flagged.contains(k) {
                warn!("  variable {}: {}", k, lane);
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
