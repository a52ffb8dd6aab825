//! `bellwether cost`: the detector's cost on each board.

use crate::board::firmware::Firmware;
use crate::board::{BOARDS, Board};
use crate::cost::{self, Figures};
use crate::recording::Recording;
use crate::text::markdown_section;
use anyhow::{Context, ensure};
use bellwether::Reading;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measures the detector's cost: state, stack, flash, and instructions per sample.
///
/// Builds the boards' programs, counts their instructions in QEMU with a plugin compiled by
/// `cc`, and prints the tables of COSTS.md. This takes some minutes.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether cost --board qemu-mps2-an386")]
pub struct Args {
    /// Measures only this board; may be repeated
    #[arg(long, value_name = "NAME", value_parser = Board::named)]
    board: Vec<Board>,
    /// Recording of nine variables, for the timings on this machine
    #[arg(long, value_name = "RECORDING")]
    recording: Option<PathBuf>,
    /// Writes COSTS.md, the table of README.md and tests/expect/costs.txt of the repository
    #[arg(long, conflicts_with = "board", requires = "recording")]
    update: bool,
}

/// Runs the command.
///
/// # Errors
/// The firmware cannot be built or run.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let firmware = Firmware::find()?;
    let boards = if args.board.is_empty() {
        BOARDS.to_vec()
    } else {
        args.board
    };
    let root = firmware.root().to_owned();
    let scratch = root.join("target/cost");
    let say = |what: &str| eprintln!("measuring {what}");
    let mut figures = cost::measure(&firmware, &boards, &scratch, say)?;
    if let Some(path) = &args.recording {
        say("this machine");
        let nanoseconds = cost::host_nanoseconds(&frames(path)?);
        figures.note("host.ns_per_frame".to_owned(), nanoseconds);
    }
    if args.update {
        write(&root, &figures)?;
    }
    io::stdout().write_all(cost::document(&figures).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn frames(path: &Path) -> anyhow::Result<Vec<Vec<Reading>>> {
    let mut recording = Recording::open(path)?;
    ensure!(
        recording.names().len() == 9,
        "{}: nine variables are needed, found {}",
        path.display(),
        recording.names().len()
    );
    let mut frames = Vec::new();
    while let Some(row) = recording.next_row()? {
        frames.push(row.readings.to_vec());
    }
    Ok(frames)
}

fn write(root: &Path, figures: &Figures) -> anyhow::Result<()> {
    let save =
        |name: &str, text: &str| fs::write(root.join(name), text).with_context(|| name.to_owned());
    save("tests/expect/costs.txt", &figures.to_string())?;
    save("COSTS.md", &cost::document(figures))?;
    let readme = fs::read_to_string(root.join("README.md"))?;
    save("README.md", &with_summary(&readme, figures)?)
}

/// The README with its table replaced.
///
/// # Errors
/// The README lacks the markers of the table.
pub fn with_summary(readme: &str, figures: &Figures) -> anyhow::Result<String> {
    markdown_section::with(readme, "README.md", "costs", &cost::summary(figures))
}
