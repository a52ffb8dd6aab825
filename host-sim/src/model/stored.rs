//! A model's bytes in memory, at a multiple of 4 as the library wants them.

/// Bytes that begin at a multiple of [`ALIGNMENT`].
#[derive(Debug)]
pub struct Stored {
    store: Vec<u8>,
    start: usize,
    length: usize,
}

/// A model must begin at a multiple of this.
pub const ALIGNMENT: usize = 4;

impl Stored {
    /// Copies bytes to such a place.
    pub fn new(bytes: &[u8]) -> Self {
        let mut store = vec![0; bytes.len() + ALIGNMENT];
        let start = store.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        store[start..start + bytes.len()].copy_from_slice(bytes);
        Self {
            store,
            start,
            length: bytes.len(),
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.store[self.start..self.start + self.length]
    }
}
