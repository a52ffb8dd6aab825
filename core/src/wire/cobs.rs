//! Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999), without a panic path.

use crate::error::ReportError;
use heapless::Vec;

/// Appends `bytes` as one frame with its closing zero. Bytes that do not fit are dropped; `N` must
/// be at least `bytes.len() + bytes.len() / 254 + 2`.
pub fn encode<const N: usize>(bytes: &[u8], out: &mut Vec<u8, N>) {
    let mut runs = bytes.split(|b| *b == 0).peekable();
    while let Some(run) = runs.next() {
        let mut chunks = run.chunks(254).peekable();
        if chunks.peek().is_none() {
            let _ = out.push(1);
        }
        while let Some(chunk) = chunks.next() {
            let _ = out.push(chunk.len() as u8 + 1);
            let _ = out.extend_from_slice(chunk);
            let last = chunks.peek().is_none();
            if chunk.len() == 254 && last && runs.peek().is_some() {
                let _ = out.push(1);
            }
        }
    }
    let _ = out.push(0);
}

/// Appends the content of one frame given without its closing zero.
///
/// # Errors
/// A zero inside, a code that points past the end, or content that does not fit.
pub fn decode<const N: usize>(frame: &[u8], out: &mut Vec<u8, N>) -> Result<(), ReportError> {
    let mut rest = frame;
    while let Some((&code, tail)) = rest.split_first() {
        let length = usize::from(code)
            .checked_sub(1)
            .ok_or(ReportError::Framing)?;
        let (run, next) = tail.split_at_checked(length).ok_or(ReportError::Framing)?;
        if run.contains(&0) {
            return Err(ReportError::Framing);
        }
        out.extend_from_slice(run)
            .map_err(|_| ReportError::Framing)?;
        if code != 255 && !next.is_empty() {
            out.push(0).map_err(|_| ReportError::Framing)?;
        }
        rest = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Broken by any disagreement with the reference encoder, or a lossy round trip.
        #[test]
        fn agrees_with_the_reference_and_round_trips(
            bytes in prop::collection::vec(prop_oneof![Just(0u8), any::<u8>(), 1u8..], 0..900)
        ) {
            let mut ours: Vec<u8, 1024> = Vec::new();
            encode(&bytes, &mut ours);
            let mut theirs = [0u8; 1024];
            let n = ::cobs::encode(&bytes, &mut theirs);
            let mut back: Vec<u8, 1024> = Vec::new();
            decode(&ours[..ours.len() - 1], &mut back).unwrap();
            prop_assert_eq!(&back[..], &bytes[..]);
            let mut theirs_back: Vec<u8, 1024> = Vec::new();
            decode(&theirs[..n], &mut theirs_back).unwrap();
            prop_assert_eq!(&theirs_back[..], &bytes[..]);
        }

        /// Broken by a panic or by output longer than the input.
        #[test]
        fn hostile_frames_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut out: Vec<u8, 64> = Vec::new();
            let _ = decode(&bytes, &mut out);
        }
    }
}
