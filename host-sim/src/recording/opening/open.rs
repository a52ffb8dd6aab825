//! From a path or a reader to rows.

use super::Opened;
use crate::recording::options::Take;
use crate::recording::order;
use crate::recording::source::cell::Cells;
use crate::recording::source::columns::matching;
use crate::recording::source::compression::Counted;
use crate::recording::source::decode::Text;
use crate::recording::source::delimited::{LIVE, SAMPLE};
use crate::recording::source::dialect::Dialect;
use crate::recording::source::grid::Grid;
use crate::recording::source::json::{self, Json};
use crate::recording::source::lines::Lines;
use crate::recording::source::parquet::{self, ParquetRows};
use crate::recording::source::rate::Rates;
use crate::recording::source::roles::{Columns, Roles};
use crate::recording::source::sorted::Sorted;
use crate::recording::source::text::TextRows;
use crate::recording::source::{
    Current, Heading, Layout, Options, Problem, RecordingError, Rows, Training, decode, decompress,
    delimited, ipmi, kind, line_protocol, sheet, wide,
};
use bellwether_hal::Aggregate;
use std::fs::File;
use std::io::{self, BufRead, Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;

type Found = (Layout, Box<dyn Rows>, Heading);

/// Opens a file, or standard input if the path is `-`.
///
/// # Errors
/// It cannot be read, or is no recording.
pub fn path(path: &Path, options: &Options) -> Result<Opened, RecordingError> {
    if path == Path::new("-") {
        return reader("<stdin>", io::stdin(), None, true, options);
    }
    let name = path.display().to_string();
    let failed = |problem| RecordingError::new(&name, None, problem);
    let pickle = |end: &std::ffi::OsStr| end == "pkl" || end == "pickle";
    if path.extension().is_some_and(pickle) {
        return Err(failed(Problem::Pickle));
    }
    let mut file = File::open(path).map_err(|e| failed(Problem::Io(e)))?;
    let about = file.metadata().map_err(|e| failed(Problem::Io(e)))?;
    let size = about.is_file().then_some(about.len());
    if size.is_none() || !is_parquet(&mut file).map_err(|e| failed(Problem::Io(e)))? {
        return reader(&name, file, size, false, options);
    }
    if options
        .layout
        .is_some_and(|layout| layout != Layout::Parquet)
    {
        let found = "it is a Parquet file: --layout parquet, or none".to_owned();
        return Err(failed(Problem::Layout(found)));
    }
    if !options.sort {
        let file = File::open(path).map_err(|e| failed(Problem::Io(e)))?;
        let found = ParquetRows::open(file, Arc::default(), options).and_then(ahead);
        found.map_err(failed)?;
    }
    let bytes = Arc::default();
    let (rows, heading) = ParquetRows::open(file, Arc::clone(&bytes), options).map_err(failed)?;
    let found = (Layout::Parquet, Box::new(rows) as Box<dyn Rows>, heading);
    let (layout, source, heading) = shaped(found, options).map_err(failed)?;
    Ok(Opened {
        file: name,
        layout,
        heading,
        source,
        size,
        bytes,
    })
}

/// Refuses first rows of a Parquet file that run backwards.
fn ahead((mut rows, heading): (ParquetRows, Heading)) -> Result<(), Problem> {
    let (mut row, mut times) = (Current::default(), Vec::new());
    // A row that is malformed is named when it is read.
    while heading.dated && times.len() < SAMPLE && rows.next(&mut row).unwrap_or(false) {
        times.push(std::mem::take(&mut row.timestamp));
    }
    match order::backwards((1..).zip(times.iter().map(String::as_str))) {
        Some((line, newest_first)) => Err(Problem::Backwards { newest_first, line }),
        None => Ok(()),
    }
}

/// Whether a file begins as Parquet does.
fn is_parquet(file: &mut File) -> io::Result<bool> {
    let mut magic = Vec::new();
    let length = parquet::MAGIC.len() as u64;
    file.by_ref().take(length).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(magic == parquet::MAGIC)
}

/// Opens any reader. Of a live one, few rows are looked at before the first is given.
///
/// # Errors
/// It cannot be read, or is no recording.
pub fn reader(
    file: &str,
    input: impl Read + Send + 'static,
    size: Option<u64>,
    live: bool,
    options: &Options,
) -> Result<Opened, RecordingError> {
    let bytes = Arc::default();
    let input = Counted {
        inner: input,
        bytes: Arc::clone(&bytes),
    };
    let opened = decompress(file, input).and_then(|input| of_input(file, input, live, options));
    let shaped = match opened {
        Ok(found) => shaped(found, options).map_err(|problem| (None, problem)),
        Err(Problem::OfLine(line, problem)) => Err((Some(line), *problem)),
        Err(problem) => Err((None, problem)),
    };
    let (layout, source, heading) =
        shaped.map_err(|(line, problem)| RecordingError::new(file, line, problem))?;
    Ok(Opened {
        file: file.to_owned(),
        layout,
        heading,
        source,
        size,
        bytes,
    })
}

/// Rows of a decompressed file.
fn of_input(
    file: &str,
    input: Box<dyn BufRead + Send>,
    live: bool,
    options: &Options,
) -> Result<Found, Problem> {
    let Text {
        input,
        encoding,
        first,
    } = decode::text(input, options.encoding).map_err(Problem::Io)?;
    if first.is_empty() {
        return Err(Problem::Empty);
    }
    if let Some(kind) = kind::of_bytes(&first) {
        return Err(Problem::Foreign(kind));
    }
    if first.starts_with(&parquet::MAGIC) {
        let found =
            "a Parquet file in a stream or compressed; Parquet is read from a file of its own";
        return Err(Problem::Layout(found.to_owned()));
    }
    if first.starts_with(&sheet::MAGIC) {
        let (csv, name) = sheet::csv(input)?;
        let lines = Lines::new(Box::new(Cursor::new(csv)));
        let (_, rows, mut heading) = of_lines(
            file,
            lines,
            false,
            &Options {
                layout: Some(Layout::Plain),
                ..options.clone()
            },
        )?;
        heading.notes.push(format!("sheet `{name}`"));
        return Ok((Layout::Xlsx, rows, heading));
    }
    let json = first.iter().find(|byte| !byte.is_ascii_whitespace());
    if options.layout == Some(Layout::Json)
        || options.layout.is_none() && matches!(json, Some(b'{' | b'['))
    {
        let (json, mut notes) = json::read(input, options.strict)?;
        let (rows, mut heading) = match json {
            Json::Table(table) => {
                let dialect = delimited::dialect(&table, options);
                if !options.sort {
                    check(&dialect, &[], options)?;
                }
                delimited::of_memory(table, &dialect, options)?
            }
            Json::Values(values) => gathered(*values, options)?,
        };
        heading.notes.append(&mut notes);
        return Ok((Layout::Json, rows, heading));
    }
    of_lines(file, Lines::new(input).in_encoding(encoding), live, options)
}

fn gathered(
    values: crate::recording::source::long::Gather,
    options: &Options,
) -> Result<(Box<dyn Rows>, Heading), Problem> {
    let (memory, dated) = values.finish()?;
    delimited::of_gathered(memory, dated, &Cells::new(false, options), options)
}

/// Rows of a text.
fn of_lines(file: &str, mut lines: Lines, live: bool, options: &Options) -> Result<Found, Problem> {
    let path = Path::new(file);
    let begin = |lines: &mut Lines| {
        let head = lines.head(if live { LIVE } else { SAMPLE })?;
        let Some((_, first)) = head.first() else {
            return Err(Problem::Empty);
        };
        if let Some(kind) = kind::of_line(first).or_else(|| kind::of_lines(&head)) {
            return Err(Problem::Foreign(kind));
        }
        match lines.advance() {
            Ok(_) => {}
            // The first line may be a row of another dialect, or a comment.
            Err(problem) if problem.is_of_row() => {}
            Err(problem) => return Err(problem),
        }
        Ok(head)
    };
    let head = match begin(&mut lines) {
        Ok(head) => head,
        Err(problem @ (Problem::Empty | Problem::Foreign(_))) => return Err(problem),
        Err(problem) => return Err(Problem::OfLine(lines.line().max(1), Box::new(problem))),
    };
    let dialect = Dialect::of(&head, options);
    let encoding = lines
        .encoding()
        .map(|(name, line)| format!("{name}, from line {line}"));
    let roles = || Roles::of(columns(dialect.as_ref().ok()?), &Options::default()).ok();
    let timed = || roles().is_some_and(|roles| roles.time.is_some());
    let chosen = options.time.is_some() || options.label.is_some();
    let points = || {
        let mut lines = head.iter().map(|(_, line)| line.trim_start());
        let first = lines.find(|line| !line.starts_with('#'));
        lines.next().is_some() && first.is_some_and(line_protocol::is)
    };
    let told = || {
        if chosen {
            Layout::Plain
        } else if points() {
            Layout::Influx
        } else {
            match Layout::of(path, &lines, timed) {
                // Other loggers begin the same way; SKAB has no column of text.
                Layout::Skab if roles().is_some_and(|roles| !roles.texts.is_empty()) => {
                    Layout::Plain
                }
                layout => layout,
            }
        }
    };
    let layout = options.layout.unwrap_or_else(told);
    let located = |problem, line: u64| match problem {
        Problem::Empty
        | Problem::Labels { .. }
        | Problem::NoVariables
        | Problem::NoNumbers(_)
        | Problem::NoColumn { .. }
        | Problem::Backwards { .. } => problem,
        problem => Problem::OfLine(line, Box::new(problem)),
    };
    let line = lines.line().max(1);
    let rows = || -> Result<(Box<dyn Rows>, Heading), Problem> {
        match layout {
            Layout::Plain | Layout::Long if !chosen && ipmi::is(&head) => {
                let (values, left) = ipmi::gather(lines, options.strict)?;
                let (rows, mut heading) = gathered(values, options)?;
                heading
                    .notes
                    .push("readings of ipmitool, a variable per sensor".to_owned());
                if left > 0 {
                    let text = format!("{left} lines that are no readings are left out");
                    heading.notes.push(text);
                }
                Ok((rows, heading))
            }
            Layout::Influx => {
                let (values, left) = line_protocol::gather(lines, options.strict)?;
                let (rows, mut heading) = gathered(*values, options)?;
                if left > 0 {
                    heading
                        .notes
                        .push(format!("{left} lines that are no points are left out"));
                }
                Ok((rows, heading))
            }
            Layout::Wide | Layout::Plain | Layout::Long => {
                let dialect = dialect?;
                if !options.sort {
                    check(&dialect, &head, options)?;
                }
                let training = if layout == Layout::Wide {
                    wide::training(path)
                } else {
                    Training::Unknown
                };
                delimited::of_text(lines, &dialect, training, options, layout == Layout::Long)
            }
            _ => {
                let mut plan = layout.plan(path, &lines)?;
                let comma = dialect
                    .as_ref()
                    .is_ok_and(|d| d.cells.comma && d.separator == plan.separator);
                plan.cells = Cells::new(options.decimal.map_or(comma, |sign| sign == ','), options);
                plan.strict = options.strict;
                plan.anomalous.clone_from(&options.anomalous);
                plan.exact = !options.rate.is_empty();
                let (rows, mut heading) = TextRows::of_lines(lines, plan)?;
                if comma {
                    heading.notes.push("decimal comma".to_owned());
                }
                chosen_of(Box::new(rows), heading, options)
            }
        }
    };
    let (rows, mut heading) = rows().map_err(|problem| located(problem, line))?;
    heading.notes.extend(encoding);
    Ok((layout, rows, heading))
}

fn columns(dialect: &Dialect) -> Columns<'_> {
    Columns {
        names: &dialect.names,
        rows: &dialect.rows,
        types: &[],
        cells: &dialect.cells,
    }
}

