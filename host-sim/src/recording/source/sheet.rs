//! The first sheet with a table, or with any cells, of an .xlsx workbook, as lines of CSV, so that the
//! rules of a table in text hold.
//!
//! A workbook may inflate to a thousand times its size: its parts are inflated once without being
//! kept, and refused beyond a limit.

use super::Problem;
use super::columns::WIDEST;
use calamine::{DataRef, Reader, Xlsx};
use std::io::{self, Cursor, Read};

/// Largest workbook, and largest sum of its inflated parts, in bytes.
const LARGEST: u64 = 256 << 20;

/// Lines of a sheet that are no table yet.
const NOTES: usize = 3;

/// Whether bytes begin as a zip archive, which a workbook is.
pub const MAGIC: [u8; 4] = *b"PK\x03\x04";

/// The sheet as CSV, and its name.
///
/// # Errors
/// It is no workbook, too large, or has no cells.
pub fn csv(input: impl Read) -> Result<(Vec<u8>, String), Problem> {
    let mut bytes = Vec::new();
    input
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Problem::Io)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Problem::TooLarge("a workbook of more than 256 MiB"));
    }
    inflate(&bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(failed)?;
    // Macs counted from 1904.
    let mut first = None;
    let begin = if book.has_1904_epoch() { 1462.0 } else { 0.0 };
    for name in book.sheet_names() {
        let text = lines(&mut book, &name, begin)?;
        // A sheet of a few notes may stand before the table.
        let table = text.iter().filter(|byte| **byte == b'\n').count() > NOTES;
        if table {
            return Ok((text, name));
        }
        if !text.is_empty() && first.is_none() {
            first = Some((text, name));
        }
    }
    first.ok_or(Problem::Empty)
}

fn failed(error: calamine::XlsxError) -> Problem {
    Problem::Layout(format!("no .xlsx workbook that can be read: {error}"))
}

/// Checks the inflated size of an archive, and that it is a workbook.
fn inflate(bytes: &[u8]) -> Result<(), Problem> {
    let damaged = |error: &dyn std::fmt::Display| {
        Problem::Layout(format!("a damaged zip archive or workbook: {error}"))
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let names: Vec<String> = archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.into_owned()))
        .collect();
    if !names
        .iter()
        .any(|name| name.eq_ignore_ascii_case("xl/workbook.xml"))
    {
        let names = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        return Err(Problem::Layout(format!(
            "a zip archive ({names}); unpack it first (an .xlsx workbook is read)"
        )));
    }
    let mut left = LARGEST;
    for k in 0..archive.len() {
        let part = archive.by_index(k).map_err(|e| damaged(&e))?;
        let size = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|e| damaged(&e))?;
        left = left.checked_sub(size).ok_or(Problem::TooLarge(
            "a workbook that inflates to more than 256 MiB",
        ))?;
    }
    Ok(())
}

fn lines(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str, begin: f64) -> Result<Vec<u8>, Problem> {
    let mut cells = book.worksheet_cells_reader(name).map_err(failed)?;
    let mut out = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    let io = |error: csv::Error| Problem::Io(error.into());
    let (mut row, mut line, mut size) = (Vec::<String>::new(), 0, 0_u64);
    let mut any = false;
    while let Some(cell) = cells.next_cell().map_err(failed)? {
        let ((at, column), text) = (cell.get_position(), text(cell.get_value(), begin));
        if text.is_empty() {
            continue;
        }
        if at != line && any {
            out.write_record(&row).map_err(io)?;
            row.clear();
        }
        (line, any) = (at, true);
        let column = column as usize;
        if column >= WIDEST {
            return Err(Problem::TooManyColumns { found: column + 1 });
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        size += 1 + text.len() as u64 + u64::from(row.len() > 1);
        if size + row.len() as u64 > LARGEST {
            return Err(Problem::TooLarge("a sheet of more than 256 MiB"));
        }
        if let Some(field) = row.get_mut(column) {
            *field = text;
        }
    }
    if any {
        out.write_record(&row).map_err(io)?;
    }
    out.into_inner()
        .map_err(|error| Problem::Io(error.into_error()))
}

/// A cell; dates are days since `begin` days after 1899-12-30.
fn text(value: &DataRef<'_>, begin: f64) -> String {
    match value {
        DataRef::Int(x) => x.to_string(),
        DataRef::Float(x) => x.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => if *truth { "1" } else { "0" }.to_owned(),
        DataRef::DateTime(time) if time.as_f64() < 1.0 => date(time.as_f64()),
        DataRef::DateTime(time) => date(time.as_f64() + begin),
        // `#N/A` and the like.
        DataRef::Error(error) => error.to_string(),
        _ => String::new(),
    }
}

/// A date of Excel, in days since 1899-12-30, or a time of day.
fn date(days: f64) -> String {
    let second = ((days - 25_569.0) * 86_400_000.0).round();
    if days < 1.0 {
        let seconds = (days * 86_400.0).round() as i64;
        return format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
    }
    match jiff::Timestamp::from_millisecond(second as i64) {
        Ok(time) => time.to_string(),
        Err(_) => days.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_excel_are_dates() {
        assert_eq!(date(46_082.5), "2026-03-01T12:00:00Z");
        assert_eq!(date(0.5), "12:00:00");
    }

    #[test]
    fn an_archive_that_is_no_workbook_is_named() {
        let error = csv(&b"PK\x03\x04junk"[..]).unwrap_err().to_string();
        assert!(error.contains("damaged zip archive or workbook"), "{error}");
    }
}
