//! The project's own files: CSV `timestamp,<variable>...[,label]`. `X.train.csv` is the training part
//! of `X.test.csv`.

use super::Training;
use super::layout::bare;
use std::path::Path;

/// The file with the training part, told by the name of this one.
pub fn training(path: &Path) -> Training {
    let name = bare(path);
    if name.contains(".train.") {
        return Training::Whole;
    }
    let other = path.file_name().and_then(|name| name.to_str());
    let other = other.filter(|_| name.contains(".test."));
    let other = other.map(|name| path.with_file_name(name.replacen(".test.", ".train.", 1)));
    match other.filter(|other| other.exists()) {
        Some(other) => Training::Apart(other),
        None => Training::Unknown,
    }
}
