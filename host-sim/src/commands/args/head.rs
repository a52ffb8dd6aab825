//! Arguments for the way from outputs to scores, assessments and alarms.

use crate::model::Judging;
use anyhow::{Context, bail, ensure};
use bellwether::model::{Head, Score, Threshold};
use bellwether::threshold::ema;
use bellwether::vote::k_of_n;
use std::path::{Path, PathBuf};

/// The way from outputs to scores, assessments and alarms.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Scores and alarms")]
pub struct HeadArgs {
    /// Meaning of the outputs: reconstruction, likelihood (values, then as many logarithms of
    /// variances), distance (a point, see --center), logit (one number, high is anomalous), or
    /// outputs (no scores) [default: as in the file, or reconstruction]
    #[arg(long, value_name = "HEAD", value_parser = head)]
    head: Option<Head>,
    /// A score and its limit, above which an input is anomalous; may be repeated, the first one
    /// exceeded decides. SCORE is mean-absolute, max-absolute or mean-square, or that of the head:
    /// negative-log-likelihood, distance, logit
    #[arg(long, value_name = "SCORE=NUMBER", value_parser = threshold, allow_hyphen_values = true)]
    pub(in crate::commands) threshold: Vec<Threshold>,
    /// Largest accepted number of saturated inputs; more are anomalous [default: any number]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(..65535))]
    pub(in crate::commands) outside: Option<u16>,
    /// Centre for the distance: a number per output, separated by commas or line breaks
    #[arg(long, value_name = "FILE")]
    center: Option<PathBuf>,
    /// Largest logarithm of a variance; a likelihood ignores values of larger variance [default: no
    /// limit]
    #[arg(long, value_name = "LOGVAR", value_parser = certain, allow_hyphen_values = true)]
    certain: Option<f32>,
    /// A threshold that follows the scores; replaces the first threshold's number. A score has
    /// weight 2^-K; the margin is the mean of N scores; up to LATCH consecutive flagged scores are
    /// not learned [default LATCH: 65535, any number]
    #[arg(long, value_name = "K,N[,LATCH]", value_parser = moving)]
    moving: Option<ema::Rules>,
    /// k of n: K anomalous assessments among the last N confirm an alarm
    #[arg(long, value_name = "K/N", value_parser = confirm)]
    confirm: Option<k_of_n::Rules>,
}

impl HeadArgs {
    /// The head of a network; `of_file` is the one stated in its file.
    ///
    /// # Errors
    /// The head does not fit these inputs and outputs, or lacks a requested score.
    pub(in crate::commands) fn head(
        &self,
        of_file: Option<Head>,
        (inputs, outputs): (usize, usize),
        frame: usize,
    ) -> anyhow::Result<Head> {
        let head = self.head.or(of_file).unwrap_or(Head::Reconstruction);
        let values = match head {
            Head::Reconstruction => outputs,
            Head::Likelihood => {
                ensure!(
                    outputs.is_multiple_of(2),
                    "--head likelihood: {outputs} outputs are not as many logarithms as values"
                );
                outputs / 2
            }
            Head::Logit => {
                ensure!(outputs == 1, "--head logit: {outputs} outputs are not one");
                0
            }
            _ => 0,
        };
        ensure!(
            values <= inputs && values.is_multiple_of(frame),
            "{values} outputs do not reconstruct frames of {frame} values; see --head"
        );
        let spelled = head.name();
        ensure!(
            self.center.is_none() || head == Head::Distance,
            "--center is for --head distance, not {spelled}"
        );
        ensure!(
            self.certain.is_none() || head == Head::Likelihood,
            "--certain is for --head likelihood, not {spelled}"
        );
        for threshold in &self.threshold {
            let name = threshold.score.name();
            ensure!(
                head.scores().contains(&threshold.score),
                "--threshold {name}: --head {spelled} has no such score"
            );
        }
        ensure!(
            self.moving.is_none() || !head.scores().is_empty(),
            "--moving: --head {spelled} has no scores"
        );
        Ok(head)
    }

