//! Arguments for the quantisation of a network in f32.

use crate::model::NetworkIo;
use crate::model::float::FloatNet;
use crate::model::limits::FEW;
use crate::model::quantise::grid::{Inputs, MOST_OUTSIDE};
use crate::model::quantise::{Quantised, Ranges, Settings, quantise};
use crate::model::runner::scaled;
use crate::recording::{Options, Table, frames};
use crate::text::number::counted;
use anyhow::{Context, ensure};
use bellwether::model::Scale;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The quantisation of a network in f32.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
#[command(next_help_heading = "Networks in f32")]
pub struct Quantising {
    /// Rows of healthy behaviour for the ranges of the layers: a recording (named as a
    /// table, such as .csv or .parquet) with the variables by name, or raw little-endian f32 frames
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    /// Rows for comparing f32 with the quantised model; a column `label` (0 or 1) gives the AUC of
    /// both [default: those of --calibration]
    #[arg(long, value_name = "FILE")]
    evaluation: Option<PathBuf>,
    #[command(flatten)]
    integers: Integers,
    #[command(flatten)]
    reading: Options,
}

/// Resolution and range of the integers.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub struct Integers {
    /// Smallest and largest input in scaled units [default: -2,4, or where calibration rows lie outside,
    /// their range and half of it on either side]
    #[arg(long, value_name = "LOW,HIGH", value_parser = grid, allow_hyphen_values = true)]
    grid: Option<(f32, f32)>,
    /// Bits of all values between layers. 16 bits suit readings far outside the training data and
    /// errors smaller than a step of 8 bits. They imply a range from -16 to 16 unless --grid is
    /// given, and a weight scale per output. Memory is the same, time a quarter to a half more
    /// [default: 8]
    #[arg(long, value_name = "BITS", value_parser = ["8", "16"])]
    values: Option<String>,
    /// A weight scale per output instead of one per layer
    #[arg(long)]
    per_channel: bool,
    /// Layers with at most this many outputs have outputs of 16 bits; 0: none [default: 32]
    #[arg(long, value_name = "OUTPUTS")]
    wide: Option<usize>,
}

fn grid(text: &str) -> Result<(f32, f32), String> {
    let ends = text.split_once(',').and_then(|(low, high)| {
        let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
        Some((low, high))
    });
    match ends {
        Some((low, high)) if low <= 0.0 && 0.0 <= high && high - low > 0.0 => Ok((low, high)),
        _ => Err("two numbers LOW,HIGH with 0 between them".to_owned()),
    }
}

impl Quantising {
    /// Quantises with the rows of `--calibration`.
    pub(in crate::commands) fn quantise(
        &self,
        net: &FloatNet,
        io: &NetworkIo,
    ) -> anyhow::Result<Quantised> {
        let path = self.calibration.as_deref().context(
            "a network in f32 needs --calibration, a file of healthy rows that show what ranges \
             its layers reach",
        )?;
        let frames = self.rows(path, io)?;
        let variables = &io.variables;
        let scale = |k: usize| *variables.scales.get(k).unwrap_or(&Scale::IDENTITY);
        let rows: Vec<Vec<f32>> = frames
            .windows(io.window)
            .map(|window| scaled(scale, variables.features.len(), window))
            .collect();
        ensure!(
            !rows.is_empty(),
            "{}: no whole window of {} frames",
            path.display(),
            io.window
        );
        let settings = self.integers.settings(io.reconstructs());
        let inputs = Inputs::new(&rows);
        let range = match self.integers.grid {
            Some(range) => range,
            None => inputs.range(settings.inputs),
        };
        let count = variables.features.len().max(1);
        let name = |k: usize| variables.features[k % count].name.clone();
        let value = |row: usize, k: usize| {
            let windows = frames.windows(io.window).nth(row);
            windows.and_then(|w| w.get(k).copied()).unwrap_or(f32::NAN)
        };
        for line in inputs.said(range, name, value) {
            writeln!(io::stderr(), "{}: {line}", path.display())?;
        }
        let outside = inputs.outside(range) as f64 / inputs.len().max(1) as f64;
        ensure!(
            outside <= MOST_OUTSIDE,
            "{}: {:.0} % of the calibration values lie outside --grid {},{}",
            path.display(),
            100.0 * outside,
            range.0,
            range.1
        );
        if range != settings.inputs && self.integers.grid.is_none() {
            writeln!(
                io::stderr(),
                "range of the inputs: {} to {}, from the calibration rows (--grid LOW,HIGH)",
                range.0,
                range.1
            )?;
        }
        if rows.len() < FEW {
            writeln!(
                io::stderr(),
                "warning: {} calibrate; fewer than {FEW} show little of what is usual",
                counted(rows.len() as u64, "row")
            )?;
        }
        let settings = settings.with_inputs(range);
        let clipped = inputs.clipped(range);
        let ranges = Ranges::observe(net, clipped.iter().map(Vec::as_slice));
        quantise(net, &ranges, &settings)
    }

    /// The rows of the comparison.
    pub(in crate::commands) fn evaluation(&self, io: &NetworkIo) -> anyhow::Result<Table> {
        let path = self.evaluation.as_ref().or(self.calibration.as_ref());
        self.rows(path.context("no rows")?, io)
    }

    fn rows(&self, path: &Path, io: &NetworkIo) -> anyhow::Result<Table> {
        let features = io.variables.features.iter();
        let names: Vec<&str> = features.map(|f| f.name.as_str()).collect();
        frames::read(path, &self.reading, &names)
    }
}

impl Integers {
    /// The quantiser's settings.
    pub(in crate::commands) fn settings(&self, one_grid: bool) -> Settings {
        let defaults = if self.values.as_deref() == Some("16") {
            Settings::wide()
        } else {
            Settings::default()
        };
        Settings {
            inputs: self.grid.unwrap_or(defaults.inputs),
            per_channel: self.per_channel || defaults.per_channel,
            wide_up_to: self.wide.unwrap_or(defaults.wide_up_to),
            one_grid,
            ..defaults
        }
    }
}