/// Refuses first rows that run backwards.
fn check(dialect: &Dialect, head: &[(u64, String)], options: &Options) -> Result<(), Problem> {
    // Names of variables may be values of a column yet.
    let bare = Options {
        columns: Vec::new(),
        without: Vec::new(),
        ..options.clone()
    };
    let time = Roles::of(columns(dialect), &bare)?.time;
    let first = head.get(dialect.before).map_or(1, |(line, _)| *line);
    let Some(time) = time else { return Ok(()) };
    let text = |row: &Vec<String>| {
        let mut text = String::new();
        time.write(|k| row.get(k).map_or("", String::as_str), &mut text);
        text
    };
    let texts: Vec<String> = dialect.rows.iter().map(text).collect();
    match order::backwards((first..).zip(texts.iter().map(String::as_str))) {
        Some((line, newest_first)) => Err(Problem::Backwards { newest_first, line }),
        None => Ok(()),
    }
}

/// The chosen variables of a recording whose layout states them.
fn chosen_of(
    mut rows: Box<dyn Rows>,
    mut heading: Heading,
    options: &Options,
) -> Result<(Box<dyn Rows>, Heading), Problem> {
    if options.columns.is_empty() && options.without.is_empty() {
        return Ok((rows, heading));
    }
    let mut places: Vec<usize> = match options.columns.as_slice() {
        [] => (0..heading.names.len()).collect(),
        wanted => matching(&heading.names, wanted)?,
    };
    let without = matching(&heading.names, &options.without)?;
    places.retain(|place| !without.contains(place));
    heading.names = places
        .iter()
        .filter_map(|k| heading.names.get(*k).cloned())
        .collect();
    rows.select(&places);
    Ok((rows, heading))
}

