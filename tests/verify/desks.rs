//! Stage `desks`: projects for boards that QEMU does not emulate. They are built and linked, not run.

use crate::committed::compare_sizes;
use crate::stages::{Context, Outcome};
use bellwether_sim::board::{BOARDS, Board};
use bellwether_sim::cost::Size;
use std::collections::BTreeMap;

/// Packages of `firmware-examples/desks`, with their targets.
const DESKS: [(&str, &str); 3] = [
    ("nrf52840-dk", "thumbv7em-none-eabihf"),
    ("rp-pico", "thumbv6m-none-eabi"),
    ("stm32f4-discovery", "thumbv7em-none-eabihf"),
];

/// Builds each and compares sizes.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let desks = context.firmware()?.desks();
    let mut sizes = BTreeMap::new();
    for (name, target) in DESKS {
        let board = Board {
            name,
            target,
            ..BOARDS[0]
        };
        for (program, path) in desks.build(&board, &["--bins"])? {
            sizes.insert(format!("{name} {program}"), Size::of(&path)?);
        }
    }
    compare_sizes("desks", &sizes, &desks.compiler()?, context.bless)
}
