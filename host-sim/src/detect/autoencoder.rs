//! A recording through an autoencoder: columns by name, windows frame by frame.

mod lacking;
mod largest;
mod meaning;
mod outside;
mod scorer;

pub use lacking::Lacking;
pub use outside::Outside;
pub use scorer::ModelScorer;

use super::setting::{split, unknown};
use super::{Contribution, Entry, Limit, Profile, Record, Setup, Watch, record::NAMED};
use crate::model::WIDEST;
use crate::model::limits::said;
use crate::recording::cadence::Step;
use crate::recording::source::columns::places;
use crate::text::number::counted;
use anyhow::{Context, anyhow, bail, ensure};
use bellwether::autoencoder::{self, Alarm, Autoencoder, Reason};
use bellwether::model::{Head, Score};
use bellwether::{Assessment, Cause, Detector as _, Model, Reading, State, Tick};
use largest::by_variable;

/// The autoencoder in the registry.
pub const ENTRY: Entry = Entry {
    name: "autoencoder",
    about: "A trained network that reconstructs its inputs (--model)",
    keys: KEYS,
    needs_model: true,
    has_fit: false,
    learning: None,
    app: Some("autoencoder"),
    learns_all: false,
    check: |settings| Judge::parse(settings).map(drop),
    make: |setup| Ok(Box::new(ModelWatch::of(setup)?)),
};

const KEYS: &str = "\
judge=NAME            surprise, beyond limits of rows that were not fitted, or threshold (the first the model has)";

/// The measure of saturated inputs: their number.
const OUTSIDE: &str = "outside";
/// The measure of a score beyond its limits.
const SURPRISE: &str = "surprise";

/// Bit of a device's reason: k of n were anomalous.
const CONFIRMED: u8 = 0x80;

/// The judge of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// The surprise where the model has limits, else its thresholds.
    AsTheModel,
    /// The surprise.
    Surprise,
    /// The thresholds.
    Threshold,
}

impl Judge {
    fn parse(assignments: &[String]) -> anyhow::Result<Self> {
        let mut judge = Self::AsTheModel;
        for assignment in assignments {
            judge = match split(assignment, KEYS)? {
                ("judge", SURPRISE) => Self::Surprise,
                ("judge", "threshold") => Self::Threshold,
                ("judge", name) => bail!("judge={name}: expected surprise or threshold"),
                (key, _) => return Err(unknown(key, KEYS)),
            };
        }
        Ok(judge)
    }
}

/// The quantity that a limit applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// A score of the errors.
    Score(Score),
    /// The number of saturated inputs.
    Outside,
    /// The surprise of a score.
    Surprise,
}

impl Measure {
    const fn name(self) -> &'static str {
        match self {
            Self::Score(score) => score.name(),
            Self::Outside => OUTSIDE,
            Self::Surprise => SURPRISE,
        }
    }
}

/// An autoencoder over the rows of a recording.
///
/// A window does not cross a gap: after a row that lacks more than half of the model's
/// variables, or a step of the timestamps that is a gap, it begins anew and warms up.
#[derive(Debug)]
pub struct ModelWatch<'m> {
    rules: autoencoder::Rules<'m, WIDEST>,
    detector: Box<Autoencoder<WIDEST>>,
    alarm: Alarm,
    profile: Profile,
    /// The measures of the profile's limits.
    measures: Vec<Measure>,
    /// Index of each model variable among the recording's variables.
    columns: Vec<usize>,
    /// The last row's tick: one more per row, two more after a gap.
    tick: Tick,
    frame: Vec<Reading>,
    outside: Outside,
    lacking: Lacking,
    /// Frames of the window, oldest first.
    window: Vec<Reading>,
    last: Option<Tick>,
}

