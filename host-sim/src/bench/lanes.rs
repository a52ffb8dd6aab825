//! RePAD2 lanes, and RoLA's vote of them, under the protocol.

use super::scorer::Use;
use super::{Scorer, Series};
use crate::detect::{FrameRecord, Options, Replay};
use bellwether::report::Outcome;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Reading, Rola, Tick};

/// Window and history of [`Options::default`].
const WINDOW: usize = 1440;
const HISTORY: usize = 2880;

/// Whether settings are some of `bellwether run`.
pub(super) fn check(settings: &[String]) -> anyhow::Result<()> {
    Options::parse(settings).map(|_| ())
}

/// Lanes by themselves.
pub(super) fn repad2(
    series: &Series,
    settings: &[String],
    _: u64,
    scored: &mut Use<'_>,
) -> anyhow::Result<()> {
    scored(&mut Lanes::new(series, settings, ratio)?);
    Ok(())
}

/// Lanes and their vote.
pub(super) fn rola(
    series: &Series,
    settings: &[String],
    _: u64,
    scored: &mut Use<'_>,
) -> anyhow::Result<()> {
    let score = |record: &FrameRecord| {
        let confirmed = record.with(&[Outcome::Confirmed, Outcome::Agreeing]).next();
        f64::from(u8::from(confirmed.is_some())) + ratio(record)
    };
    scored(&mut Lanes::new(series, settings, score)?);
    Ok(())
}

/// The largest error over its threshold, squeezed to below 1: half is at the threshold.
fn ratio(record: &FrameRecord) -> f64 {
    let ratios = record.lanes.iter().filter_map(|lane| {
        let (score, threshold) = (lane.assessment.score?, lane.assessment.threshold?);
        Some(f64::from(score) / f64::from(threshold).max(1e-12))
    });
    let most = ratios.fold(0.0, f64::max);
    if most.is_finite() {
        most / (1.0 + most)
    } else {
        1.0
    }
}

/// An ensemble, and what is made of its records.
struct Lanes {
    replay: Replay,
    score: fn(&FrameRecord) -> f64,
    tick: u64,
    frame: Vec<Reading>,
    state_bytes: usize,
}

impl Lanes {
    fn new(
        series: &Series,
        settings: &[String],
        score: fn(&FrameRecord) -> f64,
    ) -> anyhow::Result<Self> {
        let options = Options {
            all: true,
            ..Options::parse(settings)?
        };
        Ok(Self {
            replay: Replay::new(&series.variables, &options)?,
            score,
            tick: series.begin as u64,
            frame: Vec::new(),
            state_bytes: state_bytes(series.variables.len(), &options),
        })
    }
}

impl Scorer for Lanes {
    fn score(&mut self, row: &[f32]) -> f64 {
        self.frame.clear();
        // NaN is a missing value.
        self.frame.extend(row.iter().map(|x| Reading::Value(*x)));
        let record = self.replay.observe(Tick(self.tick), &self.frame);
        self.tick += 1;
        (self.score)(&record)
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes
    }
}

/// State of an ensemble of that size with these windows: it grows evenly with each.
fn state_bytes(variables: usize, options: &Options) -> usize {
    const STEP: usize = 64;
    const FEW: usize = Rola::<1, STEP, STEP>::STATE_BYTES;
    const PER_ERROR: usize = (Rola::<1, { 2 * STEP }, STEP>::STATE_BYTES - FEW) / STEP;
    const PER_FRAME: usize = (Rola::<1, STEP, { 2 * STEP }>::STATE_BYTES - FEW) / STEP;
    let window = options.lane.window.map_or(WINDOW, usize::from);
    let history = options.vote.history.map_or(HISTORY, usize::from);
    // Some fields take a byte per variable: eight variables take whole words.
    const EIGHT: usize = Rola::<8, STEP, STEP>::STATE_BYTES;
    const MOST: usize = Rola::<MAX_VARIABLES, STEP, STEP>::STATE_BYTES;
    const PER_VARIABLE: usize = (MOST - EIGHT) / (MAX_VARIABLES - 8);
    let variables = variables.clamp(1, MAX_VARIABLES);
    let base = EIGHT - 8 * PER_VARIABLE;
    let own = (base + variables * PER_VARIABLE).next_multiple_of(align_of::<Rola<1, STEP, STEP>>());
    let errors = PER_ERROR * window.saturating_sub(STEP);
    own + variables * (errors + PER_FRAME * history) - variables * PER_FRAME * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_that_of_an_ensemble_of_the_size() {
        let bytes = |variables, settings: &str| {
            state_bytes(variables, &Options::parse(&[settings]).unwrap())
        };
        let own = Rola::<9, WINDOW, HISTORY>::STATE_BYTES;
        assert_eq!(bytes(9, "window=1440"), own);
        let own = Rola::<38, WINDOW, HISTORY>::STATE_BYTES;
        assert_eq!(bytes(38, "history=2880"), own);
        let own = Rola::<9, 720, HISTORY>::STATE_BYTES;
        assert_eq!(bytes(9, "window=720"), own);
        let own = Rola::<3, WINDOW, 100>::STATE_BYTES;
        assert_eq!(bytes(3, "history=100"), own);
    }
}
