//! Little-endian fields at an offset.
//!
//! A field beyond the end reads as zeros: every caller has checked the length, and none can panic.

/// `K` bytes at an offset.
pub(super) fn chunk<const K: usize>(bytes: &[u8], at: usize) -> [u8; K] {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.first_chunk().copied().unwrap_or([0; K])
}

pub(super) fn u8_at(bytes: &[u8], at: usize) -> u8 {
    let [byte] = chunk(bytes, at);
    byte
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(chunk(bytes, at))
}

pub(super) fn i16_at(bytes: &[u8], at: usize) -> i16 {
    i16::from_le_bytes(chunk(bytes, at))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(chunk(bytes, at))
}

pub(super) fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_le_bytes(chunk(bytes, at))
}

/// The bytes of a block, empty if it is not within.
pub(super) fn block(bytes: &[u8], at: usize, length: usize) -> &[u8] {
    at.checked_add(length)
        .and_then(|end| bytes.get(at..end))
        .unwrap_or_default()
}

/// Refuses a field.
pub(super) const fn require(holds: bool, offset: usize) -> Result<(), super::ModelError> {
    if holds {
        Ok(())
    } else {
        Err(super::ModelError::Content { offset })
    }
}

/// Whether a float can divide: a finite, normal number above 0.
pub(super) const fn is_scale(x: f32) -> bool {
    x.is_normal() && x > 0.0
}
