//! One record as it is sent.

use super::cobs;
use super::record::RECORD_MAX;
use core::ops::Deref;
use heapless::Vec;

/// The bytes of one record: a COBS frame with its closing zero, at most [`RECORD_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Framed(Vec<u8, RECORD_MAX>);

impl Framed {
    /// Frames the first `length` bytes. The content is so small that all of it would fit.
    pub(super) fn of<const N: usize>(content: &[u8; N], length: usize) -> Self {
        const { assert!(N < 254 && N + 2 <= RECORD_MAX, "two bytes of framing") };
        let mut frame = Vec::new();
        cobs::encode(content.get(..length).unwrap_or(content), &mut frame);
        Self(frame)
    }
}

impl Deref for Framed {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Framed {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
