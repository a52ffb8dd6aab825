//! The settings of a node.

use super::machine::{FEWEST, Preset};
use crate::detect::FitFile;
use crate::detect::setting::{large_count, real, split, unknown};
use anyhow::{Context, bail, ensure};

pub(super) const KEYS: &str = "\
learn=N               rows in front that it is fitted to, 20 or more (1000; of a file with fewer than 4000 rows a quarter)
preset=NAME           tiny or wide: the lanes of a tiny quartet, or those of wide rows (tiny up to 32 variables)
threshold=X           score above which a row is anomalous (that of the fit)
trim=X                share of held-out rows that a fit leaves out, 0 to 0.5; 0.15 where some are bad: it doubles false alarms of good ones (0)
follow=yes|no         whether limits follow slowly upward (yes)
accept=N              rows of lasting alarms that become a new normal, a hundred beyond the longest fault to be seen, 20 to 4096; 0: never (0)";

/// Rows of a new normal, at most.
pub(super) const KEPT: usize = 4096;

/// The settings of a node.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rows to fit to.
    pub learn: u32,
    preset: Option<Preset>,
    /// `None`: that of the fit.
    pub threshold: Option<f32>,
    /// Share of the held-out rows that a fit leaves out.
    pub trim: f32,
    /// Whether limits follow.
    pub follow: bool,
    /// Rows of a new normal; `None` for never.
    pub accept: Option<u32>,
    is_fitted: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            learn: 1000,
            preset: None,
            threshold: None,
            trim: 0.0,
            follow: true,
            accept: None,
            is_fitted: false,
        }
    }
}

impl Options {
    /// From `KEY=VALUE`.
    ///
    /// # Errors
    /// A key is unknown, or a value is not understood.
    pub fn parse(assignments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        for assignment in assignments {
            let (key, value) = split(assignment, KEYS)?;
            match key {
                "learn" => {
                    options.learn = large_count(key, value)?;
                    ensure!(
                        options.learn >= FEWEST,
                        "learn={value}: expected {FEWEST} rows or more"
                    );
                }
                "preset" => {
                    options.preset = Some(match value {
                        "tiny" => Preset::Tiny,
                        "wide" => Preset::Wide,
                        _ => bail!("preset={value}: expected tiny or wide"),
                    });
                }
                "threshold" => options.threshold = Some(real(key, value)?),
                "trim" => {
                    options.trim = real(key, value)?;
                    ensure!(
                        (0.0..=0.5).contains(&options.trim),
                        "trim={value}: expected 0 to 0.5"
                    );
                }
                "follow" => {
                    options.follow = match value {
                        "yes" => true,
                        "no" => false,
                        _ => bail!("follow={value}: expected yes or no"),
                    };
                }
                "accept" => {
                    let rows = large_count(key, value)?;
                    ensure!(
                        rows == 0 || (FEWEST..=KEPT as u32).contains(&rows),
                        "accept={value}: expected {FEWEST} to {KEPT} rows, or 0 for never"
                    );
                    options.accept = (rows > 0).then_some(rows);
                }
                _ => return Err(unknown(key, KEYS)),
            }
        }
        Ok(options)
    }

    /// The lanes for a number of variables.
    pub fn preset(&self, variables: usize) -> Preset {
        self.preset.unwrap_or_else(|| Preset::of(variables))
    }

    /// Bytes of state on a device: of a new normal those of two models, and of the rows that are kept.
    pub fn state_bytes(&self, variables: usize) -> usize {
        let one = self.preset(variables).state_bytes(variables);
        match self.accept {
            Some(rows) => 2 * one + size_of::<f32>() * variables * rows as usize + 20,
            None => one,
        }
    }

    /// Starts from a fit in place of the leading rows, with its preset.
    ///
    /// # Errors
    /// It is of another preset, or settings of a fit are given beside it.
    pub fn start_from(
        &mut self,
        fit: &FitFile,
        variables: usize,
        assignments: &[String],
    ) -> anyhow::Result<()> {
        let is_of_fit = |text: &&String| text.starts_with("learn=") || text.starts_with("trim=");
        if let Some(given) = assignments.iter().find(is_of_fit) {
            bail!("--set {given} does not apply with --fit: nothing is fitted");
        }
        let is_its = |preset: &Preset| preset.number(variables).ok() == fit.shape();
        let its = [Preset::Tiny, Preset::Wide].into_iter().find(is_its);
        let its = its.context("it is the fit of another detector")?;
        ensure!(
            self.preset.is_none_or(|own| own == its),
            "the fit has preset={}: leave the setting out",
            its.name()
        );
        (self.preset, self.is_fitted) = (Some(its), true);
        Ok(())
    }

    /// The settings as key and value.
    pub fn assignments(&self, variables: usize) -> Vec<(String, String)> {
        let learn = match self.is_fitted {
            true => "from a file".to_owned(),
            false => self.learn.to_string(),
        };
        let threshold = self.threshold.map(|x| x.to_string());
        let pairs = [
            ("learn", learn),
            ("preset", self.preset(variables).name().to_owned()),
            ("threshold", threshold.unwrap_or("of the fit".to_owned())),
        ];
        let mut pairs = pairs.to_vec();
        if self.trim > 0.0 {
            pairs.push(("trim", self.trim.to_string()));
        }
        if !self.follow {
            pairs.push(("follow", "no".to_owned()));
        }
        if let Some(rows) = self.accept {
            pairs.push(("accept", rows.to_string()));
        }
        let pairs = pairs.into_iter();
        pairs.map(|(key, value)| (key.to_owned(), value)).collect()
    }
}
