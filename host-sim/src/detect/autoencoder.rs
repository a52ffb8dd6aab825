//! A recording through an autoencoder: columns by name, windows frame by frame.

pub mod record;
mod scorer;
mod tally;

pub use record::{Limit, Measure, Record};
pub use scorer::ModelScorer;
pub use tally::Tally;

use crate::model::WIDEST;
use crate::recording::cadence::{Cadence, Step};
use anyhow::{Context, ensure};
use bellwether::autoencoder::{self, Alarm, Autoencoder, Contribution, Reason};
use bellwether::model::Head;
use bellwether::{Assessment, Cause, Model, Reading, State, Tick};
use record::{NAMED, by_variable};

/// An autoencoder that is fed with rows of a recording.
///
/// A window does not cross a gap: after a row that lacks more than half of the model's
/// variables, or a step of the timestamps that [`Cadence`] calls a gap, it begins anew and warms up.
#[derive(Debug)]
pub struct ModelReplay<'m> {
    rules: autoencoder::Rules<'m, WIDEST>,
    detector: Box<Autoencoder<WIDEST>>,
    alarm: Alarm,
    limits: Vec<Limit>,
    /// Of each variable of the model its place among the recording's.
    columns: Vec<usize>,
    cadence: Cadence,
    /// The last row's place in time: one further a row, two after a gap.
    tick: Tick,
    frame: Vec<Reading>,
    /// Frames of the window, oldest first.
    window: Vec<Reading>,
    last: Option<Tick>,
}

impl<'m> ModelReplay<'m> {
    /// With the model's own thresholds. `names` are the recording's variables, in any order;
    /// further ones are ignored.
    ///
    /// # Errors
    /// A variable of the model is not among them, or the model has nothing to judge with.
    pub fn new(model: Model<'m>, names: &[String]) -> anyhow::Result<Self> {
        ensure!(
            model.head() != Head::Outputs,
            "the model's outputs have no scores: it judges nothing"
        );
        let column = |name: &str| {
            let found = names.iter().position(|column| column == name);
            found.with_context(|| {
                let there = names.join(", ");
                format!("the model's variable `{name}` has no column; there are: {there}")
            })
        };
        let columns = model.features().map(|feature| column(feature.name));
        let scores = model.thresholds().enumerate().map(|(k, threshold)| Limit {
            measure: Measure::Score(threshold.score),
            threshold: threshold.value,
            moves: k == 0 && model.ema().is_some(),
        });
        let outside = model.saturation_limit().map(|limit| Limit {
            measure: Measure::Outside,
            threshold: limit.into(),
            moves: false,
        });
        Ok(Self {
            limits: scores.chain(outside).collect(),
            columns: columns.collect::<anyhow::Result<_>>()?,
            rules: autoencoder::Rules::new(model)?,
            detector: Box::new(Autoencoder::new()),
            alarm: Alarm::new(),
            cadence: Cadence::default(),
            tick: Tick(0),
            frame: Vec::new(),
            window: Vec::new(),
            last: None,
        })
    }

    /// The model.
    pub fn model(&self) -> &Model<'m> {
        self.rules.model()
    }

    /// What is compared with what, in the order in which it is asked.
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// Judges the window that ends with a row, by the model's moving threshold and k of n if it has
    /// them, and says how far the row is from the one before.
    pub fn observe(&mut self, tick: Tick, timestamp: &str, readings: &[Reading]) -> (Record, Step) {
        let step = self.cadence.step(timestamp);
        self.tick.0 += if step == Step::Gap { 2 } else { 1 };
        let missing = Reading::Absent(Cause::Missing);
        let reading = |column: &usize| readings.get(*column).copied().unwrap_or(missing);
        self.frame.clear();
        self.frame.extend(self.columns.iter().map(reading));
        let assessment = self.enter();
        let assessment = self.alarm.observe(&self.rules, &self.detector, assessment);
        (self.record(tick.0, assessment), step)
    }

    /// Where a frame enters the detector: all that is known of windows is here.
    fn enter(&mut self) -> Assessment {
        let (features, window) = (self.model().feature_count(), self.model().window());
        if self.last.is_some_and(|last| self.tick.0 - last.0 > 1) {
            self.window.clear();
        }
        self.last = Some(self.tick);
        let causes = self.frame.iter().filter_map(|r| r.usable().err());
        let causes: Vec<Cause> = causes.collect();
        if 2 * causes.len() > features {
            self.window.clear();
            let first = causes.first().copied();
            return Assessment::blind(first.unwrap_or(Cause::Missing));
        }
        if self.window.len() == features * window {
            self.window.drain(..features);
        }
        self.window.extend_from_slice(&self.frame);
        let left = window - self.window.len() / features;
        if left > 0 {
            let left = u32::try_from(left).unwrap_or(u32::MAX);
            return Assessment::bare(State::Warming { left });
        }
        self.detector.assess(&self.rules, &self.window)
    }

    /// What of each variable made the score of the frame that was just judged. Where outputs are no
    /// reconstruction, only an anomaly is worth an inference per variable.
    fn parts(&mut self, assessment: &Assessment) -> Vec<Contribution> {
        if self.model().reconstructed() > 0 {
            by_variable(self.detector.contributions(&self.rules, &self.window))
        } else if assessment.is_anomalous() {
            let largest = self.detector.occluded(&self.rules, &self.window);
            let largest: [Option<Contribution>; NAMED] = largest;
            by_variable(largest.into_iter().flatten())
        } else {
            Vec::new()
        }
    }

    fn record(&mut self, tick: u64, assessment: Assessment) -> Record {
        let first = self.limits.first().map(|limit| limit.measure);
        let judged = assessment.score.is_some();
        let measure = match self.alarm.reason() {
            _ if !judged => None,
            Some(Reason::Score(score)) => Some(Measure::Score(score)),
            Some(_) => Some(Measure::Outside),
            None => first,
        };
        let threshold = |limit: &Limit| match assessment.threshold {
            Some(own) if limit.moves && measure == Some(limit.measure) => own,
            _ if limit.moves => f32::NAN,
            _ => limit.threshold,
        };
        let parts = match judged {
            true => self.parts(&assessment),
            false => Vec::new(),
        };
        let scores = self.detector.scores();
        let level = |limit: &Limit| match limit.measure {
            Measure::Score(score) => scores.get(score),
            Measure::Outside => self.detector.saturated().into(),
        };
        Record {
            tick,
            measure,
            thresholds: self.limits.iter().map(threshold).collect(),
            confirmed: self.model().k_of_n().map(|_| self.alarm.is_confirmed()),
            levels: match judged {
                true => self.limits.iter().map(level).collect(),
                false => Vec::new(),
            },
            parts,
            assessment,
        }
    }
}
