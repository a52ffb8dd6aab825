//! Memory, flash and instructions of a detector on a processor, before anything is built for it: from the sizes of the
//! types, and from the committed figures of COSTS.md.

mod instructions;
mod snapshot;

use super::{Figures, PROFILES};
use crate::board::{BOARDS, Board};
use crate::cost::estimate;
use crate::detect::{Entry, Setup};
use anyhow::{Context, ensure};
use bellwether::Model;
use serde::Serialize;
use std::fmt;

/// The committed figures, as in the repository.
const COSTS: &str = include_str!("../../costs.txt");

/// Detectors whose state has the same size on processors of 32 and of 64 bits; a test compares them with the boards.
const SAME_EVERYWHERE: [&str; 10] = [
    "sentinel",
    "quartet",
    "sigma",
    "mahalanobis",
    "limits",
    "cusum",
    "page-hinkley",
    "gaussian",
    "window",
    "profile",
];

/// The basis of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// It is what a program has.
    Exact,
    /// Measured in QEMU, for the variables that the note names.
    Measured,
    /// No program has more: from a figure that was measured for other variables, as the note says.
    Bound,
    /// Within the error that the note names.
    Estimated,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// A word or two.
    pub name: &'static str,
    /// The number.
    pub value: u64,
    /// Bytes or instructions.
    pub unit: &'static str,
    /// Its basis.
    pub basis: Basis,
    /// More about it.
    pub note: String,
}

/// The figures of a detector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Footprint {
    /// The detector.
    pub detector: &'static str,
    /// Its variables.
    pub variables: usize,
    /// The preset of a quartet's memories; `None` without one.
    pub preset: Option<String>,
    /// The processor.
    pub target: &'static str,
    /// The figures that are known.
    pub figures: Vec<Figure>,
}

/// The targets on the command line: a processor's name in lower case.
///
/// # Errors
/// It is none; the error lists them.
pub fn target(name: &str) -> Result<Board, String> {
    let found = BOARDS
        .into_iter()
        .find(|board| board.processor.to_lowercase() == name);
    found.ok_or_else(|| {
        let names = BOARDS.map(|board| board.processor.to_lowercase());
        format!("figures were measured on {}", names.join(", "))
    })
}

/// The figures of a detector over a number of variables, or over those of a model, which comes with its bytes in
/// flash. Without a preset, it is the one of the boards' programs.
///
/// # Errors
/// The detector cannot have this form.
pub fn of(
    entry: &'static Entry,
    variables: usize,
    preset: Option<&str>,
    board: &Board,
    model: Option<(Model<'_>, usize)>,
) -> anyhow::Result<Footprint> {
    let preset = preset.unwrap_or(if entry.name == "node" {
        "wide"
    } else {
        "small"
    });
    let costs = Figures::parse(COSTS).context("the committed figures")?;
    let names: Vec<String> = match &model {
        Some((model, _)) => model.features().map(|of| of.name.to_owned()).collect(),
        None => (1..=variables).map(|k| format!("column{k}")).collect(),
    };
    ensure!(!names.is_empty(), "a detector has at least one variable");
    entry.accepts(&[], model.is_some())?;
    let watch = entry.watch(&Setup {
        names: &names,
        settings: &board.settings(entry, preset),
        model: model.as_ref().map(|(model, _)| *model),
        fit: None,
    })?;
    let (variables, state) = (names.len(), watch.state_bytes());
    let of = Of {
        entry,
        variables,
        preset,
        board,
        costs: &costs,
    };
    let (basis, note) = match SAME_EVERYWHERE.contains(&entry.name) {
        true => (Basis::Exact, "all that is kept between frames"),
        false => (
            Basis::Bound,
            "all that is kept between frames; the size on a PC of 64 bits",
        ),
    };
    let mut figures = vec![Figure {
        name: "state",
        value: state as u64,
        unit: "bytes of RAM",
        basis,
        note: note.to_owned(),
    }];
    figures.extend(of.stack());
    figures.extend(snapshot::largest(&of, state).map(|bytes| Figure {
        name: "snapshot",
        value: bytes as u64,
        unit: "bytes of storage",
        basis: Basis::Bound,
        note: "the maximum of the type; written in pieces of 64 bytes".to_owned(),
    }));
    figures.extend(model.as_ref().map(|(_, bytes)| Figure {
        name: "model",
        value: *bytes as u64,
        unit: "bytes of flash",
        basis: Basis::Exact,
        note: "the file, used in place".to_owned(),
    }));
    figures.extend(of.flash());
    figures.extend(instructions::measured(&of));
    let inference = model.and_then(|(model, _)| {
        let boards = BOARDS.iter().zip(estimate::instructions(&model));
        let (_, value) = boards.into_iter().find(|(one, _)| one.name == board.name)?;
        Some(Figure {
            name: "inference",
            value,
            unit: "instructions",
            basis: Basis::Estimated,
            note: format!("a sum over layers, within {} %", estimate::ERROR_PERCENT),
        })
    });
    figures.extend(inference);
    Ok(Footprint {
        detector: entry.name,
        variables,
        preset: entry.has("preset").then(|| preset.to_owned()),
        target: board.processor,
        figures,
    })
}

/// The form that figures are asked of.
struct Of<'a> {
    entry: &'static Entry,
    variables: usize,
    preset: &'a str,
    board: &'a Board,
    costs: &'a Figures,
}

impl Of<'_> {
    /// A committed figure of this board.
    fn cost(&self, name: &str) -> Option<u64> {
        let name = format!("{}.{name}", self.board.name);
        self.costs.numbers.get(&name).copied()
    }

    fn stack(&self) -> Option<Figure> {
        let (name, note) = match self.entry.name {
            "sentinel" => (
                format!("fast.detector.sentinel-{}.stack", self.preset),
                "below the caller, for 8 variables",
            ),
            "rola" => ("fast.stack".to_owned(), "below the caller, for 9 variables"),
            _ => return None,
        };
        Some(Figure {
            name: "stack",
            value: self.cost(&name)?,
            unit: "bytes of RAM",
            basis: Basis::Measured,
            note: note.to_owned(),
        })
    }

    /// The code, compiled for speed and for size.
    fn flash(&self) -> Vec<Figure> {
        let (name, note) = match self.entry.name {
            "sentinel" => (
                "sentinel.flash_fitting",
                "beyond an empty program, with its fit; default preset of 8 variables",
            ),
            "rola" => (
                "flash_detector",
                "beyond an empty program, `observe` alone; 9 variables",
            ),
            "autoencoder" => ("code.run", "an inference alone, of dense layers"),
            _ => return Vec::new(),
        };
        let of_profile = |(_, word): (&str, &str)| {
            Some(Figure {
                name: if word == "fast" {
                    "code, fast"
                } else {
                    "code, small"
                },
                value: self.cost(&format!("{word}.{name}"))?,
                unit: "bytes of flash",
                basis: Basis::Measured,
                note: note.to_owned(),
            })
        };
        PROFILES.into_iter().filter_map(of_profile).collect()
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Measured => "measured",
            Self::Bound => "at most",
            Self::Estimated => "estimated",
        })
    }
}

#[cfg(test)]
mod tests;
