//! Lines of a text, one at a time, cut into fields.

use super::cutter::{Cutter, Separator, is_open};
use super::{Problem, decode, decompress};
use std::collections::VecDeque;
use std::fs::File;
use std::io::BufRead;
use std::ops::Range;
use std::path::Path;

/// Longest line in bytes; a longer one is refused in bounded memory.
pub const LONGEST: usize = 4 << 20;

/// Most lines of one quoted field.
const QUOTED: usize = 32;

/// A text with fields. Lines are counted from 1, blank ones are skipped; a quoted field may contain
/// line breaks.
pub struct Lines {
    input: Box<dyn BufRead + Send>,
    cutter: Cutter,
    bytes: Vec<u8>,
    text: String,
    fields: Vec<Range<usize>>,
    line: u64,
    /// The line read last as it is.
    raw: String,
    /// Lines that were read and not cut, the next one first.
    ahead: VecDeque<(u64, String)>,
    /// Lines read from the input.
    read: u64,
    again: bool,
    /// Whether the last line ended with a carriage return.
    returned: bool,
    /// The first line that is not UTF-8.
    foreign: Option<u64>,
    encoding: Option<&'static str>,
    /// The problem behind the lines that were read ahead.
    broken: Option<Problem>,
}

impl Lines {
    /// Lines of a decompressed text in UTF-8, with fields between commas.
    pub fn new(input: Box<dyn BufRead + Send>) -> Self {
        Self {
            input,
            cutter: Cutter::new(Separator::Character(',')),
            bytes: Vec::new(),
            text: String::new(),
            fields: Vec::new(),
            line: 0,
            raw: String::new(),
            ahead: VecDeque::new(),
            read: 0,
            again: false,
            returned: false,
            foreign: None,
            encoding: None,
            broken: None,
        }
    }

