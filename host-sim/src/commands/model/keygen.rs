//! `bellwether model keygen`: a key to sign models with.

use crate::model::key;
use crate::text::hex;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Creates a key pair to sign models with: KEYFILE, which must stay secret, and KEYFILE.pub.
///
/// Both are PEM, as read by OpenSSL. The 32 bytes for the firmware are printed.
#[derive(clap::Args)]
#[command(after_help = "Example: bellwether model keygen -o models.key")]
pub struct Args {
    /// File of the private key, readable by its owner only; an existing file is not overwritten
    #[arg(short, long, value_name = "KEYFILE")]
    output: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// A file exists or cannot be written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let signing = key::generate()?;
    let public = key::save(&signing, &args.output)?;
    writeln!(io::stdout(), "{}", hex(signing.verifying_key().as_bytes()))?;
    writeln!(
        io::stderr(),
        "private key: {}, public key: {}",
        args.output.display(),
        public.display()
    )?;
    Ok(ExitCode::SUCCESS)
}
