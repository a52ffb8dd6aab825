//! Compressed files as the text they hold.

use super::Problem;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the bytes passing through, for a progress bar.
pub struct Counted<R> {
    /// The source.
    pub inner: R,
    /// Bytes so far.
    pub bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The text of a file that may be compressed, told by its first bytes; an ending `.gz` or `.zst` of
/// `name` states the expected compression.
///
/// # Errors
/// It cannot be read, is empty, or does not have the expected compression.
pub fn decompress(
    name: &str,
    mut input: impl Read + Send + 'static,
) -> Result<Box<dyn BufRead + Send>, Problem> {
    let mut magic = Vec::new();
    input
        .by_ref()
        .take(ZSTD.len() as u64)
        .read_to_end(&mut magic)
        .map_err(Problem::Io)?;
    let (gzip, zstd) = (magic.starts_with(&GZIP), magic.starts_with(&ZSTD));
    let empty = magic.is_empty();
    let input = BufReader::with_capacity(1 << 16, Cursor::new(magic).chain(input));
    if gzip {
        Ok(Box::new(BufReader::new(
            flate2::bufread::MultiGzDecoder::new(input),
        )))
    } else if zstd {
        let decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(Problem::Io)?;
        Ok(Box::new(BufReader::new(decoder)))
    } else if empty {
        Err(Problem::Empty)
    } else {
        match Path::new(name)
            .extension()
            .and_then(|extension| extension.to_str())
        {
            Some("gz") => Err(Problem::NotCompressed("gz")),
            Some("zst") => Err(Problem::NotCompressed("zst")),
            _ => Ok(Box::new(input)),
        }
    }
}
