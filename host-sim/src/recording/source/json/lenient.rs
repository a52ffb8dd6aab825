//! JSON with `NaN` and `Infinity`, as Python and JavaScript write it: outside texts both become `null`.

use std::io::{self, Read};

/// Words that are no JSON.
const WORDS: [&[u8]; 4] = [b"NaN", b"-Infinity", b"Infinity", b"nan"];

/// Longest of them.
const LONGEST: usize = 9;

/// A text of JSON whose numbers that are none are `null`.
pub struct Lenient<R> {
    inner: R,
    /// Bytes read and not looked at.
    bytes: Vec<u8>,
    /// Bytes to be given, of which the first `at` were.
    ready: Vec<u8>,
    at: usize,
    ended: bool,
    quoted: bool,
    escaped: bool,
}

impl<R: Read> Lenient<R> {
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            bytes: Vec::new(),
            ready: Vec::new(),
            at: 0,
            ended: false,
            quoted: false,
            escaped: false,
        }
    }

    /// Reads on, and moves what can be told to the bytes that are ready.
    fn fill(&mut self) -> io::Result<()> {
        let known = self.bytes.len();
        self.bytes.resize(known + (1 << 13), 0);
        let read = self
            .inner
            .read(self.bytes.get_mut(known..).unwrap_or_default());
        self.bytes.truncate(known + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;
        self.ready.clear();
        self.at = 0;
        let mut from = 0;
        while let Some(rest) = self.bytes.get(from..).filter(|rest| !rest.is_empty()) {
            if rest.len() < LONGEST && !self.ended {
                break;
            }
            let word = WORDS.iter().find(|word| rest.starts_with(word));
            if let Some(word) = word.filter(|_| !self.quoted) {
                self.ready.extend_from_slice(b"null");
                from += word.len();
                continue;
            }
            let byte = rest[0];
            self.quoted ^= byte == b'"' && !self.escaped;
            self.escaped = self.quoted && byte == b'\\' && !self.escaped;
            self.ready.push(byte);
            from += 1;
        }
        self.bytes.drain(..from);
        Ok(())
    }
}

impl<R: Read> Read for Lenient<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !self.ended {
            self.fill()?;
        }
        let count = self.ready.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_none_are_null_outside_texts() {
        let text = r#"{"a": NaN, "NaN": "x \" NaN", "b": [-Infinity, Infinity, 1.5]}"#;
        let mut found = String::new();
        Lenient::new(text.as_bytes())
            .read_to_string(&mut found)
            .unwrap();
        assert_eq!(
            found,
            r#"{"a": null, "NaN": "x \" NaN", "b": [null, null, 1.5]}"#
        );
    }

    /// Broken if a word at the end of a read is torn.
    #[test]
    fn words_across_reads_are_found() {
        let text = format!("[{}NaN]", "1, ".repeat(5000));
        for chunk in [1, 3, 1 << 14] {
            let mut reader = Lenient::new(text.as_bytes());
            let (mut found, mut part) = (Vec::new(), vec![0; chunk]);
            loop {
                let count = reader.read(&mut part).unwrap();
                if count == 0 {
                    break;
                }
                found.extend_from_slice(&part[..count]);
            }
            assert_eq!(found, text.replace("NaN", "null").into_bytes(), "{chunk}");
        }
    }
}
