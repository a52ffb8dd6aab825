//! Healthy rows of one or several recordings on their way to a model.

use super::baseline::Baseline;
use super::evaluate::{Evaluation, Test, evaluate};
use super::method::Method;
use super::{Columns, Fit, Losses, Split, fit};
use crate::detect::autoencoder::ModelScorer;
use crate::model::edit::{calibrated, with_calibration};
use crate::model::float::FloatNet;
use crate::model::limits::{doubts, limits};
use crate::model::quantise::{Ranges, Settings, quantise};
use crate::model::{Blob, BlobLayer, Judging, Stored};
use crate::recording::Table;
use anyhow::Context;
use bellwether::Model;
use bellwether::model::{Head, Limits, Rounding, Score, Threshold};

/// Components that the baseline keeps.
pub(super) const COMPONENTS: usize = 8;

/// Recordings with the rows of each by their use, and their common columns.
#[derive(Clone, Debug)]
pub struct TrainingRun<'a> {
    /// The recordings.
    pub parts: Vec<(&'a Table, &'a Split)>,
    /// Their columns.
    pub columns: Columns,
    /// Complete rows that fit, scaled.
    pub rows: Vec<Vec<f32>>,
    /// Rows that calibrate, scaled.
    pub later: Vec<Vec<f32>>,
}

impl<'a> TrainingRun<'a> {
    /// Of recordings with the same columns.
    ///
    /// # Errors
    /// No column is left to train on.
    pub fn new(parts: Vec<(&'a Table, &'a Split)>) -> anyhow::Result<Self> {
        let columns = Columns::of(&parts)?;
        let complete = |(table, split): &(&Table, &Split)| columns.complete(table, split);
        let rows = parts.iter().flat_map(complete).collect();
        let mut run = Self {
            parts,
            columns,
            rows,
            later: Vec::new(),
        };
        let scaled = |(table, row)| run.columns.scaled(table, row).0;
        run.later = run.calibration().map(scaled).collect();
        Ok(run)
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
    /// There is no complete row.
    pub fn fit(
        &self,
        settings: &Fit,
        watch: impl FnMut(usize, f32, f32),
    ) -> anyhow::Result<(FloatNet, Losses)> {
        fit(&self.rows, &self.later, settings, watch)
    }

    /// The network in integers, with thresholds of the largest and the mean error, the `q` quantile of
    /// the integers' scores of the calibration rows, and limits of the score `judged`.
    ///
    /// # Errors
    /// A number does not fit the integers, or no row is left to calibrate on.
    pub fn model(
        &self,
        net: &FloatNet,
        settings: &Settings,
        (q, judged): (f64, Score),
        training: [u8; 32],
    ) -> anyhow::Result<Stored> {
        let ranges = Ranges::observe(net, self.rows.iter().map(Vec::as_slice));
        let quantised = quantise(net, &ranges, settings)?;
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
        let (thresholds, limits) = self.calibrated(bare, q, judged)?;
        let bytes = with_calibration(&bare, &thresholds, Some(&limits))?;
        Ok(Stored::new(&bytes))
    }

    /// Doubts about the scores of the calibration rows.
    ///
    /// # Errors
    /// The model is too large.
    pub fn doubts(&self, model: Model<'_>) -> anyhow::Result<Vec<String>> {
        let mut scorer = ModelScorer::new(model)?;
        let mut scores = Vec::new();
        for (table, row) in self.calibration() {
            if scorer
                .observe(&self.columns.raw(table, row))
                .score
                .is_some()
            {
                scores.push(f64::from(scorer.score(Score::MaxAbsolute)));
            }
        }
        Ok(doubts(&scores))
    }

    fn calibrated(
        &self,
        model: Model<'_>,
        q: f64,
        judged: Score,
    ) -> anyhow::Result<(Vec<Threshold>, Limits)> {
        let mut scorer = ModelScorer::new(model)?;
        let kinds = [Score::MaxAbsolute, Score::MeanAbsolute];
        let mut scores = [Vec::new(), Vec::new()];
        for (table, row) in self.calibration() {
            let answer = scorer.observe(&self.columns.raw(table, row));
            if answer.score.is_some() {
                for (scores, kind) in scores.iter_mut().zip(kinds) {
                    scores.push(f64::from(scorer.score(kind)));
                }
            }
        }
        let each = kinds.iter().zip(&scores);
        let thresholds = each
            .clone()
            .map(|(kind, scores)| calibrated(*kind, scores, q));
        let of_judged = each.clone().find(|(kind, _)| **kind == judged);
        let limits = of_judged.and_then(|(kind, scores)| limits(*kind, scores, self.rows.len(), q));
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
