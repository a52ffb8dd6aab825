//! The bytes of a fit: snapshots one behind the other, quartet, health and names.

use super::FitFile;
use crate::model::blob::checksum;
use anyhow::{Context, bail, ensure};
use bellwether::snapshot::{CHECKSUM_BYTES, HEADER_BYTES, SNAPSHOT_VERSION};
use std::path::Path;

const MAGIC: [u8; 4] = *b"BWSN";

/// The number of a shape in a snapshot, by name and variables.
fn shape(name: &str, variables: usize) -> [u8; 4] {
    let mut hashed = name.as_bytes().to_vec();
    for size in [variables as u32, 0, 0] {
        hashed.extend(size.to_le_bytes());
    }
    checksum(&hashed).to_le_bytes()
}

/// The shape of a snapshot.
fn shape_of(snapshot: &[u8]) -> &[u8] {
    &snapshot[6..10]
}

impl FitFile {
    /// The bytes of a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.quartet.clone();
        out.extend(self.health.iter().flatten());
        let body: Vec<u8> = self
            .names
            .iter()
            .flat_map(|n| n.bytes().chain([0]))
            .collect();
        let mut names = MAGIC.to_vec();
        names.extend(SNAPSHOT_VERSION.to_le_bytes());
        names.extend(shape("names", self.names.len()));
        names.extend((body.len() as u32).to_le_bytes());
        names.extend(body);
        names.extend(checksum(&names).to_le_bytes());
        out.extend(names);
        out
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or is no fit; the file is named.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = || path.display().to_string();
        let bytes = std::fs::read(path).with_context(name)?;
        Self::parse(&bytes).with_context(name)
    }

    fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let mut parts = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (part, behind) = first(rest)?;
            parts.push(part);
            rest = behind;
        }
        let (quartet, health, names) = match parts.as_slice() {
            [quartet, names] => (*quartet, None, *names),
            [quartet, health, names] => (*quartet, Some(*health), *names),
            _ => bail!("no fit: {} snapshots, expected 2 or 3", parts.len()),
        };
        let body = &names[HEADER_BYTES..names.len() - CHECKSUM_BYTES];
        let body = std::str::from_utf8(body).context("no fit: its names are no text")?;
        let body = body.split_terminator('\0').map(str::to_owned);
        let body: Vec<String> = body.collect();
        let known = shape_of(names) == shape("names", body.len())
            && health.is_none_or(|of| shape_of(of) == shape("health", body.len()));
        ensure!(known, "no fit: its snapshots are of other things");
        Ok(Self {
            names: body,
            quartet: quartet.to_vec(),
            health: health.map(<[u8]>::to_vec),
        })
    }
}

/// The first snapshot of some, whole and undamaged, and those behind it.
fn first(bytes: &[u8]) -> anyhow::Result<(&[u8], &[u8])> {
    let cut = || {
        format!(
            "cut short: a snapshot lacks some of its bytes, {} are left",
            bytes.len()
        )
    };
    ensure!(
        bytes.len() < MAGIC.len() || bytes[..MAGIC.len()] == MAGIC,
        "no fit (wrong magic)"
    );
    let length = bytes.get(10..HEADER_BYTES).with_context(cut)?;
    let length = u32::from_le_bytes(length.try_into()?) as usize;
    let total = HEADER_BYTES + length + CHECKSUM_BYTES;
    let (part, rest) = bytes.split_at_checked(total).with_context(cut)?;
    let (content, sum) = part.split_at(total - CHECKSUM_BYTES);
    ensure!(
        checksum(content).to_le_bytes() == sum,
        "damaged: the checksum does not match the bytes"
    );
    Ok((part, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> FitFile {
        let part = |name| {
            let mut part = MAGIC.to_vec();
            part.extend([2, 0]);
            part.extend(shape(name, 2));
            part.extend([3, 0, 0, 0, 7, 8, 9]);
            part.extend(checksum(&part).to_le_bytes());
            part
        };
        FitFile {
            names: ["a, b", "ü"].map(str::to_owned).to_vec(),
            quartet: part("quartet"),
            health: Some(part("health")),
        }
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let bare = FitFile {
            health: None,
            ..fit()
        };
        for fit in [fit(), bare] {
            assert_eq!(FitFile::parse(&fit.to_bytes()).unwrap(), fit);
        }
    }

    /// Broken by a byte that no checksum covers, or by a length that is believed.
    #[test]
    fn every_changed_byte_and_every_cut_is_refused() {
        let bytes = fit().to_bytes();
        for k in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[k] ^= 0x20;
            assert!(FitFile::parse(&damaged).is_err(), "byte {k}");
            assert!(FitFile::parse(&bytes[..k]).is_err(), "first {k} bytes");
        }
    }

    #[test]
    fn the_first_difference_of_names_is_told() {
        let names =
            |names: &[&str]| -> Vec<String> { names.iter().map(|n| (*n).to_owned()).collect() };
        let error = |found: &[&str]| fit().expect_names(&names(found)).unwrap_err().to_string();
        assert!(fit().expect_names(&names(&["a, b", "ü"])).is_ok());
        assert_eq!(error(&["a"]), "the fit has 2 variables, the recording 1");
        assert_eq!(
            error(&["a, b", "u"]),
            "variable 2 is `ü` in the fit and `u` in the recording"
        );
    }
}
