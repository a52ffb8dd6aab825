//! Datasets, found in folders.

use super::{Recording, Table};
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};

/// The ends of a dataset's file names.
const TRAIN: &str = ".train.csv";
const TEST: &str = ".test.csv";

/// A dataset: one recording, or one to train on and a later one to test on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Folder and name.
    pub name: String,
    /// The training recording.
    pub train: PathBuf,
    /// The test recording; `None`: the rest of the training recording.
    pub test: Option<PathBuf>,
}

impl Dataset {
    /// The datasets of a folder in the order of their names, or that of a recording:
    /// `NAME.train.csv` with `NAME.test.csv`, or `NAME.csv`; each may be `.gz` or `.zst`.
    ///
    /// # Errors
    /// The folder cannot be read, or there is no recording.
    pub fn find(place: &Path) -> anyhow::Result<Vec<Self>> {
        let mut files = Vec::new();
        if place.is_dir() {
            let entries = std::fs::read_dir(place).with_context(|| place.display().to_string())?;
            for entry in entries {
                files.push(entry.with_context(|| place.display().to_string())?.path());
            }
            // Shorter ones first: `omi-2` is before `omi-10`.
            files.sort_by_key(|file| (file.as_os_str().len(), file.clone()));
        } else {
            files.push(place.to_owned());
        }
        let name = |file: &Path| file.to_string_lossy().into_owned();
        let is_pair = files.iter().any(|file| name(file).contains(TRAIN));
        let datasets: Vec<Self> = files
            .iter()
            .filter(|file| {
                let name = name(file);
                name.contains(".csv") && !name.contains(TEST) && (!is_pair || name.contains(TRAIN))
            })
            .map(|file| Self::of(file))
            .collect();
        ensure!(!datasets.is_empty(), "{}: no recordings", place.display());
        Ok(datasets)
    }

    fn of(file: &Path) -> Self {
        let text = file.to_string_lossy();
        let test = text.contains(TRAIN).then(|| text.replacen(TRAIN, TEST, 1));
        let short = file.file_name().unwrap_or_default().to_string_lossy();
        let end = short.find(TRAIN).or(short.find(".csv"));
        let folder = file.parent().and_then(Path::file_name);
        let folder = folder.map_or_else(String::new, |f| format!("{}/", f.to_string_lossy()));
        Self {
            name: format!("{folder}{}", &short[..end.unwrap_or(short.len())]),
            train: file.to_owned(),
            test: test.map(PathBuf::from),
        }
    }

    /// Its folder and its name in it.
    pub fn parts(&self) -> (&str, &str) {
        self.name.split_once('/').unwrap_or(("", &self.name))
    }

    /// The reason why it cannot be judged; `None` if it has labels.
    pub fn unlabelled(&self) -> Option<String> {
        let tested = self.test.as_ref().unwrap_or(&self.train);
        match Recording::open(tested) {
            Ok(recording) if recording.is_labelled() => None,
            Ok(recording) => Some(format!(
                "{}: no column of labels among {}",
                tested.display(),
                recording
                    .names()
                    .iter()
                    .take(8)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
            Err(error) => Some(error.to_string()),
        }
    }

    /// The roles of the columns of the recording that is tested, in lines for people.
    pub fn notes(&self) -> Vec<String> {
        let tested = self.test.as_ref().unwrap_or(&self.train);
        Recording::open(tested).map_or_else(|_| Vec::new(), |recording| recording.notes().to_vec())
    }

    /// The training recording, and the test recording if it is another.
    ///
    /// # Errors
    /// One cannot be read, or they have different columns.
    pub fn tables(&self) -> anyhow::Result<(Table, Option<Table>)> {
        let train = Table::read(&self.train)?;
        let Some(path) = &self.test else {
            return Ok((train, None));
        };
        let test = Table::read(path)?;
        ensure!(
            test.names == train.names,
            "{}: other columns than {}",
            path.display(),
            self.train.display()
        );
        Ok((train, Some(test)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_one_dataset_and_shorter_names_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("asd");
        std::fs::create_dir(&place).unwrap();
        for name in ["omi-10", "omi-2"] {
            for part in ["train", "test"] {
                std::fs::write(place.join(format!("{name}.{part}.csv.gz")), "").unwrap();
            }
        }
        std::fs::write(place.join("types.csv"), "").unwrap();
        let datasets = Dataset::find(&place).unwrap();
        let names: Vec<&str> = datasets
            .iter()
            .map(|dataset| dataset.name.as_str())
            .collect();
        assert_eq!(names, ["asd/omi-2", "asd/omi-10"]);
        assert_eq!(datasets[0].test, Some(place.join("omi-2.test.csv.gz")));
        let single = Dataset::find(&place.join("types.csv")).unwrap();
        assert_eq!(
            (single[0].name.as_str(), &single[0].test),
            ("asd/types", &None)
        );
    }
}
