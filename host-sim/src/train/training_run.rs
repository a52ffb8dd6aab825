//! Healthy rows of one or several recordings on their way to a model.

use super::baseline::Baseline;
use super::evaluate::{Evaluation, Test, evaluate};
use super::method::Method;
use super::{Columns, Fit, Losses, Rows, Split, fit};
use crate::detect::autoencoder::ModelScorer;
use crate::model::edit::{calibrated, with_calibration};
use crate::model::float::FloatNet;
use crate::model::groups::Groups;
use crate::model::limits::{doubts, limits};
use crate::model::quantise::{Ranges, Settings, quantise_watched};
use crate::model::{Blob, BlobLayer, Judging, Stored};
use crate::recording::Table;
use anyhow::Context;
use bellwether::Model;
use bellwether::model::{Head, Limits, Rounding, Score, Threshold};

/// Share of the rows without far values from which the others set no threshold.
const NEAR: f64 = 0.8;
/// Components that the baseline keeps.
pub(super) const COMPONENTS: usize = 8;

/// The thresholds of a model and their origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Share of the scores below a threshold.
    pub quantile: f64,
    /// The score that has limits.
    pub judged: Score,
    /// Whether all rows count, also those whose scores are a group of their own.
    pub trusted: bool,
}

/// Recordings with the rows of each by their use, and their common columns.
#[derive(Clone, Debug)]
pub struct TrainingRun<'a> {
    /// The recordings.
    pub parts: Vec<(&'a Table, &'a Split)>,
    /// Their columns.
    pub columns: Columns,
    /// Rows that fit, scaled: the complete ones, or all if less than half of them are complete.
    pub rows: Vec<Vec<f32>>,
    /// Whether each of their values is there; empty if all are.
    pub there: Vec<Vec<bool>>,
    /// Rows that calibrate, scaled.
    pub later: Vec<Vec<f32>>,
}

impl<'a> TrainingRun<'a> {
    /// Of recordings with the same columns; those that are present in a share of the rows that fit.
    ///
    /// # Errors
    /// No column is left to train on.
    pub fn new(parts: Vec<(&'a Table, &'a Split)>, present: f64) -> anyhow::Result<Self> {
        let columns = Columns::of(&parts, present)?;
        let fitting = |(table, split): &(&Table, &Split)| columns.fitting(table, split);
        let mut all: Vec<_> = parts.iter().flat_map(fitting).collect();
        let is_complete = |(_, there): &(Vec<f32>, Vec<bool>)| there.iter().all(|there| *there);
        let complete = all.iter().filter(|row| is_complete(row)).count();
        if 2 * complete >= all.len() {
            all.retain(is_complete);
        }
        let (rows, mut there): (_, Vec<Vec<bool>>) = all.into_iter().unzip();
        if there.iter().flatten().all(|there| *there) {
            there.clear();
        }
        let mut run = Self {
            parts,
            columns,
            rows,
            there,
            later: Vec::new(),
        };
        let scaled = |(table, row)| run.columns.scaled(table, row).0;
        run.later = run.calibration().map(scaled).collect();
        Ok(run)
    }

    /// Rows that calibrate and are not blind, in the recordings' units.
    pub fn calibrating(&self) -> Vec<Vec<f32>> {
        let rows = self.calibration();
        rows.map(|(table, row)| self.columns.raw(table, row))
            .collect()
    }

    /// Rows that calibrate and are not blind.
    fn calibration(&self) -> impl Iterator<Item = (&'a Table, usize)> {
        let all = self.parts.iter().flat_map(|(table, split)| {
            let rows = split.calibration.iter();
            rows.map(move |row| (*table, *row))
        });
        all.filter(|(table, row)| !self.columns.is_blind(table, *row))
    }

    /// Fits a network.
    ///
    /// # Errors
    /// There is no row.
    pub fn fit(
        &self,
        settings: &Fit,
        watch: impl FnMut(usize, f32, f32),
    ) -> anyhow::Result<(FloatNet, Losses)> {
        let rows = Rows {
            values: &self.rows,
            there: &self.there,
        };
        fit(rows, &self.later, settings, watch)
    }

