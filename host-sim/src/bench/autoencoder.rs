//! The autoencoder that `bellwether model train` makes, under the protocol.

use super::scorer::{SHINGLE, Shingle, Use};
use super::{Scorer, Series};
use crate::detect::autoencoder::{ModelScorer, Outside};
use crate::model::quantise::Settings;
use crate::model::{Stored, WIDEST};
use crate::recording::Table;
use crate::train::{Calibration, Fit, Preset, Split, TrainingRun, columns};
use anyhow::{Context, bail};
use bellwether::autoencoder::Autoencoder;
use bellwether::model::Score;
use bellwether::{Alert, Detector as _, Model};
use clap::ValueEnum;
use std::str::FromStr;

/// Keys of its settings.
const KEYS: &str = "\
preset=auto|sparse|narrow|ruad-dense|bottleneck  shape of the network (sparse)
epochs=N                         passes over the training rows (100)
values=8|16                      bits between layers (8)
trim=SHARE                       largest share of rows left out for their errors; 0: all are trusted (0)
score=largest|mean               error of a row: its largest or its mean one (largest)
judge=surprise|threshold         score by the error's surprise beyond rows that were not fitted, or by the error (surprise)";

/// How it is trained and read.
#[derive(Clone, Debug, PartialEq)]
struct Chosen {
    preset: Preset,
    epochs: usize,
    wide: bool,
    trim: f64,
    score: Score,
    by_surprise: bool,
}

impl Chosen {
    fn parse(settings: &[String]) -> anyhow::Result<Self> {
        let mut chosen = Self {
            preset: Preset::Sparse,
            trim: 0.0,
            epochs: 100,
            wide: false,
            score: Score::MaxAbsolute,
            by_surprise: true,
        };
        for setting in settings {
            match setting.split_once('=') {
                Some(("preset", name)) => {
                    let preset = Preset::from_str(name, false);
                    chosen.preset = preset.map_err(anyhow::Error::msg)?;
                }
                Some(("epochs", count)) => {
                    let count = usize::from_str(count).ok().filter(|count| *count > 0);
                    chosen.epochs = count.context("epochs: expected a whole number above 0")?;
                }
                Some(("trim", share)) => {
                    let share = f64::from_str(share).ok();
                    let share = share.filter(|share| (0.0..=1.0).contains(share));
                    chosen.trim = share.context("trim: expected a number from 0 to 1")?;
                }
                Some(("values", "8")) => chosen.wide = false,
                Some(("values", "16")) => chosen.wide = true,
                Some(("score", "largest")) => chosen.score = Score::MaxAbsolute,
                Some(("score", "mean")) => chosen.score = Score::MeanAbsolute,
                Some(("judge", "surprise")) => chosen.by_surprise = true,
                Some(("judge", "threshold")) => chosen.by_surprise = false,
                _ => bail!("unknown setting `{setting}`; keys:\n{KEYS}"),
            }
        }
        Ok(chosen)
    }
}

/// Whether settings are some.
pub(super) fn check(settings: &[String]) -> anyhow::Result<()> {
    Chosen::parse(settings).map(|_| ())
}

/// Trains on the rows that fit, the last fifth of them for calibration. A series whose rows that
/// fit hold nothing to learn from has no score anywhere.
pub(super) fn run(
    series: &Series,
    settings: &[String],
    seed: u64,
    scored: &mut Use<'_>,
) -> anyhow::Result<()> {
    let chosen = Chosen::parse(settings)?;
    let table = table(series);
    let split = Split::new(&table, 1.0, |_| false);
    let Ok(run) = TrainingRun::new(vec![(&table, &split)], columns::PRESENT) else {
        scored(&mut Silent);
        return Ok(());
    };
    if run.rows.is_empty() || run.later.is_empty() {
        scored(&mut Silent);
        return Ok(());
    }
    let fit = Fit {
        hidden: chosen.preset.hidden(run.columns.count()),
        linear: chosen.preset.is_linear(run.columns.count()),
        epochs: chosen.epochs,
        batch: 32,
        rate: 1e-3,
        penalty: chosen.preset.penalty(run.columns.count()),
        seed,
        trim: chosen.trim,
    };
    let (net, _) = run.fit(&fit, |_, _, _| ())?;
    let integers = if chosen.wide {
        Settings::wide()
    } else {
        Settings::default()
    };
    let calibration = Calibration {
        quantile: 0.99,
        judged: chosen.score,
        trusted: chosen.trim == 0.0,
    };
    let stored = run.model(&net, &integers, calibration, [0; 32], &mut || ())?;
    let scorer = ModelScorer::new(stored.model()?)?;
    let mut network = Network {
        scorer: if chosen.by_surprise {
            scorer
        } else {
            scorer.by_thresholds()
        },
        score: (!chosen.by_surprise).then_some(chosen.score),
        places: &run.columns.places,
        shingle: series.is_single().then(Shingle::default),
        state_bytes: state_bytes(&stored)?,
        alerts: false,
        names: names(series, &run.columns.places),
        model: stored.model()?,
        outside: Outside::default(),
    };
    for row in &series.rows[..series.begin] {
        network.take(row);
    }
    scored(&mut network);
    Ok(())
}

