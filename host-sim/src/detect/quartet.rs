//! Quartet, fitted to the rows in front.

mod calibration;
mod components;
mod fit;
mod memory;
mod scale;
#[cfg(test)]
mod tests;

use super::rola::within;
use super::setting::{large_count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch, roomy};
use crate::recording::cadence::Step;
use anyhow::bail;
use bellwether::quartet::{Fit, Quartet, Rules, Settings, Shape, Verdict};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Assessment, Reading, State, Tick, quartet_of};
use fit::Fitted;

const KEYS: &str = "\
learn=N               rows in front that it is fitted to (1440)
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
    preset: String,
    threshold: f32,
}

impl Options {
    fn parse(assignments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self {
            learn: 1440,
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

/// A quartet, whatever its capacity.
trait Machine: Send {
    fn load(&mut self, fit: &Fit<'_>) -> anyhow::Result<()>;
    fn explain(&mut self, tick: Tick, frame: &[Reading], parts: &mut [f32]) -> Verdict;
}

struct Sized<const F: usize, const B: usize, const D: usize> {
    rules: Rules<F, B, D>,
    quartet: Quartet<F, B, D>,
}

impl<const F: usize, const B: usize, const D: usize> Machine for Sized<F, B, D> {
    fn load(&mut self, fit: &Fit<'_>) -> anyhow::Result<()> {
        Ok(self.quartet.load(&self.rules, fit)?)
    }

    fn explain(&mut self, tick: Tick, frame: &[Reading], parts: &mut [f32]) -> Verdict {
        self.quartet.explain(&self.rules, tick, frame, parts)
    }
}

fn boxed<const F: usize, const B: usize, const D: usize>(
    _: Option<Quartet<F, B, D>>,
    settings: Settings,
) -> anyhow::Result<Box<dyn Machine>> {
    let rules = settings.try_into()?;
    roomy::boxed(move || -> Box<dyn Machine> {
        let quartet = Quartet::<F, B, D>::new();
        Box::new(Sized { rules, quartet })
    })
}

/// Capacities that most recordings fit in.
const FEW: u16 = 16;
const MANY: u16 = 128;

struct QuartetWatch {
    machine: Box<dyn Machine>,
    shape: Shape,
    learn: usize,
    /// Rows to be fitted to; empty once fitted.
    rows: Vec<Vec<f32>>,
    /// Mean of each variable; empty until fitted.
    mean: Vec<f32>,
    profile: Profile,
}

impl QuartetWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        within(setup.names)?;
        let Options {
            learn,
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
            ("preset", preset),
            ("threshold", threshold.to_string()),
        ];
        Ok(Self {
            machine: if variables <= FEW {
                boxed(None::<quartet_of!(Shape::new(FEW))>, settings)
            } else if variables <= MANY {
                boxed(None::<quartet_of!(Shape::new(MANY))>, settings)
            } else {
                boxed(
                    None::<quartet_of!(Shape::new(MAX_VARIABLES as u16))>,
                    settings,
                )
            }?,
            shape,
            learn: learn as usize,
            rows: Vec::new(),
            mean: Vec::new(),
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

    /// Takes a row to be fitted to, and fits to the last one.
    fn learn(&mut self, readings: &[Reading]) -> Assessment {
        let value = |reading: &Reading| reading.usable().unwrap_or(f32::NAN);
        let gone = std::iter::repeat(f32::NAN);
        let row = readings.iter().map(value).chain(gone);
        self.rows.push(row.take(self.profile.names.len()).collect());
        let left = self.learn - self.rows.len();
        if left == 0 {
            let fitted = Fitted::to(&std::mem::take(&mut self.rows), self.shape);
            let fit = fitted.fit();
            self.machine
                .load(&fit)
                .expect("a fit has the lengths of its shape");
            self.mean = fit.mean.to_vec();
        }
        Assessment::bare(State::Warming { left: left as u32 })
    }
}

impl Watch for QuartetWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        if self.mean.is_empty() {
            return Record::bare(tick.0, self.learn(readings));
        }
        let mut parts = vec![0.0; self.mean.len()];
        let verdict = self.machine.explain(tick, readings, &mut parts);
        let limits = self.profile.limits.iter();
        let mut record = Record::bare(tick.0, verdict.assessment);
        record.thresholds = limits.map(|limit| limit.threshold).collect();
        if let Some(score) = verdict.assessment.score {
            record.measure = self.profile.limits.first().map(|limit| limit.measure);
            record.levels = vec![score];
            let variables = readings.iter().zip(&self.mean).zip(&parts).enumerate();
            record.contributions = variables
                .filter_map(|(variable, ((reading, mean), part))| {
                    Some(Contribution {
                        variable,
                        back: 0,
                        value: reading.usable().ok()?,
                        expected: *mean,
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
        self.shape.state_bytes()
    }
}
