//! `bellwether model sign`: a signature for a model.

use crate::model::key;
use crate::model::sign::sign;
use crate::output::file::save;
use anyhow::Context;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLE: &str = "Example: bellwether model sign net.bwm --key models.key -o net.signed.bwm";

/// Signs a model. An existing signature is replaced.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The model
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The private key, created by `bellwether model keygen` or OpenSSL
    #[arg(long, value_name = "KEYFILE")]
    key: PathBuf,
    /// Output file of the signed model [default: MODEL itself]
    #[arg(short, long, value_name = "SIGNED")]
    output: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read or written, or is refused.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let name = || args.model.display().to_string();
    let key = key::read_private(&args.key)?;
    let bytes = std::fs::read(&args.model).with_context(name)?;
    let signed = sign(&bytes, &key).with_context(name)?;
    let path = args.output.as_ref().unwrap_or(&args.model);
    save(path, |out| out.write_all(&signed))?;
    writeln!(
        io::stderr(),
        "signed: {}, {} bytes",
        path.display(),
        signed.len()
    )?;
    Ok(ExitCode::SUCCESS)
}
