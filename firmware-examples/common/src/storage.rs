//! A file of the host in place of flash: bytes are appended, and read from any offset.

use crate::console::fail;
use semihosting::fs::File;
use semihosting::io::{Error, Read, Seek, SeekFrom, Write};

/// Storage that outlives a reboot: `snapshot.bin` in the emulator's folder.
pub struct Storage(File);

impl Storage {
    /// Empty storage; ends the program where there is none.
    pub fn create() -> Self {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        options
            .open(c"snapshot.bin")
            .map_or_else(|_| fail("no storage"), Self)
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// They were not written.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.write_all(bytes)
    }

    /// Fills a piece with the bytes from an offset.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn read(&mut self, offset: usize, piece: &mut [u8]) -> Result<(), Error> {
        self.0.seek(SeekFrom::Start(offset as u64))?;
        self.0.read_exact(piece)
    }
}
