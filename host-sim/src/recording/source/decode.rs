//! Text of any usual encoding as UTF-8.
//!
//! UTF-8 and UTF-16 are told by their marks, UTF-16 also by its zero bytes; others are said. A line that is not
//! UTF-8 is Windows-1252, which holds Latin-1 ([`line()`]).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// First bytes that tell the encoding.
const LOOK: u64 = 4;

/// A text as UTF-8.
pub struct Text {
    /// It, without a mark of its encoding.
    pub input: Box<dyn BufRead + Send>,
    /// Its encoding, if it was another.
    pub encoding: Option<&'static str>,
    /// Its first bytes.
    pub first: Vec<u8>,
}

/// A text of any encoding, or of this one, as UTF-8.
///
/// # Errors
/// It cannot be read.
pub fn text(
    mut input: Box<dyn BufRead + Send>,
    chosen: Option<&'static Encoding>,
) -> io::Result<Text> {
    let mut first = Vec::new();
    input.by_ref().take(LOOK).read_to_end(&mut first)?;
    let encoding: Option<&'static Encoding> = match *first.as_slice() {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        [a, 0, b, 0] if a > 0 && b > 0 => Some(UTF_16LE),
        [0, a, 0, b] if a > 0 && b > 0 => Some(UTF_16BE),
        _ => None,
    };
    let encoding = chosen.filter(|chosen| *chosen != UTF_8).or(encoding);
    let skip = if first.starts_with(&[0xef, 0xbb, 0xbf]) {
        3
    } else {
        0
    };
    let start = first.get(skip..).unwrap_or_default().to_vec();
    let whole = Cursor::new(start.clone()).chain(input);
    let Some(encoding) = encoding else {
        return Ok(Text {
            input: Box::new(whole),
            encoding: None,
            first: start,
        });
    };
    let decoder = DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .bom_override(true)
        .build(whole);
    let mut text = BufReader::with_capacity(1 << 16, decoder);
    let first = text.fill_buf()?.iter().take(4).copied().collect();
    Ok(Text {
        input: Box::new(text),
        encoding: Some(encoding.name()),
        first,
    })
}

/// A line as text, and whether it was UTF-8.
pub fn line(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), true),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(bytes).0, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, Option<&'static str>) {
        let mut found = text(Box::new(Cursor::new(bytes.to_vec())), None).unwrap();
        let mut out = String::new();
        found.input.read_to_string(&mut out).unwrap();
        (out, found.encoding)
    }

    #[test]
    fn marks_and_zero_bytes_tell_utf_16() {
        let units = "time,°C\n".encode_utf16();
        let little: Vec<u8> = units.clone().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        let text = "time,°C\n".to_owned();
        assert_eq!(read(&little), (text.clone(), Some("UTF-16LE")));
        assert_eq!(read(&big), (text.clone(), Some("UTF-16BE")));
        let marked = [&[0xff, 0xfe][..], &little].concat();
        assert_eq!(read(&marked), (text.clone(), Some("UTF-16LE")));
        let marked = [&[0xef, 0xbb, 0xbf][..], text.as_bytes()].concat();
        assert_eq!(read(&marked), (text, None));
        assert_eq!(read(b"a"), ("a".to_owned(), None));
    }

    #[test]
    fn an_encoding_can_be_said() {
        let bytes = [0x89, 0xb7, 0x93, 0x78];
        let chosen = Encoding::for_label(b"shift_jis");
        let mut found = text(Box::new(Cursor::new(bytes)), chosen).unwrap();
        let mut out = String::new();
        found.input.read_to_string(&mut out).unwrap();
        assert_eq!((out.as_str(), found.encoding), ("温度", Some("Shift_JIS")));
    }

    #[test]
    fn a_line_of_latin_1_is_read() {
        assert_eq!(line(b"20 \xb0C"), (Cow::Owned("20 °C".to_owned()), false));
        assert!(line("20 °C".as_bytes()).1);
    }
}
