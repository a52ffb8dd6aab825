//! Server Machine Dataset, and the Application Server Dataset written the same way:
//! `train/X.txt` and `test/X.txt` without header, labels one a line in `test_label/X.txt`.
//! Variables are `m00`, `m01` and so on.

use super::columns::within;
use super::lines::Lines;
use super::text::{Labels, Plan};
use super::{Problem, Training};
use std::path::{Path, PathBuf};

fn folder(path: &Path) -> &str {
    let folder = path.parent().and_then(Path::file_name);
    folder.and_then(|name| name.to_str()).unwrap_or_default()
}

pub(super) fn is(path: &Path) -> bool {
    matches!(folder(path), "train" | "test")
}

/// The file of the same name in a folder beside this one's.
fn beside(path: &Path, folder: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let above = path.parent().and_then(Path::parent);
    above.unwrap_or(Path::new("")).join(folder).join(name)
}

pub(super) fn plan(path: &Path, first: &Lines) -> Result<Plan, Problem> {
    let names = (0..first.len()).map(|k| format!("m{k:02}")).collect();
    let (labels, training) = match folder(path) {
        "train" => (Labels::None, Training::Whole),
        "test" => {
            let training = beside(path, "train");
            let found = if training.exists() {
                Training::Apart(training)
            } else {
                Training::Unknown
            };
            (Labels::beside(&beside(path, "test_label"))?, found)
        }
        _ => {
            let expected = "expected in a folder `train` or `test`, labels in `test_label`";
            return Err(Problem::Layout(expected.to_owned()));
        }
    };
    Ok(Plan {
        labels,
        training,
        headless: true,
        ..Plan::new(within(names)?)
    })
}
