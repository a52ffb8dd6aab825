//! Quartet, fitted to the rows in front.

mod calibration;
mod components;
mod fit;
mod machine;
mod memory;
mod scale;
#[cfg(test)]
mod tests;

use super::rola::within;
use super::setting::{large_count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch};
use crate::recording::cadence::Step;
use anyhow::bail;
use bellwether::quartet::{Settings, Shape};
use bellwether::{Reading, Tick};
use machine::{Machine, boxed};

const KEYS: &str = "\
learn=N               rows in front that it is fitted to (1440)
fit=NAME              rows, or device: in one pass, as a device fits itself, to 20 to 200000 rows (rows)
preset=NAME           default, small or tiny: 128, 64 or 32 vectors; only default learns (default)
threshold=X           score above which a row is anomalous (2)";

/// Quartet in the registry.
pub const ENTRY: Entry = Entry {
    name: "quartet",
    about: "Two memories, differences and what components leave, each by its own surprise",
    keys: KEYS,
    needs_model: false,
    learning: Some("learn"),
    learns_all: true,
    check: |settings| Options::parse(settings).map(drop),
    make: |setup| Ok(Box::new(QuartetWatch::of(setup)?)),
};

#[derive(Clone, Debug)]
struct Options {
    learn: u32,
    on_device: bool,
    preset: String,
    threshold: f32,
}

impl Options {
    fn parse(assignments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self {
            learn: 1440,
            on_device: false,
            preset: "default".to_owned(),
            threshold: Settings::new(Shape::new(1)).threshold,
        };
        for assignment in assignments {
            let (key, value) = split(assignment, KEYS)?;
            match key {
                "learn" => match large_count(key, value)? {
                    0 => bail!("learn must be at least 1, found 0"),
                    rows => options.learn = rows,
                },
                "fit" => {
                    options.on_device = match value {
                        "rows" => false,
                        "device" => true,
                        _ => bail!("fit={value}: expected rows or device"),
                    }
                }
                "preset" => {
                    shape(value, 1)?;
                    value.clone_into(&mut options.preset);
                }
                "threshold" => options.threshold = real(key, value)?,
                _ => return Err(unknown(key, KEYS)),
            }
        }
        Ok(options)
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

struct QuartetWatch {
    machine: Box<dyn Machine>,
    shape: Shape,
    on_device: bool,
    profile: Profile,
}

impl QuartetWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        within(setup.names)?;
        let Options {
            learn,
            on_device,
            preset,
            threshold,
        } = Options::parse(setup.settings)?;
        let variables = setup.names.len() as u16;
        let shape = shape(&preset, variables)?;
        let settings = Settings {
            threshold,
            ..Settings::new(shape)
        };
        let pairs = [
            ("learn", learn.to_string()),
            ("fit", if on_device { "device" } else { "rows" }.to_owned()),
            ("preset", preset),
            ("threshold", threshold.to_string()),
        ];
        Ok(Self {
            machine: boxed(settings, learn, on_device)?,
            shape,
            on_device,
            profile: Profile {
                names: setup.names.to_vec(),
                settings: pairs.map(|(key, value)| (key.to_owned(), value)).to_vec(),
                limits: vec![Limit {
                    measure: "surprise",
                    threshold,
                    moves: false,
                }],
                contributions: Meaning {
                    title: "Surprise",
                    about: "Each variable’s part in the surprise of a row: in its differences, in what \
                            the other variables do not explain, and in its distance from earlier rows.",
                    adds: true,
                },
                ..Profile::default()
            },
        })
    }
}

impl Watch for QuartetWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let mut parts = vec![0.0; self.profile.names.len()];
        let verdict = self.machine.take(tick, readings, &mut parts);
        let limits = self.profile.limits.iter();
        let mut record = Record::bare(tick.0, verdict.assessment);
        record.thresholds = limits.map(|limit| limit.threshold).collect();
        if let Some(score) = verdict.assessment.score {
            record.measure = self.profile.limits.first().map(|limit| limit.measure);
            record.levels = vec![score];
            let means = self.machine.means();
            let variables = readings.iter().zip(means).zip(&parts).enumerate();
            record.contributions = variables
                .filter_map(|(variable, ((reading, mean), part))| {
                    Some(Contribution {
                        variable,
                        back: 0,
                        value: reading.usable().ok()?,
                        expected: mean,
                        error: *part,
                    })
                })
                .collect();
        }
        record
    }

    fn work(&self) -> String {
        format!("{} bytes of state", self.state_bytes())
    }

    fn state_bytes(&self) -> usize {
        if self.on_device {
            self.shape.fitting_bytes()
        } else {
            self.shape.state_bytes()
        }
    }
}
