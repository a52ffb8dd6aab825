//! NOR flash in memory, with the rules of real flash, and with power that may fail.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};
use std::cell::RefCell;
use std::ops::Range;

/// The effect of a power failure on the operation in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tear {
    /// Nothing of the operation was done.
    Before,
    /// Some of its bits were written: those of a pseudo-random number with this seed.
    Within(u64),
    /// As `Within`, and torn words can no longer be read, as with error correction.
    Unreadable(u64),
}

/// Flash whose words of `WRITE` bytes are written once between two erasures of their block of
/// `ERASE` bytes. Writing a word and erasing a block are one operation each. Drivers are shared
/// references, as the bytes are also seen where they are mapped.
#[derive(Clone, Debug)]
pub struct Nor<const WRITE: usize, const ERASE: usize>(RefCell<Chip<WRITE, ERASE>>);

#[derive(Clone, Debug)]
struct Chip<const WRITE: usize, const ERASE: usize> {
    bytes: Vec<u8>,
    written: Vec<bool>,
    unreadable: Vec<bool>,
    operations: usize,
    fuse: Option<(usize, Tear)>,
    dark: bool,
}

impl<const WRITE: usize, const ERASE: usize> Nor<WRITE, ERASE> {
    /// Erased flash of `blocks` blocks.
    pub fn new(blocks: usize) -> Self {
        let words = blocks * ERASE / WRITE;
        Self(RefCell::new(Chip {
            bytes: vec![0xff; blocks * ERASE],
            written: vec![false; words],
            unreadable: vec![false; words],
            operations: 0,
            fuse: None,
            dark: false,
        }))
    }

    /// The bytes in the flash.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.borrow().bytes.clone()
    }

    /// Whether a range holds a torn word that cannot be read.
    pub fn is_unreadable(&self, range: Range<usize>) -> bool {
        self.0.borrow().is_unreadable(range)
    }

    /// Whether power has failed; everything then fails.
    pub fn is_dark(&self) -> bool {
        self.0.borrow().dark
    }

    /// Operations since power on.
    pub fn operations(&self) -> usize {
        self.0.borrow().operations
    }

    /// Power comes back; with an operation given, it fails again during that one.
    pub fn power(&self, fuse: Option<(usize, Tear)>) {
        let mut chip = self.0.borrow_mut();
        (chip.operations, chip.fuse, chip.dark) = (0, fuse, false);
    }

    /// Flips bits at an address: external damage.
    pub fn damage(&self, at: usize, bits: u8) {
        self.0.borrow_mut().bytes[at] ^= bits;
    }
}

impl<const WRITE: usize, const ERASE: usize> Chip<WRITE, ERASE> {
    fn is_unreadable(&self, range: Range<usize>) -> bool {
        self.unreadable[range.start / WRITE..range.end.div_ceil(WRITE)].contains(&true)
    }

    fn powered(&self) -> Result<(), NorFlashErrorKind> {
        if self.dark {
            return Err(NorFlashErrorKind::Other);
        }
        Ok(())
    }

    /// One operation; words then read as `goal`. `programs` tells writing from erasing.
    fn operate(
        &mut self,
        words: Range<usize>,
        goal: &[u8],
        programs: bool,
    ) -> Result<(), NorFlashErrorKind> {
        let tear = self.fuse.filter(|(at, _)| *at == self.operations);
        self.operations += 1;
        let place = &mut self.bytes[words.start * WRITE..words.end * WRITE];
        let (seed, readable) = match tear {
            None => {
                place.copy_from_slice(goal);
                self.written[words.clone()].fill(programs);
                self.unreadable[words].fill(false);
                return Ok(());
            }
            Some((_, Tear::Before)) => (None, true),
            Some((_, Tear::Within(seed))) => (Some(seed), true),
            Some((_, Tear::Unreadable(seed))) => (Some(seed), false),
        };
        self.dark = true;
        if let Some(mut noise) = seed {
            for (byte, goal) in place.iter_mut().zip(goal) {
                noise = noise
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let changed = (noise >> 56) as u8;
                *byte = (*byte & !changed) | (goal & changed);
            }
            // A word that reads as erased may be taken for erased.
            for (word, bytes) in words.clone().zip(place.chunks(WRITE)) {
                self.written[word] = bytes.iter().any(|byte| *byte != 0xff);
            }
            self.unreadable[words].fill(!readable);
        }
        Err(NorFlashErrorKind::Other)
    }
}

impl<const WRITE: usize, const ERASE: usize> ErrorType for &Nor<WRITE, ERASE> {
    type Error = NorFlashErrorKind;
}

impl<const WRITE: usize, const ERASE: usize> ReadNorFlash for &Nor<WRITE, ERASE> {
    const READ_SIZE: usize = WRITE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        check_read(self, offset, bytes.len())?;
        let chip = self.0.borrow();
        chip.powered()?;
        let range = offset as usize..offset as usize + bytes.len();
        if chip.is_unreadable(range.clone()) {
            return Err(NorFlashErrorKind::Other);
        }
        bytes.copy_from_slice(&chip.bytes[range]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.borrow().bytes.len()
    }
}

impl<const WRITE: usize, const ERASE: usize> NorFlash for &Nor<WRITE, ERASE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        check_erase(self, from, to)?;
        let mut chip = self.0.borrow_mut();
        chip.powered()?;
        for at in (from as usize..to as usize).step_by(ERASE) {
            chip.operate(at / WRITE..(at + ERASE) / WRITE, &[0xff; ERASE], false)?;
        }
        Ok(())
    }

    /// # Panics
    /// If a word was written before: a bug of the caller.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        check_write(self, offset, bytes.len())?;
        let mut chip = self.0.borrow_mut();
        chip.powered()?;
        for (word, goal) in (offset as usize / WRITE..).zip(bytes.chunks(WRITE)) {
            assert!(!chip.written[word], "word {word} was written before");
            chip.operate(word..word + 1, goal, true)?;
        }
        Ok(())
    }
}
