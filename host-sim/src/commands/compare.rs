//! `bellwether compare`: equality of two runs, bit for bit.

use crate::compare::{Rename, compare};
use anyhow::{Context, bail};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compares two files of verdicts and names the first difference: tick, field, both values.
///
/// Files are JSON lines of `bellwether run` or `bellwether device run`, or points of their
/// `--points`. Exit code: 0 equal, 1 different, 2 not readable.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether compare host.csv board.csv")]
pub struct Args {
    /// One file, or `-` for standard input
    a: PathBuf,
    /// The other
    b: PathBuf,
    /// A renamed field: its name in the first file and in the second; may be repeated
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<Rename>,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read or is no file of verdicts.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    if args.a == args.b && args.a == Path::new("-") {
        bail!("standard input can be only one of the two");
    }
    let both = || format!("{} and {}", args.a.display(), args.b.display());
    match compare(open(&args.a)?, open(&args.b)?, &args.rename).with_context(both)? {
        Ok(count) => {
            writeln!(io::stdout(), "equal: {count} records")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(difference) => {
            writeln!(io::stdout(), "{difference}")?;
            Ok(ExitCode::from(1))
        }
    }
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(Box::new(BufReader::new(file)))
}