    /// The network in integers, with thresholds of the largest and the mean error and limits of the judged
    /// score, from the integers' scores of the calibration rows. `rounded_one` is called after the weights
    /// of each output.
    ///
    /// # Errors
    /// A number does not fit the integers, or no row is left to calibrate on.
    pub fn model(
        &self,
        net: &FloatNet,
        settings: &Settings,
        calibration: Calibration,
        training: [u8; 32],
        rounded_one: &mut dyn FnMut(),
    ) -> anyhow::Result<Stored> {
        let ranges = Ranges::observe(net, self.rows.iter().map(Vec::as_slice));
        let quantised = quantise_watched(net, &ranges, settings, rounded_one)?;
        let layers = quantised.layers.into_iter().map(BlobLayer::in_tiles);
        let blob = Blob {
            rounding: Rounding::Single,
            head: Head::Reconstruction,
            features: self.columns.features.clone(),
            scales: self.columns.scales.clone(),
            window: 1,
            input: quantised.input,
            layers: layers.collect(),
            thresholds: Vec::new(),
            saturation_limit: None,
            training: Some(training),
            judging: Judging::default(),
        };
        let bare = Stored::new(&blob.to_bytes()?);
        let bare = Model::parse(bare.bytes())?;
        let (thresholds, limits) = self.calibrated(bare, calibration)?;
        let bytes = with_calibration(&bare, &thresholds, Some(&limits))?;
        Ok(Stored::new(&bytes))
    }

    /// Doubts about the scores of the calibration rows, which are trusted or not.
    ///
    /// # Errors
    /// The model is too large.
    pub fn doubts(&self, model: Model<'_>, trusted: bool) -> anyhow::Result<Vec<String>> {
        let [scores] = self.scores(model, [Score::MaxAbsolute], trusted)?;
        let mut lines = doubts(&scores);
        if !trusted && Groups::of(&scores).is_some_and(|groups| groups.are_two()) {
            lines.push("these rows set no threshold; --trim 0 trusts all rows".to_owned());
        }
        Ok(lines)
    }

    /// Scores of the calibration rows; unless these are trusted, without those that have far values, where
    /// they are few.
    fn scores<const N: usize>(
        &self,
        model: Model<'_>,
        kinds: [Score; N],
        trusted: bool,
    ) -> anyhow::Result<[Vec<f64>; N]> {
        let mut scorer = ModelScorer::new(model)?;
        let mut all = [const { Vec::new() }; N];
        let rows: Vec<(&Table, usize)> = self.calibration().collect();
        let near = |(table, row): &(&Table, usize)| !self.columns.is_far(table, *row);
        let most = rows.iter().filter(|row| near(row)).count() as f64 >= NEAR * rows.len() as f64;
        let leaves_out = most && !trusted;
        for (table, row) in rows.into_iter().filter(|row| !leaves_out || near(row)) {
            let answer = scorer.observe(&self.columns.raw(table, row));
            if answer.score.is_some() {
                for (scores, kind) in all.iter_mut().zip(kinds) {
                    scores.push(f64::from(scorer.score(kind)));
                }
            }
        }
        Ok(all)
    }

    fn calibrated(
        &self,
        model: Model<'_>,
        Calibration {
            quantile,
            judged,
            trusted,
        }: Calibration,
    ) -> anyhow::Result<(Vec<Threshold>, Limits)> {
        let kinds = [Score::MaxAbsolute, Score::MeanAbsolute];
        let mut all = self.scores(model, kinds, trusted)?;
        if !trusted && let Some(groups) = Groups::of(&all[0]).filter(Groups::are_two) {
            let healthy: Vec<bool> = all[0].iter().map(|x| *x < groups.above).collect();
            for scores in &mut all {
                let mut healthy = healthy.iter();
                scores.retain(|_| healthy.next().is_some_and(|healthy| *healthy));
            }
        }
        let each = kinds.iter().zip(&all);
        let thresholds = each
            .clone()
            .map(|(kind, scores)| calibrated(*kind, scores, quantile));
        let of_judged = each.clone().find(|(kind, _)| **kind == judged);
        let rows = self.rows.len();
        let limits = of_judged.and_then(|(kind, scores)| limits(*kind, scores, rows, quantile));
        let thresholds = thresholds.collect::<Option<_>>();
        thresholds
            .zip(limits)
            .context("no row is left to calibrate on")
    }

    /// The network in f32, models made of it by name, and the baselines, over a test part of the
    /// recording `part`.
    ///
    /// # Errors
    /// The model's outputs have no scores.
    pub fn compare(
        &self,
        part: usize,
        test: &Test<'_>,
        net: &FloatNet,
        models: &[(&str, Model<'_>)],
        q: f64,
    ) -> anyhow::Result<Evaluation> {
        let deviations = Baseline::deviations(&self.rows);
        let components = Baseline::components(&self.rows, COMPONENTS);
        let mut methods = vec![Method::float(net)];
        for (name, model) in models {
            methods.push(Method::integers(name, ModelScorer::new(*model)?));
        }
        methods.push(Method::baseline("|z|", &deviations));
        methods.push(Method::baseline("PCA-8", &components));
        Ok(evaluate(&self.columns, self.parts[part], test, methods, q))
    }
}