impl<'m> ModelWatch<'m> {
    /// With the model's limits or thresholds. `names` are the recording's variables, in any order;
    /// further ones are ignored.
    ///
    /// # Errors
    /// A variable of the model is not among them, or the model has no scores, or not what it is to be
    /// judged by.
    pub fn new(model: Model<'m>, names: &[String], judge: Judge) -> anyhow::Result<Self> {
        ensure!(
            model.head() != Head::Outputs,
            "the model's outputs have no scores: it judges nothing"
        );
        ensure!(
            model.thresholds().next().is_some(),
            "the model has no threshold to judge with"
        );
        let rules = autoencoder::Rules::new(model)?;
        let rules = match judge {
            Judge::Threshold => rules.by_thresholds(),
            Judge::Surprise | Judge::AsTheModel => rules,
        };
        let limits = rules.limits();
        ensure!(
            judge != Judge::Surprise || limits.is_some(),
            "the model has no limits of rows that were not fitted: `bellwether model calibrate` sets them"
        );
        let columns = places(names, model.features().map(|feature| feature.name));
        let columns = columns.map_err(|problem| anyhow!("the model's {problem}"))?;
        let surprise = limits.map(|of| (Measure::Surprise, of.rules.threshold(), false));
        let thresholds = model.thresholds().filter(|_| limits.is_none());
        let scores = thresholds.enumerate().map(|(k, threshold)| {
            let moves = k == 0 && model.ema().is_some();
            (Measure::Score(threshold.score), threshold.value, moves)
        });
        let scores = surprise.into_iter().chain(scores);
        let outside = model.saturation_limit();
        let outside = outside.map(|limit| (Measure::Outside, limit.into(), false));
        let compared: Vec<(Measure, f32, bool)> = scores.chain(outside).collect();
        let name = limits.map_or("threshold", |_| SURPRISE);
        let limits = compared.iter().map(|(measure, threshold, moves)| Limit {
            measure: measure.name(),
            threshold: *threshold,
            moves: *moves,
        });
        let profile = Profile {
            names: model.features().map(|f| f.name.to_owned()).collect(),
            units: model.features().map(|f| f.unit.to_owned()).collect(),
            limits: limits.collect(),
            contributions: meaning::of(model.head()),
            settings: vec![("judge".to_owned(), name.to_owned())],
            ..Profile::default()
        };
        Ok(Self {
            profile,
            measures: compared.iter().map(|(measure, ..)| *measure).collect(),
            columns,
            rules,
            detector: Box::new(Autoencoder::new()),
            alarm: Alarm::new(),
            tick: Tick(0),
            frame: Vec::new(),
            outside: Outside::default(),
            lacking: Lacking::default(),
            window: Vec::new(),
            last: None,
        })
    }

    fn of(setup: &Setup<'_, 'm>) -> anyhow::Result<Self> {
        let model = setup.model.context("an autoencoder needs a model")?;
        Self::new(model, setup.names, Judge::parse(setup.settings)?)
    }

    /// The model.
    pub fn model(&self) -> &Model<'m> {
        self.rules.model()
    }

    /// A frame enters the detector: the only code that handles windows.
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

    /// Each variable's contribution to the score of the last assessed frame. If outputs are no
    /// reconstruction, a contribution costs an inference per variable and is computed for anomalies
    /// only.
    fn parts(&mut self, assessment: &Assessment) -> Vec<autoencoder::Contribution> {
        if self.model().reconstructed() > 0 {
            by_variable(self.detector.contributions(&self.rules, &self.window))
        } else if assessment.is_anomalous() {
            let largest = self.detector.occluded(&self.rules, &self.window);
            let largest: [Option<autoencoder::Contribution>; NAMED] = largest;
            by_variable(largest.into_iter().flatten())
        } else {
            Vec::new()
        }
    }

    /// The measure that an answer compared, by its reason.
    fn measure_of(&self, reason: Option<Reason>) -> Option<Measure> {
        match reason {
            Some(Reason::Score(score)) => Some(Measure::Score(score)),
            Some(Reason::Surprise) => Some(Measure::Surprise),
            Some(_) => Some(Measure::Outside),
            None => self.measures.first().copied(),
        }
    }

    fn record(&mut self, tick: u64, assessment: Assessment) -> Record {
        let k_of_n = self.model().k_of_n();
        let mut record = Record {
            confirmed: k_of_n.map(|_| self.alarm.is_confirmed()),
            ..Record::bare(tick, assessment)
        };
        let judged = assessment.score.is_some();
        let measure = match self.alarm.reason() {
            _ if !judged => None,
            reason => self.measure_of(reason),
        };
        record.measure = measure.map(Measure::name);
        let limits = self.measures.iter().zip(&self.profile.limits);
        let threshold = |(of, limit): (&Measure, &Limit)| match assessment.threshold {
            Some(own) if limit.moves && measure == Some(*of) => own,
            _ if limit.moves => f32::NAN,
            _ => limit.threshold,
        };
        record.thresholds = limits.map(threshold).collect();
        if judged {
            let newest = self.model().window().saturating_sub(1);
            let parts = self.parts(&assessment).into_iter();
            record.contributions = parts
                .map(|part| Contribution {
                    variable: part.feature,
                    back: newest.saturating_sub(part.frame),
                    value: part.value,
                    expected: part.expected,
                    error: part.error,
                })
                .collect();
            let scores = self.detector.scores();
            let level = |measure: &Measure| match measure {
                Measure::Score(score) => scores.get(*score),
                Measure::Outside => self.detector.saturated().into(),
                Measure::Surprise => self.alarm.surprise.total(),
            };
            record.levels = self.measures.iter().map(level).collect();
        }
        record
    }
}