    /// The model's settings for scores and alarms; `scale` is that of the outputs.
    ///
    /// # Errors
    /// The centre cannot be read, or its number of coordinates is not the number of outputs.
    pub(in crate::commands) fn judging(
        &self,
        head: Head,
        outputs: usize,
        scale: f32,
    ) -> anyhow::Result<Judging> {
        let centre = match (&self.center, head) {
            (Some(path), _) => centre(path, outputs)?,
            (None, Head::Distance) => bail!("--head distance needs --center, the point it is from"),
            (None, _) => Vec::new(),
        };
        let certain = self.certain.unwrap_or(f32::INFINITY);
        Ok(Judging {
            variances: (head == Head::Likelihood).then_some((scale, certain)),
            centre,
            confirm: self.confirm,
            moving: self.moving,
            limits: None,
        })
    }
}

/// The score with this name.
pub fn score(name: &str) -> Result<Score, String> {
    let found = Score::ALL.into_iter().find(|score| score.name() == name);
    found.ok_or_else(|| {
        let names = Score::ALL.map(Score::name);
        format!("a score is one of {}", names.join(", "))
    })
}

fn head(name: &str) -> Result<Head, String> {
    let found = Head::ALL.into_iter().find(|head| head.name() == name);
    found.ok_or_else(|| {
        let names = Head::ALL.map(Head::name);
        format!("a head is one of {}", names.join(", "))
    })
}

fn threshold(text: &str) -> Result<Threshold, String> {
    let (name, value) = text.split_once('=').ok_or("SCORE=NUMBER")?;
    let score = score(name)?;
    match value.parse::<f32>() {
        Ok(value) if value.is_finite() && (value >= 0.0 || score.is_signed()) => {
            Ok(Threshold::by_hand(score, value))
        }
        _ => Err(format!("`{value}` is no threshold of {name}")),
    }
}

fn certain(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(log) if !log.is_nan() => Ok(log),
        _ => Err("the logarithm of a variance".to_owned()),
    }
}

fn moving(text: &str) -> Result<ema::Rules, String> {
    let numbers: Vec<&str> = text.split(',').map(str::trim).collect();
    let found = match numbers.as_slice() {
        [k, n] => Some((*k, *n, "65535")),
        [k, n, latch] => Some((*k, *n, *latch)),
        _ => None,
    };
    let parsed = found.and_then(|(k, n, latch)| {
        ema::Rules::new(k.parse().ok()?, n.parse().ok()?, latch.parse().ok()?).ok()
    });
    let most = ema::MOST;
    parsed.ok_or_else(|| format!("K,N or K,N,LATCH: 1 to 15, 1 to {most}, 0 to 65535"))
}

fn confirm(text: &str) -> Result<k_of_n::Rules, String> {
    let parsed = text.split_once('/').and_then(|(k, n)| {
        let (k, n) = (k.trim().parse().ok()?, n.trim().parse().ok()?);
        k_of_n::Rules::new(k, n).ok()
    });
    let most = k_of_n::MOST;
    parsed.ok_or_else(|| format!("K/N: 1 to N of at most {most}"))
}

fn centre(path: &Path, outputs: usize) -> anyhow::Result<Vec<f32>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut all = Vec::new();
    for (k, line) in text.lines().enumerate() {
        let fields = line
            .split([',', ' ', '\t'])
            .filter(|field| !field.is_empty());
        for field in fields {
            match field.parse::<f32>() {
                Ok(number) if number.is_finite() => all.push(number),
                _ => bail!(
                    "{}: line {}: `{field}` is not a finite number",
                    path.display(),
                    k + 1
                ),
            }
        }
    }
    ensure!(
        all.len() == outputs,
        "{}: {} numbers, but the network has {outputs} outputs",
        path.display(),
        all.len()
    );
    Ok(all)
}