    /// Lines of a file, plain, gzip or zstd.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let file = File::open(path).map_err(Problem::Io)?;
        let input = decompress(&path.to_string_lossy(), file)?;
        let text = decode::text(input, None).map_err(Problem::Io)?;
        Ok(Self::new(text.input))
    }

    /// The same lines of a text that was in this encoding.
    pub fn in_encoding(mut self, encoding: Option<&'static str>) -> Self {
        self.encoding = encoding;
        self
    }

    /// The encoding, if it is not UTF-8, and the first line in it.
    pub fn encoding(&self) -> Option<(&'static str, u64)> {
        let latin = self.foreign.map(|line| ("Windows-1252", line));
        self.encoding.map(|name| (name, 1)).or(latin)
    }

    /// Number of the line read last.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Sets the separator for the following lines.
    pub fn separate(&mut self, separator: Separator) {
        self.cutter = Cutter::new(separator);
    }

    /// The line read last as it is.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Returns the line read last once more.
    pub fn again(&mut self) {
        self.again = true;
    }

    /// Fields of the line read last.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether the line read last has no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// A field of the line read last; empty if absent.
    pub fn field(&self, column: usize) -> &str {
        let range = self.fields.get(column).cloned();
        range
            .and_then(|range| self.text.get(range))
            .unwrap_or_default()
    }

    /// The fields of the line read last.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.field(column))
    }

    /// The next lines that are not blank, up to `count`, which stay to be read.
    ///
    /// # Errors
    /// One cannot be read, or is too long.
    pub fn head(&mut self, count: usize) -> Result<Vec<(u64, String)>, Problem> {
        let mut size = 0;
        while self.ahead.len() < count && size < LONGEST {
            let (line, text) = match self.fetch() {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(problem) if self.ahead.is_empty() => return Err(problem),
                // What came before is read all the same.
                Err(problem) => {
                    self.broken = Some(problem);
                    break;
                }
            };
            size += text.len();
            self.ahead.push_back((line, text));
        }
        let mut joined = Vec::new();
        while let Some(next) = self.whole()? {
            joined.push(next);
            if self.ahead.is_empty() {
                break;
            }
        }
        self.ahead.extend(joined.iter().cloned());
        Ok(joined)
    }

    /// Skips the next lines of those that were read ahead.
    pub fn skip(&mut self, count: usize) {
        self.ahead.drain(..count.min(self.ahead.len()));
    }

    /// The next line of the input that is not blank.
    fn fetch(&mut self) -> Result<Option<(u64, String)>, Problem> {
        if let Some(problem) = self.broken.take() {
            return Err(problem);
        }
        loop {
            self.bytes.clear();
            self.read += 1;
            if !self.until_end().map_err(Problem::Io)? {
                return Ok(None);
            }
            if self.bytes.len() > LONGEST {
                return Err(Problem::LongLine);
            }
            let (text, is_utf8) = decode::line(&self.bytes);
            if !is_utf8 {
                self.foreign.get_or_insert(self.read);
            }
            // A file of a logger that lost its power ends in zeros.
            let text = text.trim_end_matches('\0');
            if !text.trim().is_empty() {
                return Ok(Some((self.read, text.to_owned())));
            }
        }
    }

    /// Reads up to the end of a line, which is a line feed, a carriage return, or both; `false` at the end
    /// of the input. Of a line that is too long no more is read.
    fn until_end(&mut self) -> std::io::Result<bool> {
        let mut any = false;
        loop {
            let chunk = match self.input.fill_buf() {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                return Ok(any);
            }
            if std::mem::take(&mut self.returned) && chunk.first() == Some(&b'\n') {
                self.input.consume(1);
                continue;
            }
            any = true;
            let end = chunk.iter().position(|b| matches!(b, b'\n' | b'\r'));
            let text = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            self.bytes.extend_from_slice(text);
            let count = text.len();
            match end {
                Some(end) => {
                    self.returned = chunk.get(end) == Some(&b'\r');
                    self.input.consume(count + 1);
                    return Ok(true);
                }
                None => self.input.consume(count),
            }
            if self.bytes.len() > LONGEST {
                return Ok(true);
            }
        }
    }

    fn following(&mut self) -> Result<Option<(u64, String)>, Problem> {
        match self.ahead.pop_front() {
            Some(next) => Ok(Some(next)),
            None => self.fetch(),
        }
    }

    /// The next line, with the lines that its last quoted field goes on in.
    fn whole(&mut self) -> Result<Option<(u64, String)>, Problem> {
        let Some((line, mut text)) = self.following()? else {
            return Ok(None);
        };
        if !is_open(&text) {
            return Ok(Some((line, text)));
        }
        let mut more = Vec::new();
        while more.len() < QUOTED {
            let Some(next) = self.following()? else { break };
            let closes = is_open(&next.1);
            more.push(next);
            if closes {
                for (_, part) in more {
                    text.push(' ');
                    text.push_str(&part);
                }
                return Ok(Some((line, text)));
            }
        }
        // It is never closed: the lines stand for themselves.
        more.into_iter()
            .rev()
            .for_each(|next| self.ahead.push_front(next));
        Ok(Some((line, text)))
    }

    /// Reads the next line that is not blank; `false` at the end.
    ///
    /// # Errors
    /// It cannot be read, is too long, or has a quote that is not closed.
    pub fn advance(&mut self) -> Result<bool, Problem> {
        if !std::mem::take(&mut self.again) {
            match self.whole()? {
                Some((line, text)) => (self.line, self.raw) = (line, text),
                None => return Ok(false),
            }
        }
        self.text.clear();
        self.text.push_str(&self.raw);
        self.cut()?;
        Ok(true)
    }

    fn cut(&mut self) -> Result<(), Problem> {
        self.fields.clear();
        match self.cutter.separator() {
            Separator::Character(separator) if !self.text.contains('"') => {
                let mut start = 0;
                for field in self.text.split(separator) {
                    let at = start + (field.len() - field.trim_start().len());
                    self.fields.push(at..at + field.trim().len());
                    start += field.len() + separator.len_utf8();
                }
            }
            _ => {
                let fields = self.cutter.cut(&self.text)?;
                self.join(&fields);
            }
        }
        Ok(())
    }

    /// Replaces the line by these fields.
    fn join(&mut self, fields: &[String]) {
        self.text.clear();
        for field in fields {
            let start = self.text.len();
            self.text.push_str(field);
            self.fields.push(start..self.text.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn lines(text: &'static str) -> Lines {
        Lines::new(Box::new(Cursor::new(text)))
    }

    /// Broken if a line that is cut anew keeps fields of the first cut, or is lost or counted twice.
    #[test]
    fn the_first_line_can_be_cut_again() {
        let mut lines = lines("\n a; b ;c,d\n1;2;3\n");
        assert!(lines.advance().unwrap());
        assert_eq!(lines.fields().collect::<Vec<_>>(), ["a; b ;c", "d"]);
        lines.separate(Separator::Character(';'));
        lines.again();
        assert!(lines.advance().unwrap());
        assert_eq!(lines.fields().collect::<Vec<_>>(), ["a", "b", "c,d"]);
        assert_eq!(lines.line(), 2);
        assert!(lines.advance().unwrap());
        assert_eq!((lines.field(2), lines.field(3), lines.line()), ("3", "", 3));
        assert!(!lines.advance().unwrap());
    }

    /// Broken if lines read ahead are lost, or a quoted line break parts a row.
    #[test]
    fn lines_can_be_looked_at_before_they_are_read() {
        let mut lines = lines("time,\"a\n(C)\"\n\n1,2\n3,\"4\n5,6\n");
        let head = lines.head(3).unwrap();
        assert_eq!(head[0], (1, "time,\"a (C)\"".to_owned()));
        assert_eq!(head[1], (4, "1,2".to_owned()));
        assert!(lines.advance().unwrap());
        assert_eq!((lines.field(1), lines.line()), ("a (C)", 1));
        assert!(lines.advance().unwrap());
        assert!(matches!(lines.advance(), Err(Problem::Quotes)));
        assert_eq!(lines.line(), 5);
        assert!(lines.advance().unwrap());
        assert_eq!((lines.field(1), lines.line()), ("6", 6));
        assert!(!lines.advance().unwrap());
    }

    /// Broken if a line is kept in memory however long it is.
    #[test]
    fn a_line_without_end_is_refused() {
        let endless = std::io::BufReader::new(std::io::repeat(b'1'));
        let mut lines = Lines::new(Box::new(endless));
        assert!(matches!(lines.advance(), Err(Problem::LongLine)));
    }

    /// Broken if a file with carriage returns alone is one line.
    #[test]
    fn lines_end_with_feeds_and_returns() {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["a,b", "", "1,2", "3,4"].join(end);
            let mut lines = Lines::new(Box::new(Cursor::new(text)));
            for (first, line) in [("a", 1), ("1", 3), ("3", 4)] {
                assert!(lines.advance().unwrap());
                assert_eq!((lines.field(0), lines.line()), (first, line), "{end:?}");
            }
            assert!(!lines.advance().unwrap());
        }
    }

    #[test]
    fn blanks_part_fields_and_quotes_keep_them_together() {
        let mut blanks = lines("  1.5   2\t3 \n");
        assert!(blanks.advance().unwrap());
        blanks.separate(Separator::Blanks);
        blanks.again();
        assert!(blanks.advance().unwrap());
        assert_eq!(blanks.fields().collect::<Vec<_>>(), ["1.5", "2", "3"]);
        let mut quoted = lines("\"a, b\",\"c\"\"d\",é, e\n");
        assert!(quoted.advance().unwrap());
        assert_eq!(
            quoted.fields().collect::<Vec<_>>(),
            ["a, b", "c\"d", "é", "e"]
        );
    }
}
