//! Records of a delimited text, plain or gzip, one at a time and of bounded length.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use flate2::bufread::MultiGzDecoder;
use std::boxed::Box;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::vec::Vec;

/// Bytes of a record, at most.
const RECORD_MAX: usize = 1 << 20;
/// Fields of a record, at most.
pub(super) const FIELDS_MAX: usize = 1 << 14;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// The fields of one record.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Record {
    /// Number of fields.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a field; `None` behind the last one.
    pub(super) fn field(&self, place: usize) -> Option<&[u8]> {
        let end = *self.ends.get(place)?;
        let begin = match place.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.bytes.get(begin..end)
    }
}

/// A text that is cut into records.
pub(super) struct Records {
    input: Box<dyn BufRead + Send>,
    reader: Reader,
}

impl Records {
    /// Starts with the first line. Compression and delimiter are told by the content.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn new(mut input: impl Read + Send + 'static) -> io::Result<Self> {
        let magic = head(&mut input, GZIP.len())?;
        let gzip = magic == GZIP;
        let input = BufReader::with_capacity(1 << 16, Cursor::new(magic).chain(input));
        let mut text: Box<dyn Read + Send> = if gzip {
            Box::new(MultiGzDecoder::new(input))
        } else {
            Box::new(input)
        };
        let mut first = head(&mut text, 1 << 16)?;
        if first.starts_with(&BYTE_ORDER_MARK) {
            first.drain(..BYTE_ORDER_MARK.len());
        }
        let delimiter = delimiter(&first);
        let text = Cursor::new(first).chain(text);
        let input = Box::new(BufReader::with_capacity(1 << 16, text));
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .comment(Some(b'#'))
            .build();
        Ok(Self { input, reader })
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// It cannot be read, or is longer than the bounds.
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        let mut record = Record {
            bytes: [0; 1 << 10].into(),
            ends: [0; 1 << 6].into(),
        };
        let (mut bytes, mut ends) = (0, 0);
        loop {
            let input = self.input.fill_buf()?;
            let (result, read, written, ended) = self.reader.read_record(
                input,
                record.bytes.get_mut(bytes..).unwrap_or_default(),
                record.ends.get_mut(ends..).unwrap_or_default(),
            );
            self.input.consume(read);
            bytes += written;
            ends += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => grow(&mut record.bytes, RECORD_MAX)?,
                ReadRecordResult::OutputEndsFull => grow(&mut record.ends, FIELDS_MAX)?,
                ReadRecordResult::Record => {
                    record.bytes.truncate(bytes);
                    record.ends.truncate(ends);
                    return Ok(Some(record));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

fn grow<T: Clone + Default>(places: &mut Vec<T>, most: usize) -> io::Result<()> {
    if places.len() >= most {
        let message = "a record of more than 1 MiB or 16,384 fields";
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    places.resize((2 * places.len()).min(most), T::default());
    Ok(())
}

/// The first bytes, or fewer at the end. An error behind the first byte is left to the next reading.
fn head(input: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    match input.take(count as u64).read_to_end(&mut head) {
        Err(error) if head.is_empty() => Err(error),
        _ => Ok(head),
    }
}

/// The delimiter that a first line has most often; a comma if there is none.
fn delimiter(text: &[u8]) -> u8 {
    let mut lines = text.split(|byte| *byte == b'\n');
    let first = lines.find(|line| !line.starts_with(b"#"));
    let count = |which: u8| first.map_or(0, |line| line.iter().filter(|b| **b == which).count());
    let (mut best, mut most) = (b',', count(b','));
    for other in [b';', b'\t'] {
        if count(other) > most {
            (best, most) = (other, count(other));
        }
    }
    best
}