impl Watch for ModelWatch<'_> {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Assesses the window that ends with a row, by the model's moving threshold and k of n if
    /// present.
    fn observe(&mut self, tick: Tick, step: Step, readings: &[Reading]) -> Record {
        self.tick.0 += if step == Step::Gap { 2 } else { 1 };
        let missing = Reading::Absent(Cause::Missing);
        let reading = |column: &usize| readings.get(*column).copied().unwrap_or(missing);
        self.frame.clear();
        self.frame.extend(self.columns.iter().map(reading));
        let values = self.frame.iter().map(|r| r.usable().unwrap_or(f32::NAN));
        self.outside.take(self.rules.model(), values);
        let assessment = self.enter();
        let assessment = self.alarm.observe(&self.rules, &self.detector, assessment);
        let absent = |(_, reading): &(usize, &Reading)| reading.usable().is_err();
        let missing = self.frame.iter().enumerate().filter(absent);
        let missing: Vec<usize> = missing.map(|(k, _)| k).collect();
        self.lacking.take(&missing, self.frame.len());
        Record {
            missing,
            ..self.record(tick.0, assessment)
        }
    }

    fn of_device(&self, answer: Record, reason: u8) -> Record {
        let newest = self.model().window().saturating_sub(1);
        let measure = match Reason::from_code(reason & !CONFIRMED) {
            _ if answer.assessment.score.is_none() => None,
            reason => self.measure_of(reason),
        };
        let parts = answer.contributions.iter().map(|part| Contribution {
            back: newest.saturating_sub(part.back),
            ..*part
        });
        let mut contributions: Vec<Contribution> = parts.collect();
        contributions.sort_by_key(|part| part.variable);
        let k_of_n = self.model().k_of_n();
        Record {
            measure: measure.map(Measure::name),
            confirmed: k_of_n.map(|_| reason & CONFIRMED != 0),
            contributions,
            ..answer
        }
    }

    fn note(&self) -> Option<String> {
        let names = &self.profile.names;
        let all = [self.outside.said(names), self.lacking.said(names)];
        let all: Vec<String> = all.into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join("\n"))
    }

    fn work(&self) -> String {
        let model = self.model();
        let window = counted(model.window() as u64, "frame");
        let checksum = model.checksum();
        let judge = match self.rules.limits() {
            Some(limits) => format!("by the {}", said(&limits)),
            None => "by its thresholds".to_owned(),
        };
        format!("windows of {window}, model {checksum:08x}, judged {judge}")
    }

    /// The model is not counted: it may stay in flash.
    fn state_bytes(&self) -> usize {
        let (model, fixed) = (
            self.model(),
            Autoencoder::<WIDEST>::STATE_BYTES - 2 * WIDEST,
        );
        let frames = match model.window() {
            1 => 0,
            window => 4 * window * model.feature_count(),
        };
        fixed + 2 * model.arena_len() + frames
    }
}
