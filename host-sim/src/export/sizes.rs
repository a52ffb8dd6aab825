//! The sizes of an archive, from the record in its bytes: those of its target, whatever built it.

use anyhow::{Context, ensure};

/// Before the numbers; `hal-adapters/c/src/sizes.rs` writes them.
const MARK: &[u8; 16] = b"bellwether.sizes";
/// The interface that the templates here are written for.
const ABI: u32 = 1;
/// Keys, in the order of the record.
const KEYS: [&str; 10] = [
    "abi",
    "variables",
    "state_bytes",
    "state_align",
    "snapshot_max",
    "model_variables",
    "model_window",
    "model_arena",
    "model_bytes",
    "structures",
];

/// The sizes of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes([u32; 10]);

impl Sizes {
    /// Finds the record.
    ///
    /// # Errors
    /// There is none, or it is that of another interface.
    pub fn of(archive: &[u8]) -> anyhow::Result<Self> {
        let place = archive.windows(MARK.len()).position(|bytes| bytes == MARK);
        let rest = place.and_then(|place| archive.get(place + MARK.len()..));
        let rest = rest.context("the archive has no record of its sizes")?;
        let words = rest.as_chunks::<4>().0.get(..KEYS.len());
        let words = words.context("the archive ends in the record of its sizes")?;
        let mut sizes = [0; 10];
        for (size, word) in sizes.iter_mut().zip(words) {
            *size = u32::from_le_bytes(*word);
        }
        ensure!(
            sizes[0] == ABI,
            "the sources have version {} of the C interface, this program knows {ABI}",
            sizes[0]
        );
        Ok(Self(sizes))
    }

    /// Keys and numbers.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        KEYS.into_iter()
            .zip(self.0)
            .map(|(key, size)| (key, size.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by another order of bytes or keys, or a record that is not missed.
    #[test]
    fn sizes_are_found_among_other_bytes() {
        let mut archive = b"!<arch>\nbellwether.".to_vec();
        archive.extend(MARK);
        archive.extend((0..10_u32).map(|k| k + ABI).flat_map(u32::to_le_bytes));
        archive.extend(b"tail");
        let sizes = Sizes::of(&archive).unwrap();
        assert_eq!(sizes.pairs().nth(2), Some(("state_bytes", "3".to_owned())));
        let end = archive.len() - 5;
        assert!(Sizes::of(&archive[..end]).is_err());
        assert!(Sizes::of(b"!<arch>\n").is_err());
        archive[19 + 16] = 9;
        let error = Sizes::of(&archive).unwrap_err().to_string();
        assert!(error.contains("version 9"), "{error}");
    }
}