/// The rows that fit; a single variable as its last values.
fn table(series: &Series) -> Table {
    let rows = series.rows[..series.fit].iter();
    let mut shingle = series.is_single().then(Shingle::default);
    let rows: Vec<Vec<f32>> = rows.map(|row| wide(&mut shingle, row)).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let mut table = Table::new((0..columns).map(|k| format!("x{k}")).collect());
    for row in rows {
        table.push(row);
    }
    table
}

/// Names of the columns at some places: variables, or the age of a single one's value.
fn names(series: &Series, places: &[usize]) -> Vec<String> {
    let name = |place: &usize| match series.is_single() {
        true => format!("{} rows ago", SHINGLE - 1 - place),
        false => series.variables[*place].clone(),
    };
    places.iter().map(name).collect()
}

fn wide(shingle: &mut Option<Shingle>, row: &[f32]) -> Vec<f32> {
    match shingle {
        Some(shingle) => {
            let values = shingle.push(f64::from(row[0])).into_iter();
            values.map(|x| x as f32).collect()
        }
        None => row.to_vec(),
    }
}

/// Flash of the model, and RAM of a detector whose activations are as many as it needs.
fn state_bytes(stored: &Stored) -> anyhow::Result<usize> {
    let room = stored.model()?.arena_len();
    let ram = Autoencoder::<WIDEST>::STATE_BYTES - 2 * WIDEST + 2 * room;
    Ok(stored.bytes().len() + ram)
}

/// Integers at work.
struct Network<'a> {
    scorer: ModelScorer<'a>,
    /// The score that ranks; `None`: the surprise does.
    score: Option<Score>,
    places: &'a [usize],
    shingle: Option<Shingle>,
    state_bytes: usize,
    /// Whether the last row has an alert.
    alerts: bool,
    model: Model<'a>,
    /// Names of its inputs.
    names: Vec<String>,
    outside: Outside,
}

impl Network<'_> {
    fn take(&mut self, row: &[f32]) -> Vec<f32> {
        let row = wide(&mut self.shingle, row);
        self.places.iter().map(|place| row[*place]).collect()
    }
}

impl Scorer for Network<'_> {
    fn score(&mut self, row: &[f32]) -> f64 {
        let row = self.take(row);
        self.outside.take(&self.model, row.iter().copied());
        let answer = self.scorer.observe(&row);
        self.alerts = self.scorer.alarm(answer).alert() > Alert::None;
        match (answer.score, self.score) {
            (Some(_), Some(score)) => f64::from(self.scorer.score(score)),
            (Some(_), None) => f64::from(self.scorer.surprise()),
            (None, _) => 0.0,
        }
    }

    fn alarm(&self) -> Option<bool> {
        Some(self.alerts)
    }

    fn note(&self) -> Option<String> {
        self.outside.said(&self.names)
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes
    }
}

/// Nothing was learned, nothing is said.
struct Silent;

impl Scorer for Silent {
    fn score(&mut self, _: &[f32]) -> f64 {
        0.0
    }

    fn alarm(&self) -> Option<bool> {
        Some(false)
    }

    fn state_bytes(&self) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_others_refused() {
        let parse = |setting: &str| Chosen::parse(&[setting.to_owned()]);
        assert_eq!(parse("preset=narrow").unwrap().preset, Preset::Narrow);
        assert_eq!(parse("score=mean").unwrap().score, Score::MeanAbsolute);
        assert!(parse("values=16").unwrap().wide);
        assert!(parse("score=mean").unwrap().by_surprise);
        assert!(!parse("judge=threshold").unwrap().by_surprise);
        for bad in [
            "judge=hand",
            "epochs=0",
            "values=9",
            "preset=wide",
            "depth=3",
            "epochs",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
