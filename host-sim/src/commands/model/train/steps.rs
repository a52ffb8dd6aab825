//! The steps of a training, with their progress and lines on standard error.

use super::Args;
use crate::model::Stored;
use crate::model::float::{FloatLayer, FloatNet};
use crate::progress::Progress;
use crate::recording::{Table, notes};
use crate::train::evaluate::Test;
use crate::train::{Calibration, Fit, Losses, TrainingRun};
use anyhow::{Context, ensure};
use bellwether::Model;
use bellwether::model::Score;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Refuses a model whose threshold is smaller than the smallest error it can show.
pub(super) fn refuse_copies(model: &Model<'_>) -> anyhow::Result<()> {
    let step = model.output_grid().scale;
    for threshold in model.thresholds() {
        ensure!(
            threshold.score != Score::MaxAbsolute || threshold.value >= step,
            "the threshold of the largest error is {}, below one step of the outputs, {step}: the network copies its \
             {} inputs, or they are more alike than 8 bits show. Take --preset bottleneck, a small --layers or \
             --values 16; single variables are for the default detector of `bellwether run`",
            threshold.value,
            model.feature_count()
        );
    }
    Ok(())
}

impl Args {
    /// The recordings, which have the same columns.
    pub(super) fn tables(&self) -> anyhow::Result<Vec<Table>> {
        let tables = self.recordings.iter();
        let tables = tables.map(|path| self.table(path));
        let tables = tables.collect::<anyhow::Result<Vec<Table>>>()?;
        for (table, path) in tables.iter().zip(&self.recordings) {
            ensure!(
                table.names == tables[0].names,
                "{}: other columns than {}; one model for all needs the same in the same order",
                path.display(),
                self.recordings[0].display()
            );
        }
        Ok(tables)
    }

    /// A recording as a whole, through the front end if there is one.
    fn table(&self, path: &Path) -> anyhow::Result<Table> {
        let mut recording = notes::open(path, &self.reading)?;
        if let Some(front_end) = &self.features {
            recording.through(front_end)?;
        }
        let table = Table::of(&mut recording)?;
        notes::write(&mut io::stderr(), path, &recording.remarks());
        Ok(table)
    }

    /// Fits the network.
    pub(super) fn fit(&self, run: &TrainingRun<'_>) -> anyhow::Result<(FloatNet, Losses)> {
        let inputs = run.columns.count();
        let hidden = if self.layers.is_empty() {
            self.preset.hidden(inputs)
        } else {
            self.layers.clone()
        };
        let settings = Fit {
            penalty: self.l1.unwrap_or(self.preset.penalty(inputs)),
            epochs: self.epochs,
            batch: self.batch,
            rate: self.learning_rate,
            seed: self.seed,
            linear: self.layers.is_empty() && self.preset.is_linear(inputs),
            trim: self.trim,
            hidden,
        };
        let progress = Progress::over(settings.epochs as u64, "epochs");
        let (net, losses) = run.fit(&settings, |_, fit, calibration| {
            progress.set_message(&format!("loss {fit:.5}, later rows {calibration:.5}"));
            progress.step();
        })?;
        progress.finish();
        let mut log = io::stderr();
        if let (Some(fit), Some(calibration)) = (losses.fit.last(), losses.calibration.last()) {
            writeln!(log, "loss {fit:.5}, on later rows {calibration:.5}")?;
        }
        if losses.left_out > 0 {
            let (left_out, rows) = (losses.left_out, run.rows.len());
            writeln!(
                log,
                "{left_out} of {rows} rows left out of the fit for errors far beyond those of the others, at most \
                 a share of {} (--trim)",
                self.trim
            )?;
        }
        Ok((net, losses))
    }

    /// The network in integers, calibrated.
    pub(super) fn model(&self, run: &TrainingRun<'_>, net: &FloatNet) -> anyhow::Result<Stored> {
        let outputs: usize = net.layers.iter().map(FloatLayer::outputs).sum();
        let progress = Progress::over(outputs as u64, "outputs");
        progress.set_message("rounding of weights");
        let calibration = Calibration {
            quantile: self.quantile,
            judged: Score::MaxAbsolute,
            trusted: self.trim == 0.0,
        };
        let settings = self.integers.settings(true);
        let digest = digest(&self.recordings)?;
        let stored = run.model(net, &settings, calibration, digest, &mut || progress.step());
        progress.finish();
        stored
    }

    /// Prints the methods side by side over the test part of each recording.
    pub(super) fn compare(
        &self,
        run: &TrainingRun<'_>,
        test: Option<&Table>,
        net: &FloatNet,
        model: Model<'_>,
    ) -> anyhow::Result<()> {
        for (k, (table, split)) in run.parts.iter().enumerate() {
            let all: Vec<usize>;
            let tested = match test {
                Some(test) => {
                    all = (0..test.len()).collect();
                    Test {
                        table: test,
                        rows: &all,
                    }
                }
                None => Test {
                    table,
                    rows: &split.test,
                },
            };
            if tested.rows.is_empty() || tested.table.labels.is_empty() {
                continue;
            }
            let models = [("integers", model)];
            let evaluation = run.compare(k, &tested, net, &models, self.quantile)?;
            let name = self.recordings[k].display();
            writeln!(io::stdout(), "{name}\n{evaluation}")?;
        }
        Ok(())
    }
}

/// SHA-256 over the recordings' bytes on disk.
fn digest(paths: &[PathBuf]) -> anyhow::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    for path in paths {
        let read = |path: &Path| std::fs::read(path).with_context(|| path.display().to_string());
        digest.update(read(path)?);
    }
    Ok(digest.finalize().into())
}
