//! A line, cut into fields.

use super::Problem;
use csv_core::ReadRecordResult;

/// The separator between the fields of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// This character; a quoted field may contain it.
    Character(char),
    /// Any number of blanks.
    Blanks,
}

/// Cuts lines into fields, without the blanks around them.
pub struct Cutter {
    separator: Separator,
    /// The reader of lines with quotes, once there is one; its tables take longer to make than a line to
    /// read.
    quoted: Option<Box<csv_core::Reader>>,
}

impl Cutter {
    /// Cuts at this separator.
    pub fn new(separator: Separator) -> Self {
        Self {
            separator,
            quoted: None,
        }
    }

    /// The separator.
    pub fn separator(&self) -> Separator {
        self.separator
    }

    /// The fields of a line.
    ///
    /// # Errors
    /// A quoted field is not closed.
    pub fn cut(&mut self, line: &str) -> Result<Vec<String>, Problem> {
        match self.separator {
            Separator::Blanks => Ok(line.split_whitespace().map(str::to_owned).collect()),
            Separator::Character(separator) if line.contains('"') => self.unquote(separator, line),
            Separator::Character(separator) => Ok(line
                .split(separator)
                .map(|field| field.trim().to_owned())
                .collect()),
        }
    }

    fn unquote(&mut self, separator: char, line: &str) -> Result<Vec<String>, Problem> {
        if is_open(line) {
            return Err(Problem::Quotes);
        }
        let quoted = self.quoted.get_or_insert_with(|| {
            let separator = u8::try_from(separator).unwrap_or(b',');
            let reader = csv_core::ReaderBuilder::new().delimiter(separator).build();
            Box::new(reader)
        });
        quoted.reset();
        // Fields are never longer than the line, and their number is at most its bytes and one.
        let mut bytes = vec![0; line.len()];
        let mut ends = vec![0; line.len() + 1];
        let (mut input, mut written, mut fields) = (line.as_bytes(), 0, 0);
        loop {
            let (result, read, wrote, ended) = quoted.read_record(
                input,
                bytes.get_mut(written..).unwrap_or_default(),
                ends.get_mut(fields..).unwrap_or_default(),
            );
            input = input.get(read..).unwrap_or_default();
            written += wrote;
            fields += ended;
            // The rest of the line is read; reading nothing says that the record ends.
            if result != ReadRecordResult::InputEmpty {
                break;
            }
        }
        let mut start = 0;
        let ends = ends.iter().take(fields);
        let cut = ends.map(|end| {
            let field = bytes.get(start..*end).unwrap_or_default();
            start = *end;
            String::from_utf8_lossy(field).trim().to_owned()
        });
        Ok(cut.collect())
    }
}

/// Whether a quoted field is not closed at the end of a text.
pub fn is_open(text: &str) -> bool {
    text.bytes().filter(|b| *b == b'"').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str, separator: char) -> Vec<String> {
        let mut cutter = Cutter::new(Separator::Character(separator));
        // A cutter is used for many lines.
        let _ = cutter.cut("\"x\"\n\"y");
        cutter.cut(line).unwrap()
    }

    /// Broken if a cutter keeps anything of the line before, or trims within quotes otherwise than
    /// without.
    #[test]
    fn quotes_keep_a_field_together() {
        assert_eq!(cut("\"a;b\"; c;\"d\"\"e\"", ';'), ["a;b", "c", "d\"e"]);
        assert_eq!(cut("\" a \",é\"\"", ','), ["a", "é\"\""]);
        assert_eq!(cut("\"\",,\"\"", ','), ["", "", ""]);
        assert_eq!(cut("\"a\nb\",c", ','), ["a\nb", "c"]);
        assert_eq!(cut("\"\"", ','), [""]);
    }

    #[test]
    fn an_open_quote_is_refused() {
        let mut cutter = Cutter::new(Separator::Character(','));
        assert!(matches!(cutter.cut("a,\"b"), Err(Problem::Quotes)));
        assert_eq!(cutter.cut("a,\"b\"").unwrap(), ["a", "b"]);
    }
}
