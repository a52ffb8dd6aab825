//! `bellwether report`: replays a recording and writes a page that explains it.

use crate::commands::args::source::Source;
use crate::cost::estimate;
use crate::detect::registry::keys_help;
use crate::model::{ModelCard, Stored};
use crate::output::file::{save, spare};
use crate::page::Page;
use anyhow::bail;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Example: bellwether report recording.csv.gz --set promise=3 -o recording.html
         bellwether report recording.csv.gz --detector autoencoder --model node.bwm -o node.html";

/// Replays a recording and writes one self-contained HTML page about it.
///
/// The page shows each variable's values, usual range or expected band, the rows of alarms and
/// labels, and a table of events with their explanation: grade, begin, variables, the usual value. For an autoencoder it shows the scores
/// with their thresholds, a map of every variable's error over time (of its contribution to the
/// score if outputs are no reconstruction), and the model's facts. Each event has its evidence: the blamed variables row by
/// row around its first one. The recording is read as by `bellwether run`.
///
/// Above 64 variables the page has maps of groups and of the largest contributions, plots of at most 48 variables, those
/// that took part in an event, and a list of the others. A group is the variables with one name before the first
/// `.`, `/`, `:`, `_` or `-`; where names share none, those that correlate.
#[derive(clap::Args)]
#[command(
    after_help = EXAMPLES,
    after_long_help = format!(
        "{}\n\n{EXAMPLES}", keys_help()
    )
)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// The page [default: the recording's name with .html, in the current folder]
    #[arg(short = 'o', long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Wrong use, a recording that cannot be read, or a page that cannot be written.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    report(&args, &mut io::stderr()).map(|()| ExitCode::SUCCESS)
}

fn report(args: &Args, log: &mut impl Write) -> anyhow::Result<()> {
    let input = args.source.input.as_path();
    let path = match &args.output {
        Some(path) => path.clone(),
        None if input == Path::new("-") => {
            bail!("standard input has no name for the page: give one with -o FILE")
        }
        None => page_name(input),
    };
    spare(&path, input)?;
    let source = &args.source;
    let stored = source.stored()?;
    let model = stored.as_ref().map(Stored::model).transpose()?;
    let card = model.as_ref().map(|model| {
        let name = source.model.as_deref().map_or_else(String::new, title);
        ModelCard::new(model, estimate::of(model)).facts(&name)
    });
    let mut session = source.open(model)?;
    let mut page = Page::new(&title(input), session.profile());
    let mut usual = session.usual();
    while let Some((record, row)) = session.next_row()? {
        page.push(&record, (row.timestamp, row.label), row.readings, &usual);
        usual = session.usual();
    }
    page = page.with_remark(session.note());
    if let Some(card) = card {
        page = page.with_card(card);
    }
    save(&path, |out| page.write(session.tally(), out))?;
    session.summarize(log)?;
    writeln!(log, "report: {}", path.display())?;
    Ok(())
}

fn title(input: &Path) -> String {
    let name = input.file_name().filter(|_| input != Path::new("-"));
    name.map_or_else(
        || "Standard input".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// `folder/node.csv.gz` becomes `node.html`.
fn page_name(input: &Path) -> PathBuf {
    let mut name = PathBuf::from(input.file_name().unwrap_or(input.as_os_str()));
    for extension in ["gz", "zst", "csv"] {
        if name.extension().is_some_and(|found| found == extension) {
            name.set_extension("");
        }
    }
    name.as_mut_os_string().push(".html");
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_called_as_the_recording() {
        for (input, page) in [
            ("folder/node.csv.gz", "node.html"),
            ("node.csv.zst", "node.html"),
            ("a.b.csv", "a.b.html"),
            ("readings", "readings.html"),
            ("readings.txt", "readings.txt.html"),
        ] {
            assert_eq!(page_name(Path::new(input)), Path::new(page), "{input}");
        }
        assert_eq!(title(Path::new("folder/node.csv.gz")), "node.csv.gz");
        assert_eq!(title(Path::new("-")), "Standard input");
    }
}
