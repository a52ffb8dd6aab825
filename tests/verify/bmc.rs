//! Stage `bmc`: a management controller in QEMU, with faults injected into its sensors.
//!
//! Every row's values go into the emulated sensors over QMP; the program reads them over I2C and reports over
//! its serial ports. A debugger holds the program between two rows, so that rows, and all that follows from
//! them, are the same on any machine.

mod chip;
mod debugger;
mod fault;
mod heard;
pub mod plant;
pub mod qmp;

use crate::elf::panic_symbols;
use crate::shell::Step;
use crate::stages::{Context, Outcome, bellwether, folder};
use anyhow::{Context as _, ensure};
use bellwether::State;
use bellwether_sim::board::AST1030;
use chip::{Chip, Part};
use fault::FAULTS;
use heard::Heard;
use std::path::Path;
use std::time::{Duration, Instant};

/// The model that is built into the program, within the firmware's workspace.
const MODEL: &str = "firmware-examples/boards/aspeed-ast1030/bmc.bwm";
/// Healthy rows to train it on: another part of the plant's life than the injected faults.
const TRAINED: std::ops::Range<u64> = 100_000..106_000;
/// The row before which the system is reset, and the saved state to continue from then.
const RESET: u64 = 1250;
const SAVED: u64 = 1200;
/// Rows after the reset.
const AFTER: u64 = 20;
/// Rows without the hot-swap controller.
const WITHOUT: u64 = 20;
/// Rows that come by the board's own clock, and the longest time for them.
const OWN: usize = 2;
const PATIENCE: Duration = Duration::from_secs(20);

/// Faults, a reset, an absent part, and the board's own clock. `--bless` trains the model anew.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let folder = folder("bmc")?;
    if context.bless {
        train(&folder)?;
    }
    let program = context.firmware()?.program(&AST1030, "bmc", &[])?;
    let found = panic_symbols(&program)?;
    ensure!(found.is_empty(), "panic paths: {}", found.join(", "));
    faults(&program, &folder)?;
    absent_part(&program, &folder)?;
    Ok(Outcome::Done)
}

/// Trains the model as a user would.
fn train(folder: &Path) -> anyhow::Result<()> {
    let rows = folder.join("healthy.csv");
    std::fs::write(&rows, plant::csv(TRAINED))?;
    Step::new(bellwether()?)
        .args(["model", "train", "--output", MODEL])
        .arg(&rows)
        .run()
}

/// Each fault in turn, then a reset.
fn faults(program: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut chip = Chip::start(program, folder, &[Part::HotSwap, Part::Eeprom])?;
    for row in 0..RESET {
        chip.row(&fault::values(row))?;
    }
    let heard = chip.heard()?;
    heard.check_every_row(0..RESET)?;
    heard.check_values(fault::values)?;
    fault::check_quiet(&heard)?;
    for fault in &FAULTS {
        fault.check(&heard)?;
    }

    chip.reset()?;
    for row in SAVED + 1..=SAVED + AFTER {
        chip.row(&fault::values(row))?;
    }
    let again = chip.heard()?;
    again.check_every_row(SAVED + 1..SAVED + AFTER + 1)?;
    continued(&heard, &again)?;

    chip.release()?;
    let (start, before) = (Instant::now(), again.guard.len());
    while chip.heard()?.guard.len() < before + OWN {
        ensure!(
            start.elapsed() < PATIENCE,
            "the board's own clock brings no rows"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("{OWN} rows by the board's own clock");
    chip.quit()
}

/// The answers after a reset are those of the same rows before it: nothing that was learned is lost.
fn continued(before: &Heard, after: &Heard) -> anyhow::Result<()> {
    for answer in &after.guard {
        let earlier = before.guard.iter().find(|of| of.tick == answer.tick);
        let earlier = earlier.context("a row after the reset that was not there before")?;
        ensure!(
            !matches!(answer.assessment.state, State::Warming { .. }),
            "warms up again after the reset"
        );
        ensure!(
            answer == earlier,
            "row {} after the reset: {answer:?}, before: {earlier:?}",
            answer.tick
        );
    }
    println!(
        "reset before row {RESET}: goes on with row {}, {} answers as before",
        SAVED + 1,
        after.guard.len()
    );
    Ok(())
}

/// Without the hot-swap controller nobody acknowledges its address: its variables are missing, the inlet is
/// there.
fn absent_part(program: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut chip = Chip::start(program, folder, &[])?;
    for row in 0..WITHOUT {
        chip.row(&plant::row(row))?;
    }
    let heard = chip.heard()?;
    heard.check_every_row(0..WITHOUT)?;
    let last = heard.guard.last().context("no row")?;
    let notice = last.notice.as_deref().context("no notice")?;
    let missing: Vec<u16> = notice.complaints.iter().map(|of| of.variable).collect();
    ensure!(
        missing == [1, 2, 3, 4]
            && notice
                .complaints
                .iter()
                .all(|of| of.symptom == bellwether::health::Symptom::Missing),
        "without the hot-swap controller: {:?}",
        notice.complaints
    );
    println!("no acknowledge from the hot-swap controller: 4 variables missing, the inlet is read");
    chip.quit()
}
