//! The settings of a fit, for every detector that has a quartet in it.

use super::machine::{Machine, boxed, number};
use crate::detect::FitFile;
use crate::detect::setting::large_count;
use anyhow::{Context, bail, ensure};
use bellwether::quartet::{Settings, Shape};

/// The keys of a fit.
macro_rules! fit_keys {
    () => {
        "\
learn=N               rows in front that it is fitted to (1000; of a file with fewer than 4000 rows a quarter)
fit=NAME              rows, or device: in one pass, as a device fits itself, to 20 to 200000 rows (rows)
preset=NAME           default, small or tiny: 128, 64 or 32 vectors; only default learns (default)"
    };
}
pub(in crate::detect) use fit_keys;

/// Rows to fit to, unless a setting says otherwise.
pub const LEARN: u32 = 1000;

/// The settings of a fit.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rows to fit to.
    pub learn: u32,
    /// Whether in one pass, as a device does it.
    pub on_device: bool,
    /// `None`: that of the fit to start from, else the default one.
    preset: Option<String>,
    /// Whether it starts from a fit.
    is_fitted: bool,
}

/// The presets by name.
const PRESETS: [&str; 3] = ["default", "small", "tiny"];

impl Default for Options {
    fn default() -> Self {
        Self {
            learn: LEARN,
            on_device: false,
            preset: None,
            is_fitted: false,
        }
    }
}

impl Options {
    /// Changes a setting; `false` if the key is none of a fit.
    ///
    /// # Errors
    /// The value is not understood.
    pub fn set(&mut self, key: &str, value: &str) -> anyhow::Result<bool> {
        match key {
            "learn" => match large_count(key, value)? {
                0 => bail!("learn must be at least 1, found 0"),
                rows => self.learn = rows,
            },
            "fit" => {
                self.on_device = match value {
                    "rows" => false,
                    "device" => true,
                    _ => bail!("fit={value}: expected rows or device"),
                }
            }
            "preset" => {
                shape(value, 1)?;
                self.preset = Some(value.to_owned());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The settings as key and value.
    pub fn assignments(&self) -> Vec<(String, String)> {
        let fit = match (self.is_fitted, self.on_device) {
            (true, _) => "file",
            (_, true) => "device",
            _ => "rows",
        };
        let pairs = [
            ("learn", self.learn.to_string()),
            ("fit", fit.to_owned()),
            ("preset", self.preset().to_owned()),
        ];
        pairs.map(|(key, value)| (key.to_owned(), value)).to_vec()
    }

    fn preset(&self) -> &str {
        self.preset.as_deref().unwrap_or(PRESETS[0])
    }

    /// Starts from a fit in place of the leading rows: with its preset, and the number of its rows.
    ///
    /// # Errors
    /// It is of other variables or of another preset, or settings of a fit are given beside it.
    pub fn start_from(
        &mut self,
        fit: &FitFile,
        names: &[String],
        assignments: &[String],
    ) -> anyhow::Result<()> {
        let of_rows = |text: &&String| text.starts_with("learn=") || text.starts_with("fit=");
        if let Some(given) = assignments.iter().find(of_rows) {
            bail!("--set {given} does not apply with --fit: nothing is fitted");
        }
        fit.expect_names(names)?;
        let variables = u16::try_from(names.len())?;
        let is_its = |preset: &&str| {
            let number = shape(preset, variables).and_then(number);
            number.ok() == fit.shape()
        };
        let its = PRESETS.into_iter().find(is_its);
        let its = its.context("it is the fit of no preset")?;
        ensure!(
            self.preset.as_deref().is_none_or(|own| own == its),
            "the fit has preset={its}, not preset={}: leave the setting out",
            self.preset()
        );
        self.preset = Some(its.to_owned());
        self.is_fitted = true;
        Ok(())
    }

    /// The shape for a number of variables.
    ///
    /// # Errors
    /// There are more variables than a shape can count.
    pub fn shape(&self, variables: usize) -> anyhow::Result<Shape> {
        shape(self.preset(), u16::try_from(variables)?)
    }

    /// A quartet that has seen nothing, or that starts from a fit.
    ///
    /// # Errors
    /// A setting is out of range, or the fit is refused.
    pub fn machine(
        &mut self,
        settings: Settings,
        fit: Option<&FitFile>,
    ) -> anyhow::Result<Box<dyn Machine>> {
        let learn = self.learn;
        let machine = boxed(settings, learn, self.on_device, fit);
        let machine = machine.with_context(|| match fit {
            Some(_) => "--fit".to_owned(),
            None => format!("learn={learn}"),
        })?;
        if fit.is_some() {
            self.learn = machine.rows();
        }
        Ok(machine)
    }

    /// Bytes of its state on a device.
    pub fn state_bytes(&self, shape: Shape) -> usize {
        if self.on_device {
            shape.fitting_bytes()
        } else {
            shape.state_bytes()
        }
    }
}

/// A preset's shape.
fn shape(preset: &str, variables: u16) -> anyhow::Result<Shape> {
    match preset {
        "default" => Ok(Shape::new(variables)),
        "small" => Ok(Shape::small(variables)),
        "tiny" => Ok(Shape::tiny(variables)),
        _ => bail!("preset={preset}: expected default, small or tiny"),
    }
}