/// Rows in order, as rates and on a grid, where options say so.
fn shaped((layout, mut rows, mut heading): Found, options: &Options) -> Result<Found, Problem> {
    if options.sort {
        rows = Box::new(Sorted::new(rows));
    }
    if !options.rate.is_empty() {
        let counters = matching(&heading.names, &options.rate)?;
        rows = Box::new(Rates::new(rows, counters, heading.dated));
    }
    if let Some(every) = options.every {
        if !heading.dated {
            return Err(Problem::Layout(
                "--every needs a column of times (--time)".to_owned(),
            ));
        }
        let every = every.as_secs_f64();
        let hold = options.hold.map_or(2.0 * every, |hold| hold.as_secs_f64());
        let (aggregate, note) = match options.take {
            // The slack of times that are sums of rounded steps.
            Take::Last => (
                Aggregate::Last { hold: hold + 1e-9 },
                format!("a value is held for {hold} s"),
            ),
            Take::Mean => (Aggregate::Mean, "the mean of its own".to_owned()),
            Take::Min => (Aggregate::Min, "the smallest value of its own".to_owned()),
            Take::Max => (Aggregate::Max, "the largest value of its own".to_owned()),
        };
        heading.notes.push(format!("a row every {every} s; {note}"));
        rows = Box::new(Grid::new(rows, every, aggregate));
    }
    Ok((layout, rows, heading))
}
