//! One input of a chip: its identity, its unit, its value.

use crate::Sensors;
use crate::linux::file::text;
use std::borrow::ToOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{fmt, format, fs, io};

/// The measured quantity of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quantity {
    /// Temperature in °C.
    Temperature,
    /// Speed of a fan in revolutions per minute.
    Fan,
    /// Power in W.
    Power,
    /// Voltage in V.
    Voltage,
    /// Current in A.
    Current,
}

impl Quantity {
    const ALL: [Self; 5] = [
        Self::Temperature,
        Self::Fan,
        Self::Power,
        Self::Voltage,
        Self::Current,
    ];

    /// Unit of the values.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Temperature => "°C",
            Self::Fan => "rpm",
            Self::Power => "W",
            Self::Voltage => "V",
            Self::Current => "A",
        }
    }

    /// The quantity of a prefix of file names.
    pub(super) fn of_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.prefix() == prefix)
    }

    /// Prefix of its file names.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Temperature => "temp",
            Self::Fan => "fan",
            Self::Power => "power",
            Self::Voltage => "in",
            Self::Current => "curr",
        }
    }

    /// Number of the kernel's units in one unit here.
    pub(super) const fn divisor(self) -> f64 {
        match self {
            Self::Temperature | Self::Voltage | Self::Current => 1e3,
            Self::Power => 1e6,
            Self::Fan => 1.0,
        }
    }
}

/// The reason why an input could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum InputError {
    /// No chip has its identity now, or more than one has, or its label has changed.
    Gone,
    /// The kernel's error, with a driver's error number in it.
    Io(io::Error),
    /// The file is not a whole number.
    Garbage,
    /// The chip flags the sensor as faulty.
    Flagged,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("not there"),
            Self::Io(error) => error.fmt(f),
            Self::Garbage => f.write_str("not a whole number"),
            Self::Flagged => f.write_str("flagged as faulty by its chip"),
        }
    }
}

impl core::error::Error for InputError {}

/// One input of a chip.
#[derive(Clone, Debug)]
pub struct Input {
    identity: String,
    chip: String,
    /// Common part of its file names, as `temp1`.
    stem: String,
    /// The file of its value.
    file: String,
    quantity: Quantity,
    /// The current folder of its chip.
    folder: Option<PathBuf>,
}

impl Input {
    /// Name of the sensor that survives a renumbering by the kernel: `device/chip/input:label`.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The measured quantity.
    pub const fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// Finds its chip, and its own files if the chip has a new folder.
    pub(super) fn locate(&mut self, chips: &BTreeMap<String, Option<PathBuf>>) {
        let folder = chips.get(&self.chip).cloned().flatten();
        if folder != self.folder {
            self.folder =
                folder.filter(|new| identity(&self.chip, new, &self.stem) == self.identity);
        }
    }
}

impl Sensors<1> for Input {
    type Error = InputError;

    /// Cost: two short reads. The second one waits for the driver.
    fn measure(&mut self) -> Result<[f32; 1], InputError> {
        let folder = self.folder.as_ref().ok_or(InputError::Gone)?;
        match number(&folder.join(format!("{}_fault", self.stem))) {
            Ok(0) => {}
            Ok(_) => return Err(InputError::Flagged),
            Err(InputError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let value = number(&folder.join(&self.file))?;
        Ok([(value as f64 / self.quantity.divisor()) as f32])
    }
}

fn number(path: &Path) -> Result<i64, InputError> {
    let text = text(path).map_err(InputError::Io)?;
    text.parse().map_err(|_| InputError::Garbage)
}

fn identity(chip: &str, folder: &Path, stem: &str) -> String {
    match text(&folder.join(format!("{stem}_label"))) {
        Ok(label) if !label.is_empty() => format!("{chip}/{stem}:{label}"),
        _ => format!("{chip}/{stem}"),
    }
}

/// The inputs of a chip, in no order.
pub(super) fn list(chip: &str, folder: &Path) -> Vec<Input> {
    // By stem, so that a meter with an instant and an average value is one input.
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if let Some((stem, quantity, instant)) = entry.file_name().to_str().and_then(parse) {
            let known = files.entry(stem).or_insert((quantity, false));
            known.1 |= instant;
        }
    }
    let inputs = files.into_iter().map(|(stem, (quantity, instant))| Input {
        identity: identity(chip, folder, &stem),
        chip: chip.to_owned(),
        file: format!("{stem}_{}", if instant { "input" } else { "average" }),
        stem,
        quantity,
        folder: Some(folder.to_owned()),
    });
    inputs.collect()
}

/// The stem and quantity of a file that holds a value, and whether it is the instant one:
/// some power meters have only an average.
fn parse(file: &str) -> Option<(String, Quantity, bool)> {
    let (stem, what) = file.split_once('_')?;
    let quantity = Quantity::ALL.into_iter().find(|quantity| {
        stem.strip_prefix(quantity.prefix()).is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })?;
    let instant = what == "input";
    let average = what == "average" && quantity == Quantity::Power;
    (instant || average).then(|| (stem.to_owned(), quantity, instant))
}
