//! The kind of a file, by its first bytes: a network that can be read, or a way out.

use anyhow::{Result, bail};
use std::path::Path;

/// A kind of file that a network is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// TensorFlow Lite.
    Tflite,
    /// ONNX.
    Onnx,
    /// Weights, with a description beside them.
    Safetensors,
}

const TO_TFLITE: &str = "convert it with `tf.lite.TFLiteConverter`, or write .safetensors and .json \
                         with the Python package bellwether-export, and pack that";
const TO_ONNX: &str = "export it with `torch.onnx.export(..., external_data=False)`, or write \
                       .safetensors and .json with the Python package bellwether-export, and pack \
                       that";

/// The kind of a file, by its bytes and, where these do not tell, by the end of its name.
///
/// # Errors
/// It is no network; the text says what it is, and what to do.
pub fn of(path: &Path, bytes: &[u8]) -> Result<Kind> {
    if bytes.get(4..8) == Some(b"TFL3") {
        return Ok(Kind::Tflite);
    }
    if let Some(other) = other(bytes) {
        bail!("{other}");
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    match &*extension.to_ascii_lowercase() {
        "tflite" | "lite" => Ok(Kind::Tflite),
        "onnx" => Ok(Kind::Onnx),
        "safetensors" => Ok(Kind::Safetensors),
        "keras" | "h5" | "hdf5" => bail!("a Keras file, which is not read; {TO_TFLITE}"),
        "pt" | "pth" | "ckpt" | "pkl" | "pickle" => {
            bail!("a PyTorch or Python file, which is not read; {TO_ONNX}")
        }
        "pb" => bail!("a part of a TensorFlow SavedModel, which is not read; {TO_TFLITE}"),
        // The version of ONNX comes first: field 1, a number below 128.
        _ if matches!(bytes, [8, 1..=20, 18 | 58 | 66, ..]) => Ok(Kind::Onnx),
        _ if matches!(bytes.get(8), Some(b'{')) => Ok(Kind::Safetensors),
        _ => bail!(
            "no network is read from `.{extension}`: read are .tflite, .onnx, and .safetensors with \
             its .json"
        ),
    }
}

/// The words for a folder in place of a file.
pub fn of_folder(path: &Path) -> String {
    if path.join("saved_model.pb").exists() {
        return format!("a TensorFlow SavedModel, which is not read; {TO_TFLITE}");
    }
    "a folder; the network's file is needed".to_owned()
}

/// The words for a file that is something else; `None` if nothing else is known of it.
fn other(bytes: &[u8]) -> Option<String> {
    let text = bytes.trim_ascii_start();
    let text = String::from_utf8_lossy(&text[..text.len().min(4096)]).to_ascii_lowercase();
    let has = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
    Some(match bytes {
        [] => "the file is empty: an export or a download did not finish".to_owned(),
        _ if text.starts_with("version https://git-lfs") => {
            "a Git LFS pointer, not the file it points to: `git lfs pull` fetches that".to_owned()
        }
        _ if text.starts_with("<!doctype html") || text.starts_with("<html") => {
            "a page of a web site, not the network: download the raw file".to_owned()
        }
        [0x89, b'H', b'D', b'F', ..] => {
            format!("a Keras model in HDF5 (.h5), which is not read; {TO_TFLITE}")
        }
        [b'P', b'K', 3, 4, ..] if has(b"model.weights.h5") => {
            format!("a Keras model (.keras), which is not read; {TO_TFLITE}")
        }
        [b'P', b'K', 3, 4, ..] if has(b"saved_model.pb") => {
            format!("a zip archive of a TensorFlow SavedModel, which is not read; {TO_TFLITE}")
        }
        [b'P', b'K', 3, 4, ..] if has(b"data.pkl") => {
            format!("a PyTorch checkpoint, which is not read; {TO_ONNX}")
        }
        [b'P', b'K', 3 | 5, 4 | 6, ..] => "a zip archive: unpack it".to_owned(),
        [0x80, 2..=5, ..] => format!(
            "a Python pickle (PyTorch, scikit-learn or joblib), which is not read: of PyTorch, \
             {TO_ONNX}; of scikit-learn, convert it with skl2onnx"
        ),
        [0x1f, 0x8b, ..] => "compressed by gzip: unpack it with `gunzip`".to_owned(),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "compressed by zstd: unpack it with `unzstd`".to_owned(),
        [b'B', b'Z', b'h', ..] => "compressed by bzip2: unpack it with `bunzip2`".to_owned(),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "compressed by xz: unpack it with `unxz`".to_owned(),
        _ if bytes.starts_with(&bellwether::model::MAGIC) => {
            "a model of this program already: `bellwether model inspect` shows it".to_owned()
        }
        _ if text.contains("unsigned char") && text.contains('{') => {
            "C source with a network in an array: pack the .tflite file it was made from".to_owned()
        }
        [b'G', b'G', b'U', b'F', ..] => "a GGUF file of a language model".to_owned(),
        _ if text.starts_with('{') && !matches!(bytes.get(8), Some(b'{')) => {
            "JSON: if it describes a .safetensors file, pack that".to_owned()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, bytes: &[u8]) -> String {
        match of(Path::new(name), bytes) {
            Ok(kind) => format!("{kind:?}"),
            Err(error) => error.to_string(),
        }
    }

    /// Broken by an answer from the name where the bytes say something else.
    #[test]
    fn files_are_known_by_their_bytes() {
        let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
        for (name, bytes, wanted) in [
            ("a.tflite", &lfs[..], "`git lfs pull`"),
            ("a.onnx", &lfs[..], "`git lfs pull`"),
            ("a.onnx", b"\n\n<!DOCTYPE HTML><p>", "download the raw file"),
            ("a.onnx", b"", "empty"),
            ("a.keras", b"PK\x03\x04....model.weights.h5", ".keras"),
            ("a.zip", b"PK\x03\x04....net/saved_model.pb", "SavedModel"),
            ("a.pt", b"PK\x03\x04....net/data.pkl", "torch.onnx.export"),
            ("a.onnx", b"PK\x03\x04....net.onnx", "unpack it"),
            ("a.h5", b"\x89HDF\r\n\x1a\n", "TFLiteConverter"),
            ("a.pkl", b"\x80\x04\x95", "skl2onnx"),
            ("a.onnx.gz", b"\x1f\x8b\x08", "gunzip"),
            ("a.cc", b"const unsigned char net[] = {", "C source"),
            ("a.txt", b"hello world", "read are .tflite, .onnx"),
            ("a.bwm", &bellwether::model::MAGIC, "model inspect"),
            ("a.lite", b"\x1c\0\0\0TFL3", "Tflite"),
            ("a", b"\x1c\0\0\0TFL3", "Tflite"),
            ("a.ONNX", b"\x08\x0a\x12\x00", "Onnx"),
            ("a", b"\x08\x0a\x12\x00", "Onnx"),
            ("a.TFLITE", b"\x08\x0a\x12\x00", "Tflite"),
        ] {
            let found = said(name, bytes);
            assert!(found.contains(wanted), "{name}: {found}");
        }
    }
}
