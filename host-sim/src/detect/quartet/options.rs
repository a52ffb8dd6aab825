//! The settings of a fit, for every detector that has a quartet in it.

use super::machine::{Machine, boxed};
use crate::detect::setting::large_count;
use anyhow::{Context, bail};
use bellwether::quartet::{Settings, Shape};

/// The keys of a fit.
macro_rules! fit_keys {
    () => {
        "\
learn=N               rows in front that it is fitted to (1000)
fit=NAME              rows, or device: in one pass, as a device fits itself, to 20 to 200000 rows (rows)
preset=NAME           default, small or tiny: 128, 64 or 32 vectors; only default learns (default)"
    };
}
pub(in crate::detect) use fit_keys;

/// The settings of a fit.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rows to fit to.
    pub learn: u32,
    /// Whether in one pass, as a device does it.
    pub on_device: bool,
    preset: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            learn: 1000,
            on_device: false,
            preset: "default".to_owned(),
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
                value.clone_into(&mut self.preset);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The settings as key and value.
    pub fn assignments(&self) -> Vec<(String, String)> {
        let fit = if self.on_device { "device" } else { "rows" };
        let pairs = [
            ("learn", self.learn.to_string()),
            ("fit", fit.to_owned()),
            ("preset", self.preset.clone()),
        ];
        pairs.map(|(key, value)| (key.to_owned(), value)).to_vec()
    }

    /// The shape for a number of variables.
    ///
    /// # Errors
    /// There are more variables than a shape can count.
    pub fn shape(&self, variables: usize) -> anyhow::Result<Shape> {
        shape(&self.preset, u16::try_from(variables)?)
    }

    /// A quartet that has seen nothing.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn machine(&self, settings: Settings) -> anyhow::Result<Box<dyn Machine>> {
        let learn = self.learn;
        boxed(settings, learn, self.on_device).with_context(|| format!("learn={learn}"))
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
