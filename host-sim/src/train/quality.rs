//! The cost of quantisation: a network in f32 beside its integers, over the same rows.

use crate::detect::autoencoder::ModelScorer;
use crate::metrics::auc_roc;
use crate::model::float::FloatNet;
use crate::model::runner::{Runner, scale};
use crate::recording::Table;
use anyhow::ensure;
use bellwether::Model;
use bellwether::model::{Head, Score};
use std::fmt;

/// Differences over all rows, in scaled units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// Windows that were compared.
    pub windows: usize,
    /// Windows with a value farther outside the inputs' grid than ten times its width: no comparison.
    pub left_out: usize,
    /// Of outputs.
    pub outputs: Difference,
    /// Of scores, in the order of the scores that a reconstruction has.
    pub scores: Vec<ScoreQuality>,
}

/// Absolute differences.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Difference {
    /// Largest.
    pub largest: f64,
    /// Mean.
    pub mean: f64,
}

/// One score, both ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreQuality {
    /// The score.
    pub score: Score,
    /// Of its values.
    pub difference: Difference,
    /// Correlation of its values (Pearson); NaN if one of them is constant.
    pub correlation: f64,
    /// Area under the ROC curve in f32 and as integers, where the rows have labels of both kinds.
    pub auc: Option<(f64, f64)>,
}

/// The scores of a reconstruction.
pub const SCORES: [Score; 3] = [Score::MeanAbsolute, Score::MaxAbsolute, Score::MeanSquare];

/// Widths of the inputs' grid beyond which a value is far outside.
const FAR: f32 = 10.0;

/// Runs both over all windows.
///
/// # Errors
/// The frames have no whole window, or the model does not fit the network.
pub fn compare(net: &FloatNet, model: Model<'_>, frames: &Table) -> anyhow::Result<Quality> {
    ensure!(
        (net.inputs, net.outputs()) == (model.inputs(), model.outputs()),
        "the network has {} inputs and {} outputs, the model {} and {}",
        net.inputs,
        net.outputs(),
        model.inputs(),
        model.outputs()
    );
    let mut runner = Runner::new(model)?;
    // Of other heads only the outputs are compared.
    let mut scorer = match model.head() {
        Head::Reconstruction => Some(ModelScorer::new(model)?),
        _ => None,
    };
    let mut outputs = Sum::default();
    let mut pairs: Vec<[(f64, f64); SCORES.len()]> = Vec::new();
    let mut labels = Vec::new();
    let grid = model.input_grid();
    let (low, high) = (grid.real(grid.low()), grid.real(grid.high()));
    let room = FAR * (high - low);
    let mut left_out = 0;
    for (k, window) in frames.windows(model.window()).enumerate() {
        let scaled = scale(&model, window);
        if scaled.iter().any(|x| *x < low - room || *x > high + room) {
            left_out += 1;
            continue;
        }
        let float = net.forward(&scaled);
        let ours = runner.outputs(window);
        for (a, b) in float.iter().zip(&ours) {
            outputs.add(f64::from(*a) - f64::from(*b));
        }
        // Scores of whole windows only: what completes another one is the model's own work.
        if let Some(scorer) = &mut scorer
            && window.iter().all(|x| x.is_finite())
            && scorer.observe(window).score.is_some()
        {
            let scores = scorer.detector().scores();
            let skipped = scaled.len() - float.len();
            let float = reconstruction_scores(&scaled[skipped..], &float);
            let pair = |s: usize| (float[s], f64::from(scores.get(SCORES[s])));
            pairs.push([0, 1, 2].map(pair));
            labels.extend(frames.labels.get(k + model.window() - 1));
        }
    }
    ensure!(outputs.count > 0, "no whole window to compare over");
    let scores = SCORES.iter().enumerate().filter(|_| !pairs.is_empty());
    let scores = scores.map(|(s, score)| {
        let (float, ours): (Vec<f64>, Vec<f64>) = pairs.iter().map(|pair| pair[s]).unzip();
        let mut sum = Sum::default();
        float.iter().zip(&ours).for_each(|(a, b)| sum.add(a - b));
        ScoreQuality {
            score: *score,
            difference: sum.difference(),
            correlation: correlation(&float, &ours),
            auc: auc_roc(&float, &labels).zip(auc_roc(&ours, &labels)),
        }
    });
    Ok(Quality {
        windows: frames.windows(model.window()).count() - left_out,
        left_out,
        outputs: outputs.difference(),
        scores: scores.collect(),
    })
}

/// Mean absolute, largest absolute and mean squared difference.
fn reconstruction_scores(inputs: &[f32], outputs: &[f32]) -> [f64; SCORES.len()] {
    let (mut count, mut sum, mut most, mut squares) = (0_u32, 0.0, 0.0_f64, 0.0);
    for (x, y) in inputs.iter().zip(outputs) {
        let error = (f64::from(*x) - f64::from(*y)).abs();
        count += 1;
        sum += error;
        most = most.max(error);
        squares += error * error;
    }
    let n = f64::from(count.max(1));
    [sum / n, most, squares / n]
}

#[derive(Default)]
struct Sum {
    count: u64,
    sum: f64,
    largest: f64,
}

impl Sum {
    fn add(&mut self, difference: f64) {
        self.count += 1;
        self.sum += difference.abs();
        self.largest = self.largest.max(difference.abs());
    }

    fn difference(&self) -> Difference {
        Difference {
            largest: self.largest,
            mean: self.sum / self.count.max(1) as f64,
        }
    }
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    ab / (aa * bb).sqrt()
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "f32 against integers over {} windows:", self.windows)?;
        if self.left_out > 0 {
            writeln!(f, "  {} far outside the range left out", self.left_out)?;
        }
        writeln!(f, "  outputs         {}", self.outputs)?;
        for score in &self.scores {
            let name = score.score.name();
            write!(f, "  {name:<15} {}", score.difference)?;
            write!(f, ", correlation {:.6}", score.correlation)?;
            if let Some((float, ours)) = score.auc {
                write!(f, ", AUC {float:.4} > {ours:.4}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { largest, mean } = self;
        write!(f, "largest difference {largest:.6}, mean {mean:.6}")
    }
}
