//! Weights in a file beside the network's.
//!
//! The file's place is relative to the network's folder and lies inside it, links included; of it no
//! more is read than the tensor's shape asks for.

use super::proto;
use crate::model::import::view::{MOST, elements, sizes};
use anyhow::{Context, Result, bail, ensure};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

/// The bytes of a tensor.
pub(super) fn read(tensor: &proto::Tensor, folder: Option<&Path>) -> Result<Vec<u8>> {
    let entry = |key: &str| {
        let found = tensor.external.iter().find(|entry| entry.key == key);
        found.map(|entry| entry.value.as_str())
    };
    let place = entry("location").context("its data lie in another file that is not named")?;
    let folder = folder.with_context(|| format!("its data lie in another file, `{place}`"))?;
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let inside = Path::new(place)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    ensure!(
        inside && !place.is_empty(),
        "its data lie in `{place}`, outside the folder of the network: that is not read"
    );
    let missing = || {
        format!(
            "its data lie in `{place}`, which must lie beside the network (torch.onnx.export with \
             external_data=False writes one file)"
        )
    };
    let path = folder.join(place).canonicalize().with_context(missing)?;
    ensure!(
        path.starts_with(folder.canonicalize()?) && path.is_file(),
        "`{place}` is no file inside the folder of the network: it is not read"
    );
    let number = |key: &str| -> Result<Option<u64>> {
        let text = entry(key).filter(|text| !text.is_empty());
        text.map(|text| text.parse().with_context(|| format!("`{key}` is `{text}`")))
            .transpose()
    };
    let width = match tensor.kind {
        2 | 3 | 9 => 1,
        4 | 5 | 10 => 2,
        1 | 6 => 4,
        7 | 11 => 8,
        other => bail!("element type {other}"),
    };
    let length = width * elements(&sizes(&tensor.shape)?, MOST)?;
    if let Some(found) = number("length")? {
        ensure!(
            found == length as u64,
            "{found} bytes in `{place}`, its shape needs {length}"
        );
    }
    let mut file = File::open(&path).with_context(missing)?;
    let (start, size) = (number("offset")?.unwrap_or(0), file.metadata()?.len());
    ensure!(
        start
            .checked_add(length as u64)
            .is_some_and(|end| end <= size),
        "`{place}` has {size} bytes, and its data would end behind them: it was cut, or is of another \
         network"
    );
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(entries: &[(&str, &str)]) -> proto::Tensor {
        let entry = |(key, value): &(&str, &str)| proto::Entry {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        proto::Tensor {
            shape: vec![2],
            kind: 1,
            location: 1,
            external: entries.iter().map(entry).collect(),
            ..Default::default()
        }
    }

    /// Broken by any place that leaves the folder, and by a length that is believed.
    #[test]
    fn weights_come_from_inside_the_folder_only() {
        let all = tempfile::tempdir().unwrap();
        let folder = all.path().join("net");
        std::fs::create_dir(&folder).unwrap();
        let bytes: Vec<u8> = [9.0_f32, 1.5, -2.0]
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        std::fs::write(folder.join("w.bin"), &bytes).unwrap();
        std::fs::write(all.path().join("out.bin"), &bytes).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(all.path().join("out.bin"), folder.join("link.bin")).unwrap();
        let from = |entries: &[(&str, &str)]| read(&tensor(entries), Some(&folder));
        let found = from(&[("location", "w.bin"), ("offset", "4"), ("length", "8")]);
        assert_eq!(found.unwrap(), bytes[4..]);
        assert_eq!(from(&[("location", "./w.bin")]).unwrap(), bytes[..8]);
        let absolute = folder.join("w.bin");
        for (place, offset, length, wanted) in [
            ("../out.bin", "0", "8", "outside the folder"),
            (absolute.to_str().unwrap(), "0", "8", "outside the folder"),
            ("link.bin", "0", "8", "no file inside the folder"),
            ("none.bin", "0", "8", "external_data=False"),
            ("w.bin", "8", "8", "has 12 bytes"),
            ("w.bin", "18446744073709551615", "8", "has 12 bytes"),
            ("w.bin", "0", "4", "its shape needs 8"),
            ("w.bin", "x", "8", "`offset` is `x`"),
            ("", "0", "8", "outside the folder"),
        ] {
            let error = from(&[("location", place), ("offset", offset), ("length", length)]);
            let error = format!("{:#}", error.unwrap_err());
            assert!(error.contains(wanted), "{place}: {error}");
        }
    }
}
