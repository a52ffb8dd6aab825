//! `cargo verify --long`: the node agent over 24 simulated hours with 500 variables. Memory stays as it is.
//!
//! The hours are those of the test `soak` of the agent, which simulates one of them in stage `host`.

use crate::lanes::Lane;
use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, Stage};
use anyhow::ensure;
use std::fs;

const HOURS: &str = "24";
/// The committed result.
const RESULT: &str = "docs/measured/soak.txt";

/// The stage, which runs only if it is asked for.
pub const SOAK: Stage = Stage {
    name: "soak",
    about: "the node agent over 24 simulated hours: memory stays as it is",
    lane: Lane::Last,
    run,
};

fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let test = "test --quiet --release --package bellwether-agent --test soak -- --nocapture";
    let said = Step::cargo(test)
        .env("BELLWETHER_SOAK_HOURS", HOURS)
        .output()?;
    // A line an hour, then one about all.
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.contains(" resident") || line.contains(": resident"))
        .collect();
    let hours = lines
        .iter()
        .filter(|line| line.starts_with("hour "))
        .count();
    ensure!(
        hours.to_string() == HOURS,
        "{hours} hours were simulated:\n{said}"
    );
    let result = lines.join("\n") + "\n";
    print!("{result}");
    if context.bless {
        fs::write(root().join(RESULT), result)?;
        println!("wrote {RESULT}");
    }
    Ok(Outcome::Done)
}
