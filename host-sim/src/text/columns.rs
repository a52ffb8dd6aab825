//! Rows of text fields as CSV, or as aligned columns to read.

use std::io::Write;

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Text, padded to this number of characters.
    Text(usize),
    /// A number, padded to this number of characters.
    Number(usize),
}

/// The layout of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Fields between commas, quoted where needed.
    Csv,
    /// One column for each field.
    Table(Vec<Column>),
}

impl Rows {
    /// Writes a row.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, out: &mut impl Write, fields: &[&str]) -> anyhow::Result<()> {
        match self {
            Self::Csv => {
                let mut line = csv::Writer::from_writer(out);
                line.write_record(fields)?;
                line.flush()?;
            }
            Self::Table(columns) => {
                let padded = fields
                    .iter()
                    .zip(columns)
                    .map(|(field, column)| match *column {
                        Column::Text(width) => format!("{field:<width$}"),
                        Column::Number(width) => format!("{field:>width$}"),
                    });
                let line = padded.collect::<Vec<_>>().join("  ");
                writeln!(out, "{}", line.trim_end())?;
            }
        }
        Ok(())
    }
}

/// The width of a column of names.
pub fn width<S: AsRef<str>>(names: &[S]) -> usize {
    let widths = names.iter().map(|name| name.as_ref().chars().count());
    widths.max().unwrap_or(0).max(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_quoted_or_aligned() {
        let written = |rows: &Rows| {
            let mut out = Vec::new();
            rows.write(&mut out, &["a,b", "1.5", ""]).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(&Rows::Csv), "\"a,b\",1.5,\n");
        let columns = vec![Column::Text(5), Column::Number(6), Column::Text(4)];
        assert_eq!(written(&Rows::Table(columns)), "a,b       1.5\n");
    }
}
