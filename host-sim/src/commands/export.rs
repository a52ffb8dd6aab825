//! `bellwether export`: the detector as a library for programs in C.

use crate::export::Parts;
use crate::export::archive::{Capacities, build, source};
use crate::export::layout::Layout;
use crate::export::sizes::Sizes;
use crate::export::target::Target;
use crate::model::Stored;
use anyhow::{Context, ensure};
use bellwether::Model;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLE: &str = "\
Example: bellwether export c --variables 5 --target cortex-m4f --layout zephyr,arduino -o bellwether-c
         bellwether export c --model node.bwm --target host -o node-c";

/// Builds the detector as a library for other languages.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(subcommand)]
    language: Language,
}

#[derive(clap::Subcommand)]
enum Language {
    C(CArgs),
}

/// Writes a static library for C, its headers, an example, a CMake project and a table of sizes.
///
/// The library is compiled for the target from the sources of the project, with the capacities given here: the
/// default detector for so many variables, and room for a model. Its window is the model's; the default detector
/// has the windows of its preset, so there is no option for one. Guide: docs/guide/c.md.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
struct CArgs {
    /// Largest number of variables of a detector, 1 to 512; with --model, that of the model unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512), required_unless_present = "model")]
    variables: Option<u16>,
    /// Vectors of the detector's memories
    #[arg(long, value_name = "NAME", value_parser = ["default", "small", "tiny"], default_value = "small")]
    preset: String,
    /// The processor: host, cortex-m0, -m3, -m4, -m4f, -m7f, -m33, -m33f, esp32c3, esp32c6, riscv32imac
    #[arg(long, value_name = "NAME", value_parser = Target::named)]
    target: &'static Target,
    /// A trained model that goes along as C source
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Further layouts, each in a folder of its own
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    layout: Vec<Layout>,
    /// A copy of Bellwether's repository; else the current folder or one above it
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
    /// The folder to write into
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, a refused model, sources that are not there, a failed build, or a file that cannot be written.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let Language::C(args) = &args.language;
    // First the checks that can fail at once, then the slow step.
    for layout in &args.layout {
        layout.expect(args.target)?;
    }
    let root = source(args.source.as_deref())?;
    ensure!(
        !args.output.is_file(),
        "--output {}: a file, not a folder",
        args.output.display()
    );
    let stored = args.model.as_deref().map(Stored::read).transpose()?;
    let model = stored.as_ref().map(Stored::model).transpose()?;
    let own = model.as_ref().map(Model::feature_count);
    let variables = match (args.variables, own) {
        (Some(variables), _) => variables,
        (None, own) => u16::try_from(own.unwrap_or_default())?,
    };
    let room = Capacities {
        variables,
        preset: &args.preset,
        model: model
            .as_ref()
            .map(|model| [model.feature_count(), model.window(), model.arena_len()]),
    };
    let archive = build(&root, args.target, &room)?;
    let parts = Parts {
        target: args.target,
        preset: &args.preset,
        header: text(&root, "bellwether.h")?,
        sizes: header_of_sizes(&text(&root, "bellwether_sizes.h.in")?, &archive.sizes),
        archive,
        model: stored.as_ref(),
    };
    parts.write(&args.output)?;
    for layout in &args.layout {
        layout.write(&parts, &args.output)?;
    }
    for (key, size) in parts.archive.sizes.pairs() {
        if key.ends_with("_bytes") || key == "snapshot_max" {
            eprintln!("{key}: {size}");
        }
    }
    eprintln!("written to {}", args.output.display());
    Ok(ExitCode::SUCCESS)
}

fn text(root: &Path, name: &str) -> anyhow::Result<String> {
    let path = root.join("hal-adapters/c/include").join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

fn header_of_sizes(template: &str, sizes: &Sizes) -> String {
    let fill = |text: String, (key, size): (&str, String)| text.replace(&format!("@{key}@"), &size);
    sizes.pairs().fold(template.to_owned(), fill)
}
