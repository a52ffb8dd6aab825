//! Stage `apps`: the lines of the programs to copy, on every board.

use crate::expected;
use crate::shell::Step;
use crate::stages::{Context, Outcome, folder};
use bellwether_sim::board::{ALL, emulator};

/// Programs that need no input.
const APPS: [&str; 3] = ["selfcheck", "sensor", "snapshot"];

/// Every app on every board.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let (firmware, storage) = (context.firmware()?, folder("apps")?);
    let mut lines = String::new();
    for board in &ALL {
        for app in APPS {
            let program = firmware.program(board, app, &[])?;
            let said = Step::of(emulator::command(board, &program))
                .within(&storage)
                .output()?;
            for line in said.lines() {
                lines += &format!("{} {app}: {line}\n", board.name);
            }
        }
    }
    expected::check("apps", &lines, context.bless)?;
    Ok(Outcome::Done)
}
